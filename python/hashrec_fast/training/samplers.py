# SPDX-License-Identifier: Apache-2.0
"""Samplers: which pairs a training loop sees in which order.

Each is a frozen part with ``batches(user_items, rng)``, a generator of one epoch's batches. All
randomness comes from ``rng``, so that an epoch can be repeated from the generator's state.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.sampling import sample_lists, unobserved_items
from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import Count, Positive, ZeroOrMore

if TYPE_CHECKING:
    from hashrec_fast.training.batches import Batch

POINTWISE = frozenset({"pointwise"})
LISTS = frozenset({"pointwise", "pairwise", "listwise"})


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """Base of all samplers.

    Attributes
    ----------
    serves : frozenset of str
        The values of ``Loss.samples`` whose losses can learn from its batches.
    """

    serves: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        check_fields(self)

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """The batches of one epoch."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Observed(Sampler):
    """Sampler of every stored pair once, nothing else: for ratings.

    Attributes
    ----------
    batch_size : int
        Pairs of a batch.
    negatives : int
        Unobserved items drawn beside each pair where all stored values are alike, since such
        pairs alone would be fitted by one code for all; ratings that differ stand alone.
    steps : int
        Most batches of an epoch; 0 covers all pairs once.
    """

    serves: ClassVar[frozenset[str]] = POINTWISE
    batch_size: Count = 4096
    negatives: ZeroOrMore = 0
    steps: ZeroOrMore = 0

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Lists of one item each, or as :class:`Pairs` does."""
        from hashrec_fast.training.batches import tensor_batch  # noqa: PLC0415 - torch

        if self.negatives > 0 and np.ptp(user_items.data) == 0:
            sampler = Pairs(batch_size=self.batch_size, negatives=self.negatives)
            yield from itertools.islice(sampler.batches(user_items, rng), self.steps or None)
            return
        users = np.repeat(np.arange(user_items.shape[0]), np.diff(user_items.indptr))
        parts = _parts(rng.permutation(user_items.nnz), self.batch_size)
        for part in parts[: self.steps or None]:
            items = user_items.indices[part].astype(np.int64)[:, None]
            values = user_items.data[part][:, None]
            yield tensor_batch(users[part], items, values, np.ones(items.shape, bool))


@dataclass(frozen=True, kw_only=True)
class Pairs(Sampler):
    """Sampler of a positive and unobserved items of the same user; as many lists as positives.

    Attributes
    ----------
    batch_size : int
        Lists of a batch.
    negatives : int
        Unobserved items of each list, drawn with replacement. Users who have everything own no
        list.
    weight : {"edge", "user"}
        What is drawn uniformly: "edge" is every positive once an epoch, "user" a user with
        positives and then one of theirs.
    """

    serves: ClassVar[frozenset[str]] = LISTS
    batch_size: Count = 2048
    negatives: Count = 1
    weight: Literal["edge", "user"] = "edge"

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Lists of ``1 + negatives`` items, the positive first."""
        from hashrec_fast.training.batches import tensor_batch  # noqa: PLC0415 - torch

        seen = np.diff(user_items.indptr).astype(np.int64)
        able = (seen > 0) & (seen < user_items.shape[1])
        users = np.repeat(np.arange(len(seen)), seen)
        if self.weight == "edge":
            chosen = rng.permutation(np.flatnonzero(able[users]))
        else:
            owners = np.flatnonzero(able)
            drawn = rng.choice(owners, int(seen[able].sum())) if len(owners) else owners
            chosen = user_items.indptr[drawn] + rng.integers(0, seen[drawn])
        items = np.empty((len(chosen), 1 + self.negatives), dtype=np.int64)
        items[:, 0] = user_items.indices[chosen]
        items[:, 1:] = unobserved_items(user_items, users[chosen], self.negatives, rng)
        values = np.zeros(items.shape, dtype=np.float32)
        values[:, 0] = user_items.data[chosen]
        first = np.arange(items.shape[1]) == 0
        for part in _parts(np.arange(len(chosen)), self.batch_size):
            observed = np.tile(first, (len(part), 1))
            yield tensor_batch(users[chosen[part]], items[part], values[part], observed)


@dataclass(frozen=True, kw_only=True)
class UserLists(Sampler):
    """Sampler of all positives of a user and unobserved items, in one list.

    Attributes
    ----------
    users : int
        Users of a batch.
    negatives : float
        Distinct unobserved items per positive.
    """

    serves: ClassVar[frozenset[str]] = frozenset({"pointwise", "listwise"})
    users: Count = 256
    negatives: Positive = 4.0

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Padded lists; users of like list lengths share a batch."""
        from hashrec_fast.training.batches import tensor_batch  # noqa: PLC0415 - torch

        lists = sample_lists(user_items, self.negatives, rng)
        lengths = np.diff(lists.indptr)
        by_length = np.lexsort((rng.random(len(lengths)), lengths))
        batches = _parts(by_length, self.users)
        for b in rng.permutation(len(batches)):
            chosen = batches[b]
            places = np.arange(int(lengths[chosen].max()))
            mask = places < lengths[chosen][:, None]
            # Padded with the list's own first item, so that no row comes in that is not asked for.
            entries = lists.indptr[chosen][:, None] + np.where(mask, places, 0)
            yield tensor_batch(
                lists.owners[chosen],
                lists.items[entries],
                np.where(mask, lists.values[entries], 0.0),
                lists.observed[entries] & mask,
                mask,
            )


@dataclass(frozen=True, kw_only=True)
class Blocks(Sampler):
    """Sampler of rectangles of users and items, all their pairs, observed or not.

    Attributes
    ----------
    users : int
        Users of a rectangle; 0 takes all.
    items : int
        Items of a rectangle; 0 takes all.
    steps : int
        Most rectangles of an epoch; 0 covers all pairs once.
    observed_only : bool
        Whether pairs that are not observed are left out.
    alternate : bool
        First rectangles of all users from which only items learn, then of all items from which
        only users learn.
    """

    serves: ClassVar[frozenset[str]] = frozenset({"pointwise", "listwise"})
    users: ZeroOrMore = 256
    items: ZeroOrMore = 256
    steps: ZeroOrMore = 0
    observed_only: bool = False
    alternate: bool = False

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Rectangles in random order."""
        n_users, n_items = user_items.shape
        turns: list[tuple[str | None, int, int]] = [(None, self.users, self.items)]
        if self.alternate:
            turns = [("item", 0, self.items), ("user", self.users, 0)]
        for side, users, items in turns:
            rows = _parts(rng.permutation(n_users), users or n_users)
            columns = _parts(rng.permutation(n_items), items or n_items)
            order = rng.permutation(len(rows) * len(columns))
            for b in order[: self.steps or None]:
                row, column = np.sort(rows[b // len(columns)]), np.sort(columns[b % len(columns)])
                yield self._block(user_items, row, column, side)

    def _block(
        self,
        user_items: sp.csr_matrix,
        row: NDArray[np.int64],
        column: NDArray[np.int64],
        side: str | None,
    ) -> Batch:
        from hashrec_fast.training.batches import tensor_batch  # noqa: PLC0415 - torch

        block = user_items[row][:, column]
        observed = np.zeros(block.shape, dtype=bool)
        observed[np.repeat(np.arange(len(row)), np.diff(block.indptr)), block.indices] = True
        mask = observed.copy() if self.observed_only else np.ones_like(observed)
        return tensor_batch(row, column, block.toarray(), observed, mask, side)


@dataclass(frozen=True, kw_only=True)
class Catalogue(Sampler):
    """Sampler of users with all their positives against the whole catalogue.

    Attributes
    ----------
    pairs : int
        Positives of a batch, about; a user is never split.
    """

    serves: ClassVar[frozenset[str]] = frozenset({"catalogue"})
    pairs: Count = 4096

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Batches with ``positives``."""
        import torch  # noqa: PLC0415 - torch

        from hashrec_fast.training.batches import Batch  # noqa: PLC0415 - torch

        seen = np.diff(user_items.indptr).astype(np.int64)
        users = rng.permutation(np.flatnonzero(seen))
        bins = np.cumsum(seen[users]) // self.pairs
        for chosen in np.split(users, np.flatnonzero(np.diff(bins)) + 1):
            rows = user_items[chosen]
            positives = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
            yield Batch(
                torch.from_numpy(chosen.astype(np.int64)),
                torch.arange(user_items.shape[1]),
                positives=(torch.from_numpy(positives[0]), torch.from_numpy(positives[1])),
            )


def _parts(values: NDArray[Any], size: int) -> list[NDArray[np.int64]]:
    """Consecutive pieces of at most ``size``."""
    return [
        np.asarray(values[start : start + size], dtype=np.int64)
        for start in range(0, len(values), size)
    ]
