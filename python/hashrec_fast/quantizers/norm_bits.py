# SPDX-License-Identifier: Apache-2.0
"""Signs and two bits for the norm of the items (PPH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.quantizers.base import Quantizer, State


@dataclass(frozen=True, kw_only=True)
class NormBits(Quantizer):
    """Signs, and then two bits that say whether an item is short, ordinary or long.

    Items whose squared norm is less than mean - std have ``(-1, -1)``, those above mean + std
    ``(+1, +1)``, the others ``(-1, +1)``; users have ``(+1, +1)``. So the score gains -2, +2 or 0.
    The two bits are part of ``n_bits``. A code of two bits has one sign and the first norm bit,
    a code of one bit is a sign.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.quantizers import NormBits
    >>> item = np.array([[0.1], [1.0], [1.0], [2.0]])
    >>> state = NormBits().fit(item, item, np.random.default_rng(0))
    >>> NormBits().signs(item, "item", state)[:, 1:].sum(axis=1)
    array([1, 1, 1, 2])
    """

    def extra_bits(self, n_bits: int) -> int:
        """Two, as long as a sign is left."""
        return min(2, n_bits - 1)

    def fit(
        self, user: NDArray[Any], item: NDArray[Any], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """Squared norms between which an item is ordinary, float64 (2,)."""
        del user, rng
        lengths = _squared_norms(item)
        mean, std = float(lengths.mean()), float(lengths.std())
        return {"ordinary": np.array([mean - std, mean + std])}

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs; see :meth:`Quantizer.signs`."""
        low, high = state["ordinary"]
        lengths = _squared_norms(real)
        users = np.full(len(real), side == "user")
        return np.column_stack([real >= 0, users | (lengths > high), users | (lengths >= low)])


def _squared_norms(rows: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray((rows.astype(np.float64) ** 2).sum(axis=1))
