# SPDX-License-Identifier: Apache-2.0
"""Table that every ranking metric is computed from, and the handling of tied scores in it.

A tie group is a set of candidates of one user with equal scores. If ``better`` candidates stand
above a group of ``size`` candidates, the group fills the ranks ``better + 1 .. better + size``, and
under a uniformly random order of ties the user's own targets in it hold a uniformly random subset
of those ranks. Groups of one user fill disjoint ranks, so one group's order never moves another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int

Ties = Literal["expected", "first", "last"]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TieGroups:
    """Tie groups that hold at least one target, ordered by (user, better); arrays (n_groups,)."""

    user: Ints
    better: Ints
    """Candidates above the group."""
    size: Ints
    """Candidates in the group, targets included."""
    n_own: Ints
    """The user's targets in the group."""
    n_ahead: Ints
    """The user's targets above the group."""
    of_row: Ints
    """Shape (n_rows,): the group of each row of the table."""
    first_of_user: Ints
    """Shape (n_users,): the group of each user's best target."""


@dataclass(frozen=True)
class RankTable:
    """Rank counts of held-out items, one row per target; build it with :meth:`from_counts`.

    Attributes
    ----------
    user : ndarray of int64, shape (n_rows,)
        User of the target, 0 .. n_users - 1, ascending; every user has a row.
    better : ndarray of int64, shape (n_rows,)
        Candidates that score strictly higher; ascending for each user.
    tied : ndarray of int64, shape (n_rows,)
        Other candidates of equal score, the user's own targets included.
    gain : ndarray of float64, shape (n_rows,)
        Gain of the target, used by NDCG only; ties of one user descend in it.
    n_candidates : ndarray of int64, shape (n_users,)
        Length of each user's ranking.
    """

    user: Ints
    better: Ints
    tied: Ints
    gain: Floats
    n_candidates: Ints

    @classmethod
    def from_counts(
        cls,
        user: ArrayLike,
        better: ArrayLike,
        tied: ArrayLike,
        n_candidates: ArrayLike,
        gain: ArrayLike | None = None,
    ) -> RankTable:
        """Sort the rows into tie groups and check them.

        Parameters
        ----------
        user, better, tied : array_like of int, shape (n_rows,)
            As in the attributes, in any order of rows.
        n_candidates : array_like of int, shape (n_users,)
            Length of each user's ranking.
        gain : array_like of float, shape (n_rows,), optional
            Gain of each target, 1 by default.

        Raises
        ------
        ValueError
            If shapes differ, a user has no row, or a rank falls outside ``n_candidates``.

        Examples
        --------
        >>> table = RankTable.from_counts([0, 0], better=[3, 0], tied=[0, 1], n_candidates=[10])
        >>> table.better
        array([0, 3])
        """
        columns = [np.asarray(c, np.int64) for c in (user, better, tied)]
        gains = np.ones(len(columns[0])) if gain is None else np.asarray(gain, np.float64)
        lengths = np.asarray(n_candidates, np.int64)
        if any(c.shape != (len(columns[0]),) for c in [*columns, gains]) or lengths.ndim != 1:
            raise ValueError(
                "user, better, tied and gain must be one-dimensional and of equal length, got "
                f"{[c.shape for c in [*columns, gains]]}"
            )
        users, betters, ties = columns
        if not np.array_equal(np.unique(users), np.arange(len(lengths))):
            raise ValueError(f"every user 0..{len(lengths) - 1} must have a row in the rank table")
        if betters.min() < 0 or ties.min() < 0 or (betters + ties >= lengths[users]).any():
            raise ValueError("better + tied must lie in 0..n_candidates-1 for every target")
        order = np.lexsort((-gains, betters, users))
        return cls(users[order], betters[order], ties[order], gains[order], lengths)

    @property
    def n_users(self) -> int:
        """Number of users in the table."""
        return len(self.n_candidates)

    @cached_property
    def n_targets(self) -> Ints:
        """Shape (n_users,): targets of each user, at least 1."""
        return np.bincount(self.user, minlength=self.n_users)

    @cached_property
    def groups(self) -> TieGroups:
        """The tie groups that hold a target."""
        starts = np.ones(len(self.user), bool)
        starts[1:] = (np.diff(self.user) != 0) | (np.diff(self.better) != 0)
        first_row = np.flatnonzero(starts)
        user = self.user[first_row]
        first_row_of_user = np.searchsorted(self.user, np.arange(self.n_users))
        return TieGroups(
            user=user,
            better=self.better[first_row],
            size=self.tied[first_row] + 1,
            n_own=np.diff(np.append(first_row, len(starts))),
            n_ahead=first_row - first_row_of_user[user],
            of_row=np.cumsum(starts) - 1,
            first_of_user=np.searchsorted(user, np.arange(self.n_users)),
        )

    def sum_by_user(self, values: NDArray[Any]) -> Floats:
        """Add ``values`` (n_rows,) up to shape (n_users,)."""
        sums = np.bincount(self.user, weights=values, minlength=self.n_users)
        return sums.astype(np.float64, copy=False)

    def mean_over_ties(self, cumulative: NDArray[Any]) -> Floats:
        """Average the weights of the places that each row may take, shape (n_rows,).

        Rank ``r`` weighs ``cumulative[r] - cumulative[r - 1]``. Ranks beyond
        ``len(cumulative) - 1``, the cutoff, weigh nothing.
        """
        cutoff = len(cumulative) - 1
        top = cumulative[np.minimum(self.better, cutoff)]
        bottom = cumulative[np.minimum(self.better + self.tied + 1, cutoff)]
        result: Floats = (bottom - top) / (self.tied + 1.0)
        return result

    def resolve(self, ties: Ties = "expected") -> RankTable:
        """Return the table whose ties are ordered as asked.

        ``"expected"`` changes nothing: metrics take the expectation over uniformly random orders.
        ``"first"`` puts the targets before the other candidates of their tie group, those with the
        highest gain leading (optimistic); ``"last"`` behind them, the highest gain trailing
        (pessimistic). Both return a table without ties.
        """
        if ties not in get_args(Ties):
            raise ValueError(f"ties must be one of {get_args(Ties)}, got {ties!r}")
        if ties == "expected" or not self.tied.any():
            return self
        groups = self.groups
        first_row = np.searchsorted(groups.of_row, np.arange(len(groups.user)))
        place = np.arange(len(self.user)) - first_row[groups.of_row]
        if ties == "last":
            place = groups.size[groups.of_row] - 1 - place
        better = self.better + place
        order = np.lexsort((better, self.user))
        return replace(
            self, better=better[order], tied=np.zeros_like(better), gain=self.gain[order]
        )


def cutoff_of(table: RankTable, k: int | None) -> int:
    """Return ``k``, checked, or the longest ranking for ``None``; never beyond that length."""
    longest = int(table.n_candidates.max())
    return longest if k is None else min(check_int(k, "k", minimum=1), longest)
