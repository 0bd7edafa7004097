# SPDX-License-Identifier: Apache-2.0
"""Iterative quantisation of both sides by one rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.quantizers.base import Quantizer, State, times
from hashrec_fast.quantizers.median import medians
from hashrec_fast.quantizers.rotation import equal_norms, learn_rotation
from hashrec_fast.ranges import Count


@dataclass(frozen=True, kw_only=True)
class ITQ(Quantizer):
    """Medians after the rotation that brings both sides nearest to codes.

    Users and items share the rotation, so ``<p R, q R> = <p, q>``; with a rotation each, the codes
    would say nothing about each other. Columns get equal norms first. The loss of the items
    weighs ``n_users / n_items`` where there are more users.

    Attributes
    ----------
    rounds : int
        Most rotations; it ends earlier when the objective falls no more.

    References
    ----------
    Y. Gong and S. Lazebnik, "Iterative quantization", CVPR 2011; for two sides K. Zhou and
    H. Zha, "Learning binary codes for collaborative filtering", KDD 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.quantizers import ITQ
    >>> user, item = np.random.default_rng(0).standard_normal((2, 30, 4))
    >>> state = ITQ().fit(user, item, np.random.default_rng(0))
    >>> ITQ().signs(user, "user", state).sum(axis=0)
    array([15, 15, 15, 15])
    """

    rounds: Count = 50

    def fit(
        self, user: NDArray[Any], item: NDArray[Any], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """Scaled rotations (d, d) and medians (d,) of both sides, and the objective by round."""
        del rng
        user, item = user.astype(np.float64), item.astype(np.float64)
        scales = equal_norms(user, item)
        rotation, objective = learn_rotation(
            user * scales[0], item * scales[1], medians, rounds=self.rounds
        )
        state = {"objective": objective}
        for side, rows, scale in zip(("user", "item"), (user, item), scales, strict=True):
            state[f"{side}_rotation"] = scale[:, None] * rotation
            state[f"{side}_median"] = medians(times(rows, state[f"{side}_rotation"]))
        return state

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs; see :meth:`Quantizer.signs`."""
        return np.asarray(times(real, state[f"{side}_rotation"]) > state[f"{side}_median"])
