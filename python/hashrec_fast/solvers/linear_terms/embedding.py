# SPDX-License-Identifier: Apache-2.0
"""User codes drawn to a network embedding that is learnt alongside (SDSR).

Adds ``weight |B - E|^2`` and the skip-gram loss of ``E`` with negative sampling over meetings on
random walks. Meetings and negatives are drawn once, so the objective is one function throughout
and every update lowers it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.linear_terms.walks import meetings, strangers

Floats = NDArray[np.float64]
CHUNK = 1 << 17  # pairs whose rows are gathered at a time


class SkipGram:
    """Skip-gram loss ``-sum n+ log sigma(e'c) - sum n- log sigma(-e'c) + ridge |C|^2`` over users.

    Parameters
    ----------
    met, apart : csr_matrix (n, n)
        How often pairs met, and how often they were drawn as negatives.
    n_factors : int
    """

    def __init__(
        self, met: sp.csr_matrix, apart: sp.csr_matrix, n_factors: int, rng: np.random.Generator
    ) -> None:
        self._pattern = sp.csr_matrix(met + apart)
        self._pattern.sort_indices()
        rows = np.repeat(np.arange(met.shape[0]), np.diff(self._pattern.indptr))
        self._rows, self._columns = rows, self._pattern.indices
        # a pair is never in both, so that its label is a function of the pair
        self._label = np.sign(sp.csr_matrix(self._pattern - 2 * apart).data)
        self._count = self._pattern.data
        self.ridge: float = 1.0
        self.context: Floats = rng.standard_normal((met.shape[0], n_factors)) / n_factors

    def loss(self, e: Floats) -> float:
        """Value at embeddings ``e`` (n, n_factors)."""
        margins = self._label * self._products(e)
        loss = float((self._count * np.logaddexp(0.0, -margins)).sum())
        norm = float((self.context**2).sum())
        return loss + float(self.ridge) * norm

    def descend(self, e: Floats, pull: float, target: Floats) -> Floats:
        """Take a step of the contexts, then one of ``e``; lowers loss + ``pull |e - target|^2``.

        Step lengths come from the bound 1/4 on the curvature of the logistic loss.
        """
        zero = np.zeros_like(self.context)
        self.context = self._step(self.context, e, self.ridge, zero, transposed=True)
        return self._step(e, self.context, pull, target, transposed=False)

    def _step(
        self, own: Floats, other: Floats, pull: float, target: Floats, *, transposed: bool
    ) -> Floats:
        e = other if transposed else own
        margins = self._label * self._products(e)
        slope = -self._label * self._count / (1 + np.exp(np.clip(margins, -500, 500)))
        parts = (self._pattern.indices, self._pattern.indptr)
        gradient = sp.csr_matrix((slope, *parts), shape=self._pattern.shape)
        counts = sp.csr_matrix((self._count, *parts), shape=self._pattern.shape)
        if transposed:
            gradient, counts = gradient.T, counts.T
        curvature = 0.25 * (counts @ (other**2).sum(axis=1)) + 2 * pull + 1e-12
        full = gradient @ other + 2 * pull * (own - target)
        stepped: Floats = own - full / curvature[:, None]
        return stepped

    def _products(self, e: Floats) -> Floats:
        found = np.empty(len(self._rows))
        for first in range(0, len(found), CHUNK):
            part = slice(first, first + CHUNK)
            left, right = e[self._rows[part]], self.context[self._columns[part]]
            found[part] = np.einsum("pk,pk->p", left, right)
        return found


class EmbeddingLinearTerm:
    """Linear term of ``weight |B - E|^2 + strength * skip-gram(E)`` over users that have links."""

    def __init__(
        self,
        term: Any,
        states: States,
        social: sp.csr_matrix,
        rng: np.random.Generator,
    ) -> None:
        self.side, self._term = "user", term
        met = meetings(social, walks=term.walks, length=term.length, window=term.window, rng=rng)
        apart = strangers(met, term.negatives, rng)
        self._linked = np.diff(met.indptr) > 0
        self._skip_gram = SkipGram(met, apart, states["user"].n_bits, rng)
        self.embedding = self._signs(states)
        self.update(states)

    def linear(self, states: States) -> RowLinear:
        """Rows ``weight e_u``; zeros for users without links."""
        state = states[self.side]
        rows = np.zeros(state.values.shape)
        rows[:, : state.n_bits] = self._term.weight * self.embedding
        return RowLinear(rows)

    def update(self, states: States) -> None:
        """Take some descent steps on the embedding, which is drawn to the present codes."""
        signs = self._signs(states)
        for _ in range(self._term.steps):
            pull = self._term.weight / self._term.strength
            self.embedding = self._skip_gram.descend(self.embedding, pull, signs)

    def value(self, states: States) -> float:
        """The penalty and the skip-gram loss."""
        gap = float(((self._signs(states) - self.embedding) ** 2).sum())
        graph = self._skip_gram.loss(self.embedding)
        return float(self._term.weight * gap + self._term.strength * graph)

    def export(self) -> dict[str, NDArray[Any]]:
        """No arrays: new users have no walks."""
        return {}

    def _signs(self, states: States) -> Floats:
        """Codes of users with links, zero rows for the others."""
        state = states[self.side]
        return np.asarray(state.real()[:, : state.n_bits] * self._linked[:, None])
