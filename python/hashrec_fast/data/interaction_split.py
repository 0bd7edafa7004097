# SPDX-License-Identifier: Apache-2.0
"""Splitter of interactions for scikit-learn's searches and cross-validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_random_state
from hashrec_fast.data.event_rows import EventRows
from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import Count, Interval, ZeroOrMore

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class InteractionSplit:
    """Random splits that hold out a share of every user's interactions.

    For ``cv`` of scikit-learn's ``GridSearchCV``, ``RandomizedSearchCV`` and ``cross_validate``,
    over :class:`hashrec_fast.data.EventRows`. Of a user's n interactions ``n * test_share`` are
    held out, rounded up or down at random so that the share is right in the mean; each user keeps
    at least one. Splits are drawn independently.

    Attributes
    ----------
    n_splits : int
        Number of splits.
    test_share : float
        Share of the interactions held out, above 0 and below 1.
    random_state : int, numpy.random.Generator or None
        Seed; an integer draws the same splits in every call.

    Raises
    ------
    TypeError, ValueError
        For a setting of another type or out of range.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> rows = EventRows(sp.csr_matrix(np.ones((4, 5))))
    >>> for train, test in InteractionSplit(n_splits=2).split(rows):
    ...     print(len(train), np.bincount(rows[test].users).tolist())
    16 [1, 1, 1, 1]
    16 [1, 1, 1, 1]
    """

    n_splits: Count = 3
    _: KW_ONLY
    test_share: Annotated[float, Interval(low=0, high=1, low_open=True, high_open=True)] = 0.2
    random_state: ZeroOrMore | np.random.Generator | None = 0

    def __post_init__(self) -> None:
        check_fields(self)

    def split(
        self,
        X: EventRows,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        groups: object = None,  # noqa: ARG002
    ) -> Iterator[tuple[Indices, Indices]]:
        """Row numbers of training and held-out interactions, for each split.

        Parameters
        ----------
        X : EventRows
        y, groups : ignored

        Raises
        ------
        TypeError
            For a matrix or data set as it is, in which rows would be users.
        ValueError
            Where nothing could be held out.
        """
        if not isinstance(X, EventRows):
            raise TypeError(
                "InteractionSplit splits hf.data.EventRows(user_items), whose rows are "
                f"interactions, got {type(X).__name__}"
            )
        rng, users = check_random_state(self.random_state), X.users
        counts = np.bincount(users)
        for _ in range(self.n_splits):
            # rounded before the draw, so that 5 * 0.2 is one and never more
            wanted = np.floor(np.round(counts * self.test_share, 9) + rng.random(len(counts)))
            n_test = np.minimum(wanted, counts - 1)
            held_out = _places(users, counts, rng) < n_test[users]
            if not held_out.any():
                raise ValueError(
                    f"no interaction was held out: each user keeps one, and {self.test_share:g} "
                    f"of the rest of {len(X)} came to none"
                )
            yield np.flatnonzero(~held_out), np.flatnonzero(held_out)

    def get_n_splits(
        self,
        X: object = None,  # noqa: ARG002 - scikit-learn's signature
        y: object = None,  # noqa: ARG002
        groups: object = None,  # noqa: ARG002
    ) -> int:
        """Number of splits; what is given does not matter."""
        return self.n_splits


def _places(users: Indices, counts: Indices, rng: np.random.Generator) -> Indices:
    """Place of each row among those of its user, in random order."""
    order = np.lexsort((rng.random(len(users)), users))
    first = np.cumsum(counts) - counts
    places = np.empty(len(users), np.int64)
    places[order] = np.arange(len(users)) - first[users[order]]
    return places
