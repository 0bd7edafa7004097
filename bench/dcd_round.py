# SPDX-License-Identifier: Apache-2.0
"""One round of ``dcf``'s discrete coordinate descent, by the compiled passes and by their twin."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

import hashrec_fast as hf
from hashrec_fast.solvers.data_terms.observed_pairs import ObservedPairs
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.delegates import Delegate, make_delegate
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import reference_solvers

ALPHA = 0.1  # weight of both delegates, as the recipe has it
SWEEPS = 5
TWIN_ROWS = 60  # rows of each side that the twin passes over

States = tuple[SignState, SignState]


@dataclass
class Round:
    """Training data and the codes before the round.

    ``settled`` rounds have been made already: a fit's first round changes most bits, its last ones
    hardly any.
    """

    train: sp.csr_matrix
    n_bits: int
    settled: int = 0

    def __post_init__(self) -> None:
        targets = RatingScale.of(self.train).targets(self.train, self.n_bits)
        self.problem = ObservedPairs(self.train, targets, self.n_bits)
        self.rng = np.random.default_rng(0)
        n_users, n_items = self.train.shape
        self.start: States = (
            SignState.random(n_users, self.n_bits, self.rng),
            SignState.random(n_items, self.n_bits, self.rng),
        )
        for _ in range(self.settled):
            self.start = self.run(2)

    def delegates(self, states: States) -> tuple[Delegate, Delegate]:
        """Those of both sides."""
        return make_delegate(states[0], self.rng), make_delegate(states[1], self.rng)

    def run(self, num_threads: int) -> States:
        """Delegates, user pass, item pass; the start is kept."""
        users, items = (SignState(state.values.copy(), self.n_bits) for state in self.start)
        x, y = self.delegates(self.start)
        step = {"sweeps": SWEEPS, "num_threads": num_threads}
        self.problem.half(users, items, self.problem.by_user, x.linear(ALPHA), **step)
        self.problem.half(items, users, self.problem.by_item, y.linear(ALPHA), **step)
        return users, items

    def twin(self) -> tuple[float, States, tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Seconds of a whole round by the twin, its codes, and the rows it passed over.

        The twin passes over every n-th row; its time is multiplied by n, so the figure is an
        extrapolation. Its item rows see the compiled user pass.
        """
        after = self.run(1)
        x, y = self.delegates(self.start)
        seconds, found, rows = 0.0, [], []
        for side, other, entries, pull in (
            (self.start[0], self.start[1], self.problem.by_user, x),
            (self.start[1], after[0], self.problem.by_item, y),
        ):
            every = max(1, len(side.values) // TWIN_ROWS)
            visited = np.arange(0, len(side.values), every, dtype=np.int32)
            own = SignState(side.values.copy(), self.n_bits)
            pulled, matrix, mean = pull.linear(ALPHA).parts()
            begin = time.thread_time()
            reference_solvers.row_pass(
                own.values,
                self.n_bits,
                other.values,
                entries.indptr,
                entries.indices,
                None,
                entries.linear,
                rows=visited,
                sweeps=SWEEPS,
                row_linear=pulled,
                delegate_matrix=matrix,
                delegate_mean=mean,
            )
            seconds += (time.thread_time() - begin) * len(side.values) / len(visited)
            found.append(own)
            rows.append(visited)
        return seconds, (found[0], found[1]), (rows[0], rows[1])

    def check(self, states: States) -> None:
        """The twin's codes in its rows, and a lower objective than before."""
        _, expected, rows = self.twin()
        for state, twin, visited in zip(states, expected, rows, strict=True):
            np.testing.assert_array_equal(state.values[visited], twin.values[visited])
        assert self.objective(states) <= self.objective(self.start)

    def objective(self, states: States) -> float:
        """Squared error and delegates."""
        pulls = sum(delegate.trace for delegate in self.delegates(states))
        loss = self.problem.loss(states[0].codes(), states[1].codes())
        return loss - 2 * ALPHA * pulls


def training_data(name: str) -> sp.csr_matrix:
    """The training part of a data set; ``"generated"`` needs no files."""
    if name == "generated":
        dataset = hf.data.generate(n_users=3000, n_items=2000, random_state=0)
    else:
        dataset = hf.data.load(name)
    train, _, _ = hf.data.split(dataset, "random", (0.8, 0.1, 0.1), random_state=0)
    return train if sp.issparse(train) else train.user_items


def implicit_iteration(train: sp.csr_matrix, n_factors: int, threads: int) -> Callable[[], float]:
    """A function that times an iteration of implicit's ALS: a fit of six less one of one."""
    import implicit

    data = train.astype(np.float32)

    def fit(iterations: int) -> float:
        als: Any = implicit.als.AlternatingLeastSquares(
            factors=n_factors, iterations=iterations, num_threads=threads, random_state=0
        )
        begin = time.process_time() if threads == 1 else time.perf_counter()
        als.fit(data, show_progress=False)
        end = time.process_time() if threads == 1 else time.perf_counter()
        return end - begin

    return lambda: (fit(6) - fit(1)) / 5
