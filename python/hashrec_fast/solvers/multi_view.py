# SPDX-License-Identifier: Apache-2.0
"""Maps of low rank from views of features to real vectors, and the weights of the views."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DIRECT = 1500  # up to so many features the normal equations are solved by eigenvectors
STEPS = 30  # of conjugate gradients beyond


class ViewMap:
    """Map ``W = argmin ||H - X W||^2 + r ||W||^2 + penalty ||W V||^2`` of one view.

    ``V`` spans the weak directions of the last map: the smallest eigenvalues of ``W'W``. Its
    projection has eigenvalues 0 and 1, so the Sylvester equation of the paper is two ridge
    regressions with different ridges.
    """

    def __init__(self, features: sp.csr_matrix, n_bits: int, ridge: float) -> None:
        self._x = features
        n_features = features.shape[1]
        self.weights: Floats = np.zeros((n_features, n_bits))
        squares = np.asarray(features.multiply(features).sum(axis=0)).ravel()
        self._ridge = max(ridge * float(squares.mean()), 1e-12)
        self._values: Floats | None = None
        if n_features <= DIRECT:
            self._values, self._vectors = np.linalg.eigh((features.T @ features).toarray())

    def solve(self, h: Floats, penalty: float, rank: int) -> None:
        """Fit to ``h`` (n, n_bits); directions beyond ``rank`` pay ``penalty``."""
        right = np.asarray(self._x.T @ h)
        strong = self._regress(right, self._ridge)
        if penalty > 0 and rank < h.shape[1]:
            _, directions = np.linalg.eigh(self.weights.T @ self.weights)
            weak = directions[:, : h.shape[1] - rank]
            strong = strong - (strong @ weak) @ weak.T
            strong += self._regress(right @ weak, self._ridge + penalty) @ weak.T
        self.weights = strong

    def predict(self) -> Floats:
        """Predictions ``X W`` for the rows it was fitted to."""
        return np.asarray(self._x @ self.weights)

    def _regress(self, right: Floats, ridge: float) -> Floats:
        """``(X'X + ridge)^-1 right``."""
        if self._values is not None:
            scaled = (self._vectors.T @ right) / (np.maximum(self._values, 0) + ridge)[:, None]
            return np.asarray(self._vectors @ scaled)
        return self._conjugate_gradients(right, ridge)

    def _conjugate_gradients(self, right: Floats, ridge: float) -> Floats:
        """All columns at once, one step length each; from zero, so the last map has no say."""
        w, r = np.zeros_like(right), right.copy()
        p, rs = r.copy(), (r * r).sum(axis=0)
        floor = 1e-12 * rs + 1e-300
        for _ in range(STEPS):
            if (rs <= floor).all():
                break
            ap = np.asarray(self._x.T @ (self._x @ p)) + ridge * p
            step = np.where(rs > floor, rs / np.maximum((p * ap).sum(axis=0), 1e-300), 0.0)
            w, r = w + step * p, r - step * ap
            new = (r * r).sum(axis=0)
            p, rs = r + np.where(rs > floor, new / np.maximum(rs, 1e-300), 0.0) * p, new
        return w


class Views:
    """All views of one side; ``term`` is a MultiView part."""

    def __init__(self, features: tuple[sp.csr_matrix, ...], n_bits: int, term: Any) -> None:
        self._maps = [ViewMap(view, n_bits, term.ridge) for view in features]
        self._weight, self._low_rank = term.weight, term.low_rank
        self._rank = max(1, round(term.rank_share * n_bits))
        self.shares: Floats = np.full(len(features), 1 / max(1, len(features)))

    def solve(self, h: Floats, rate: float) -> None:
        """Maps and shares for the vectors ``h``, moved by ``rate`` of the way."""
        for view, share in zip(self._maps, self.shares, strict=True):
            before = view.weights
            view.solve(h, self._low_rank * share / max(self._weight, 1e-12), self._rank)
            view.weights = (1 - rate) * before + rate * view.weights
        gaps = [float(np.linalg.norm(h - view.predict())) for view in self._maps]
        self.shares = shares_of(np.array(gaps)[:, None])[:, 0]

    def pull(self) -> tuple[float, Floats]:
        """Sum of the weights ``weight / mu_v`` and the weighted sum of the predictions."""
        weights = self._weight / self.shares
        predictions = [w * view.predict() for w, view in zip(weights, self._maps, strict=True)]
        return float(weights.sum()), np.asarray(sum(predictions))

    def value(self, h: Floats) -> float:
        """The residuals' part of the objective."""
        gaps = [float(((h - view.predict()) ** 2).sum()) for view in self._maps]
        return float((self._weight / self.shares * gaps).sum())

    def export(self, side: str) -> dict[str, NDArray[Any]]:
        """The maps, by which rows never seen are encoded."""
        return {f"{side}_map_{i}": view.weights for i, view in enumerate(self._maps)}


def shares_of(gaps: Floats) -> Floats:
    """Residual norms (n_views, n) to shares that sum to one, none of them zero."""
    gaps = gaps + 1e-6 * gaps.max(axis=0) + 1e-12
    return np.asarray(gaps / gaps.sum(axis=0))


def encode_views(
    features: tuple[sp.csr_matrix, ...], maps: list[Floats], rotation: Floats, rounds: int = 3
) -> Floats:
    """Real values of new rows, float64 (n, n_bits); their signs are the codes.

    The vector of a row is the mean of what its views predict, weighted by one over each view's
    share of this row's residuals, which are estimated a few times in turn.
    """
    predictions = np.stack([np.asarray(x @ w) for x, w in zip(features, maps, strict=True)])
    h = predictions.mean(axis=0)
    for _ in range(rounds):
        weights = 1 / shares_of(np.linalg.norm(predictions - h, axis=2))
        h = (weights[:, :, None] * predictions).sum(axis=0) / weights.sum(axis=0)[:, None]
    return np.asarray(h @ rotation.T)
