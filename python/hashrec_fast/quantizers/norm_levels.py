# SPDX-License-Identifier: Apache-2.0
"""Directions by signs and item norms by a thermometer (NQ)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.quantizers.base import Quantizer, State, times
from hashrec_fast.quantizers.rotation import Matrix, equal_norms, item_weight, learn_rotation
from hashrec_fast.ranges import Count, ZeroOrMore


@dataclass(frozen=True, kw_only=True)
class NormLevels(Quantizer):
    """Signs of the rotated direction, and the item norm in ``2^t`` levels.

    Level ``l`` of an item sets the first ``l`` of ``2^t - 1`` bits; users have them all set, so
    the score gains ``2 l`` and a constant. ``t`` is known only after the fit, hence the factors
    have ``n_bits`` columns and the norm bits take the place of the weakest common directions.

    Attributes
    ----------
    most : int
        Largest ``t`` tried; that of the least squared error between scores and inner products
        (after the best linear map, over ``pairs`` random pairs) is taken.
    pairs : int
        Random pairs by which ``t`` is chosen.
    rounds : int
        Most rotations of the directions; see :class:`ITQ`.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.quantizers import NormLevels
    >>> rng = np.random.default_rng(0)
    >>> item = rng.standard_normal((50, 16)) * rng.uniform(0.1, 3, (50, 1))
    >>> state = NormLevels().fit(rng.standard_normal((40, 16)), item, rng)
    >>> NormLevels().signs(item, "item", state).shape
    (50, 16)
    """

    most: ZeroOrMore = 3
    pairs: Count = 20000
    rounds: Count = 50

    def fit(
        self, user: NDArray[Any], item: NDArray[Any], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """Projections (d, d - 2^t + 1), scales (d,), norm edges (2^t - 1,), error by ``t``."""
        user, item = user.astype(np.float64), item.astype(np.float64)
        scales = equal_norms(user, item)
        user, item = user * scales[0], item * scales[1]
        gram = user.T @ user + item_weight(len(user), len(item)) * (item.T @ item)
        directions = np.linalg.eigh(gram)[1][:, ::-1]  # strongest first
        left = rng.integers(0, len(user), self.pairs)
        right = rng.integers(0, len(item), self.pairs)
        wanted = (user[left] * item[right]).sum(axis=1)
        best: dict[str, NDArray[Any]] = {}
        errors: list[float] = []
        for t in range(self.most + 1):
            if t > 0 and 2**t > user.shape[1]:
                break
            tried = self._levels(user, item, directions, t)
            tried |= {"user_scale": scales[0], "item_scale": scales[1]}
            codes = [
                np.where(self._signs(x, side, tried), 1.0, -1.0)
                for x, side in ((user, "user"), (item, "item"))
            ]
            scores = (codes[0][left] * codes[1][right]).sum(axis=1)
            errors.append(_error(wanted, scores))
            if errors[-1] == min(errors):
                best = tried
        return best | {"error": np.array(errors)}

    def _levels(self, user: Matrix, item: Matrix, directions: Matrix, t: int) -> dict[str, Any]:
        kept = directions[:, : user.shape[1] - (2**t - 1)]
        rotation, _ = learn_rotation(
            _unit(user @ kept), _unit(item @ kept), _zeros, rounds=self.rounds
        )
        lengths = np.linalg.norm(item, axis=1)
        edges = np.linspace(lengths.min(), lengths.max(), 2**t + 1)[1:-1]
        return {"projection": kept @ rotation, "edges": edges}

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs; see :meth:`Quantizer.signs`."""
        return self._signs(real.astype(np.float64) * state[f"{side}_scale"], side, state)

    def _signs(self, scaled: Matrix, side: str, state: State) -> NDArray[np.bool_]:
        direction = times(scaled, state["projection"]) >= 0
        lengths = np.sqrt((scaled**2).sum(axis=1))
        levels = (lengths[:, None] > state["edges"]) | (side == "user")
        return np.column_stack([direction, levels])


def _zeros(rows: Matrix) -> Matrix:
    return np.zeros(rows.shape[1])


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def _error(wanted: Matrix, scores: Matrix) -> float:
    """Mean squared error of the best ``a + c scores``."""
    x, y = scores - scores.mean(), wanted - wanted.mean()
    spread = float(x @ x)
    slope = float(x @ y) / spread if spread > 0 else 0.0
    return float(((y - slope * x) ** 2).mean())
