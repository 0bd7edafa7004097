# SPDX-License-Identifier: Apache-2.0
"""Codes to start from: signs of the real-valued solution, or random signs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.factors import RidgePass, ridge_pass
from hashrec_fast.kernels.row_terms import EntryLists
from hashrec_fast.solvers.factors import padded_factors
from hashrec_fast.solvers.state import SignState


def random_states(rows: dict[str, int], n_bits: int, rng: np.random.Generator) -> States:
    """Random signs for every side."""
    return {side: SignState.random(n, n_bits, rng) for side, n in rows.items()}


def relaxed_states(
    by_side: tuple[EntryLists, EntryLists],
    weights: tuple[float, float],
    n_bits: int,
    rng: np.random.Generator,
    *,
    rounds: int,
    threads: int,
    rest_weight: float = 0.0,
) -> States:
    """Signs of real user and item vectors that minimise the same objective.

    Ridge weight of row u is ``weight |O_u|`` as in the authors' code of DCF, at least 1e-3, and
    the vectors are pulled by ``weight`` times their own delegate. ``rest_weight`` adds
    ``rest_weight * s^2`` for every unobserved pair; quadratic weights of the entries, where there
    are any, have it taken off.
    """
    width = padded_factors(n_bits)

    def begin(n: int) -> NDArray[np.float32]:
        x = np.zeros((n, width), dtype=np.float32)
        x[:, :n_bits] = rng.random((n, n_bits), dtype=np.float32)
        return x

    factors = [begin(len(entries.indptr) - 1) for entries in by_side]
    unit = rest_weight if rest_weight > 0 else 1.0  # the compiled pass gives other pairs weight 1
    for _ in range(rounds):
        for own, (entries, weight) in enumerate(zip(by_side, weights, strict=True)):
            lengths = np.diff(entries.indptr).astype(np.float32)
            pull = real_delegate(factors[own], n_bits, weight)
            step = RidgePass(
                entries=entries.lists,
                with_gram=rest_weight > 0,
                quad=(1.0 - rest_weight) / unit
                if entries.quad is None
                else (entries.quad / unit).astype(np.float32),
                lin=(entries.linear / unit).astype(np.float32),
                row_reg=np.maximum(np.float32(weight) * lengths, np.float32(1e-3)) / unit,
                row_linear=None if pull is None else pull / np.float32(unit),
                steps=min(n_bits, 10),
                num_threads=threads,
            )
            ridge_pass(factors[own], factors[1 - own], step)
    signs = [SignState.from_signs(x[:, :n_bits]) for x in factors]
    return dict(zip(("user", "item"), signs, strict=True))


def real_delegate(x: NDArray[np.float32], f: int, weight: float) -> NDArray[np.float32] | None:
    """Delegate of a real matrix times ``weight``; empty directions stay zero."""
    if weight == 0 or len(x) <= f:
        return None
    centred = (x[:, :f] - x[:, :f].mean(axis=0)).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    keep = values > 1e-8 * max(1.0, float(values[-1]))
    root = (vectors[:, keep] / np.sqrt(values[keep])) @ vectors[:, keep].T
    out = np.zeros_like(x)
    out[:, :f] = weight * np.sqrt(len(x)) * (centred @ root)
    return out
