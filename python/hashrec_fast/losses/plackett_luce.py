# SPDX-License-Identifier: Apache-2.0
"""Plackett-Luce likelihood of ranked lists (survey eqs. 23-25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class PlackettLuce(Loss):
    """``-log`` likelihood of each user's items in the order of their ratings.

    Items of equal rating are put in a new random order in every round (the stochastic queue).
    Where all ratings are equal, unobserved items are drawn as the tail of the lists.

    Attributes
    ----------
    sharpness : float
        Scores are ``sharpness / f * b'd``.
    list_length : int
        A user's list is dealt into lists of about this length, each with the same mix of ratings;
        a part of a list follows the same model. 0 keeps lists whole, but the bound of a long
        list is so steep that no bit flips.
    negatives : float
        Unobserved items drawn per positive in each round, where all ratings are equal.
    """

    samples: ClassVar[str] = "listwise"
    majorised: ClassVar[bool] = True
    sharpness: float = 1.5
    list_length: int = 5
    negatives: float = 4.0
