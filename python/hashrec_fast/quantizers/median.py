# SPDX-License-Identifier: Apache-2.0
"""Signs against the medians of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.quantizers.base import Quantizer, State


@dataclass(frozen=True, kw_only=True)
class Median(Quantizer):
    """Signs ``+1`` where ``x`` is above the median of its column and side (survey eqs. 29-30).

    Half of the training rows have each bit set, up to one row and to ties, which become ``-1``.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.quantizers import Median
    >>> real = np.array([[1.0], [2.0], [5.0]])
    >>> state = Median().fit(real, real, np.random.default_rng(0))
    >>> Median().signs(real, "user", state).ravel()
    array([False, False,  True])
    """

    def fit(
        self, user: NDArray[Any], item: NDArray[Any], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """The medians, float64 (d,) for each side."""
        del rng
        return {"user_median": medians(user), "item_median": medians(item)}

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs; see :meth:`Quantizer.signs`."""
        return np.asarray(real > state[f"{side}_median"])


def medians(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Median of each column in doubles, where the mean of two float32 values is exact."""
    return np.asarray(np.median(rows.astype(np.float64), axis=0))
