# SPDX-License-Identifier: Apache-2.0
"""Similarities as recipe parts: how two rows are scored in training, in search, in evaluation.

``scores`` works on torch tensors by their own methods, so that this room stays free of torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.packing import unpack

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """Base: the inner product, divided by ``n_bits`` for losses.

    Attributes
    ----------
    index_kinds : tuple of str
        The kinds of index that can search by it; empty for all.
    ranks_factors : bool
        Whether real factors can be ranked by it as well.
    item_constants, scaled : bool
        Whether it adds a constant of the item, and whether rows have scales.
    arrays : tuple of str
        Arrays beside the rows without which it cannot rank.
    """

    label: ClassVar[str] = "hamming"
    index_kinds: ClassVar[tuple[str, ...]] = ()
    ranks_factors: ClassVar[bool] = True
    item_constants: ClassVar[bool] = False
    scaled: ClassVar[bool] = False
    arrays: ClassVar[tuple[str, ...]] = ()

    def unit(self, n_bits: int) -> float:
        """Factor that brings scores to what losses are written for: [-1, 1] for codes."""
        return 1.0 / n_bits

    def scores(self, user: Tensor, item: Tensor) -> Tensor:
        """Scores of tensors (n, f) with (n, length, f), or with (length, f) for all pairs."""
        if item.ndim == 2:
            return user @ item.T
        return (item @ user[:, :, None])[:, :, 0]

    def vectors(self, user: Tensor, item: Tensor) -> tuple[Tensor, Tensor]:
        """Rows whose inner products are the scores, up to a constant."""
        return user, item

    def exported(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Real rows as a float method keeps them."""
        return rows

    def search(
        self,
        index: Any,
        queries: NDArray[np.uint64],
        k: int,
        fitted: Any,
        rows: NDArray[np.int64],
        **filters: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Scores and ids of the ``k`` best items for the users ``rows``, best first."""
        del fitted, rows
        found: tuple[NDArray[np.float32], NDArray[np.int64]] = index.best(queries, k, **filters)
        return found

    def factors(self, fitted: Any, n_bits: int) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Dense rows whose inner product orders items alike; ``None`` if the codes say it all."""
        del fitted, n_bits
        return None

    def linear(
        self, fitted: Any, side: str, n_bits: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Pair ``(A, c)``: ``A x + c`` are scores of a new row's signs ``x`` with the other side.

        ``None`` where scores are the inner product of the rows, and fold in needs nothing else.
        """
        del fitted, side, n_bits
        return None


@dataclass(frozen=True, kw_only=True)
class Hamming(Similarity):
    """Hamming similarity ``n_bits - 2 * distance`` of the codes.

    Attributes
    ----------
    by_bit : bool
        Whether losses see scores divided by ``n_bits``. Without, they see inner products as they
        are, for real rows that get their scale from a prior.
    """

    by_bit: bool = True

    def unit(self, n_bits: int) -> float:
        """Unit ``1 / n_bits``, or 1; see :meth:`Similarity.unit`."""
        return super().unit(n_bits) if self.by_bit else 1.0


@dataclass(frozen=True, kw_only=True)
class InnerProduct(Similarity):
    """The inner product of real factors as it is."""

    label: ClassVar[str] = "inner product"

    def unit(self, n_bits: int) -> float:
        """1: losses see the product itself."""
        del n_bits
        return 1.0


@dataclass(frozen=True, kw_only=True)
class Cosine(InnerProduct):
    """The cosine of real factors, which are exported with length 1."""

    label: ClassVar[str] = "cosine"

    def scores(self, user: Tensor, item: Tensor) -> Tensor:
        """Inner products of the normalised rows."""
        return super().scores(_normalised(user), _normalised(item))

    def vectors(self, user: Tensor, item: Tensor) -> tuple[Tensor, Tensor]:
        """The normalised rows."""
        return _normalised(user), _normalised(item)

    def exported(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Rows of length 1; zero rows stay."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-12))


@dataclass(frozen=True, kw_only=True)
class Projected(Similarity):
    """Projected Hamming: bits that the user's code switches off count as agreeing (VHPHD).

    With bits ``u, i`` in {0, 1}: ``f - 2 * popcount(u & ~i)`` (survey reference 74).
    """

    label: ClassVar[str] = "projected hamming"
    index_kinds: ClassVar[tuple[str, ...]] = ("linear_scan",)
    ranks_factors: ClassVar[bool] = False

    def scores(self, user: Tensor, item: Tensor) -> Tensor:
        """Scores ``f - sum_k (1 + u_k)(1 - i_k) / 2`` of signs, linear in either side."""
        return user.shape[-1] + super().scores(*self.vectors(user, item))

    def vectors(self, user: Tensor, item: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors of the score without the constant ``f``."""
        return 1 + user, (item - 1) / 2

    def search(
        self,
        index: Any,
        queries: NDArray[np.uint64],
        k: int,
        fitted: Any,
        rows: NDArray[np.int64],
        **filters: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Best items by the index's own projected search."""
        del fitted, rows
        counts, ids = index.search_projected(queries, k, **filters)
        return (index.n_bits - 2 * counts).astype(np.float32), ids

    def factors(self, fitted: Any, n_bits: int) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Bits of the users against signs of the items."""
        user = (unpack(fitted.user, n_bits) > 0).astype(np.float32)
        return user, unpack(fitted.item, n_bits).astype(np.float32)

    def linear(
        self, fitted: Any, side: str, n_bits: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score ``f - sum (1 + u)(1 - i) / 2`` as a function of either factor."""
        if side == "user":
            rows = (unpack(fitted.item, n_bits).astype(np.float64) - 1) / 2
            return rows, n_bits + rows.sum(axis=1)
        rows = (unpack(fitted.user, n_bits).astype(np.float64) + 1) / 2
        return rows, n_bits - rows.sum(axis=1)


@dataclass(frozen=True, kw_only=True)
class Biased(Similarity):
    """Hamming similarity plus a constant of the item, kept as ``item_bias`` (FHN)."""

    label: ClassVar[str] = "biased hamming"
    index_kinds: ClassVar[tuple[str, ...]] = ("linear_scan",)
    ranks_factors: ClassVar[bool] = False
    item_constants: ClassVar[bool] = True
    arrays: ClassVar[tuple[str, ...]] = ("item_bias",)

    def search(
        self,
        index: Any,
        queries: NDArray[np.uint64],
        k: int,
        fitted: Any,
        rows: NDArray[np.int64],
        **filters: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Best items by the index's own search with a bias."""
        del rows
        scores, ids = index.search_biased(queries, k, fitted.arrays["item_bias"], **filters)
        return scores, ids

    def factors(self, fitted: Any, n_bits: int) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Signs and one more column: ones against the biases."""
        user, item = (
            unpack(rows, n_bits).astype(np.float32) for rows in (fitted.user, fitted.item)
        )
        bias = fitted.arrays["item_bias"][:, None].astype(np.float32)
        return np.hstack([user, np.ones((len(user), 1), np.float32)]), np.hstack([item, bias])

    def linear(
        self, fitted: Any, side: str, n_bits: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Map for new users, who know the items' constants; a new item has none."""
        if side == "item":
            return None
        bias = np.asarray(fitted.arrays["item_bias"], dtype=np.float64)
        return unpack(fitted.item, n_bits).astype(np.float64), bias


@dataclass(frozen=True, kw_only=True)
class LayerScaled(Similarity):
    """Codes of several layers, each with a real scale per row (BiGeaR, BGCH).

    ``sum_l s_ul s_il (f_l - 2 h_l)``; scales are kept as ``user_scales`` and ``item_scales``.
    """

    label: ClassVar[str] = "layer-scaled hamming"
    index_kinds: ClassVar[tuple[str, ...]] = ("linear_scan",)
    ranks_factors: ClassVar[bool] = False
    scaled: ClassVar[bool] = True
    arrays: ClassVar[tuple[str, ...]] = ("user_scales", "item_scales")

    def unit(self, n_bits: int) -> float:
        """1: the scales already say how large a score is."""
        del n_bits
        return 1.0

    def search(
        self,
        index: Any,
        queries: NDArray[np.uint64],
        k: int,
        fitted: Any,
        rows: NDArray[np.int64],
        **filters: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Best items by the index's own scaled search."""
        scales = fitted.arrays["user_scales"][rows], fitted.arrays["item_scales"]
        found: tuple[NDArray[np.float32], NDArray[np.int64]] = index.search_scaled(
            queries, k, *scales, fitted.facts["blocks"], **filters
        )
        return found

    def factors(self, fitted: Any, n_bits: int) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Signs times the scales of their layers."""
        blocks = fitted.facts["blocks"]
        sides = []
        for side, codes in (("user", fitted.user), ("item", fitted.item)):
            scales = np.repeat(fitted.arrays[f"{side}_scales"], blocks, axis=1)
            sides.append((unpack(codes, n_bits) * scales).astype(np.float32))
        return sides[0], sides[1]


def _normalised(rows: Tensor) -> Tensor:
    lengths: Tensor = rows.norm(dim=-1, keepdim=True)
    return rows / lengths.clamp(min=1e-12)
