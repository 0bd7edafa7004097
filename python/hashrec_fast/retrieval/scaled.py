# SPDX-License-Identifier: Apache-2.0
"""Search of codes that stand for real vectors in layers, each layer with a scale per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast import _core
from hashrec_fast._utils import check_int
from hashrec_fast.kernels.packing import check_codes
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.search_scope import SearchScope
from hashrec_fast.retrieval.similarity_arguments import as_finite_float32, check_item_bias
from hashrec_fast.types import AllowInput, ExcludeInput


class ScaledSearch:
    """The layer-scaled search over ``_store`` that an exact index inherits."""

    _store: CodeStore
    num_threads: int

    def search_scaled(
        self,
        queries: NDArray[np.uint64],
        k: int,
        query_scales: ArrayLike,
        item_scales: ArrayLike,
        blocks: Sequence[int],
        item_bias: ArrayLike | None = None,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``k`` best codes by inner products of layers of signs times real scales.

        Layer ``l`` of a code are its next ``blocks[l]`` bits; a row stands for the real vector
        whose layer ``l`` is its scale times its signs. The score, the inner product of two such
        vectors, is the sum over layers of ``u_l * i_l * (blocks[l] - 2 * distance_l)``. Each term
        is rounded once to float64, the terms are added in rising order in float64, then the bias,
        and the sum is rounded to float32, where one beyond the range becomes the largest finite
        value. Codes are ordered by the rounded score. No vector is unpacked: distances are bit
        counts.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
        query_scales : array_like of float, shape (n_queries, n_layers)
            Used as float32, all finite, of any sign. Weights of layers belong in here, or, as
            their square roots, in both scales.
        item_scales : array_like of float, shape (ntotal, n_layers)
            One row per code, in rising order of ids (without own ids: as the codes were added);
            used as float32, all finite.
        blocks : sequence of int
            Bits of each layer, at least 1 each, ``n_bits`` together; multiples of 64 are not
            needed.
        item_bias : array_like of float, shape (ntotal,), optional
            One finite value per code, in the same order; used as float32.
        exclude, allow
            As in :meth:`LinearScan.search`.

        Returns
        -------
        scores : ndarray of float32, shape (n_queries, k)
            Falling; -inf where fewer than ``k`` codes are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal scores; -1 where there is none.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If ``queries`` are no valid codes of ``n_bits``, ``blocks`` do not add up to ``n_bits``,
            scales or biases have another shape or are not finite, or another argument is as wrong
            as in :meth:`LinearScan.search`.

        References
        ----------
        Chen et al., "Learning Binarized Graph Representations with Multi-faceted Quantization
        Reinforcement for Top-K Recommendation" (BiGeaR), KDD 2022; Rastegari et al., "XNOR-Net",
        ECCV 2016, for the scale of a row of signs.

        Examples
        --------
        >>> from hashrec_fast.retrieval import LinearScan
        >>> index = LinearScan(n_bits=4)
        >>> index.add(np.array([[0b0011], [0b1111], [0b1100]], np.uint64))
        >>> scales = [[1.0, 0.5], [0.25, 1.0], [1.0, 2.0]]
        >>> queries = np.array([[0b1111]], np.uint64)
        >>> index.search_scaled(queries, 2, [[2.0, 1.0]], scales, blocks=[2, 2])
        (array([[3., 3.]], dtype=float32), array([[0, 1]]))
        """
        n_bits = self._store.n_bits
        check_codes(queries, n_bits, "queries")
        layers = check_blocks(blocks, n_bits)
        shape = len(queries), len(layers)
        of_queries = as_finite_float32(query_scales, "query_scales", shape)
        of_items = as_finite_float32(item_scales, "item_scales", (len(self._store), len(layers)))
        bias = None if item_bias is None else check_item_bias(item_bias, len(self._store))
        scope = SearchScope(self._store, len(queries), k, exclude, allow)
        scores, rows = _core.scan_scaled(
            scope.codes,
            n_bits,
            queries,
            of_queries,
            scope.of_rows(of_items),
            layers,
            scope.k,
            None if bias is None else scope.of_rows(bias),
            *scope.filters,
            self.num_threads,
        )
        return scores, scope.ids_of(rows)


def check_blocks(blocks: object, n_bits: int) -> NDArray[np.int64]:
    """Widths of layers as int64, or raise ``TypeError``/``ValueError``."""
    if isinstance(blocks, (str, bytes)) or not isinstance(blocks, (Sequence, np.ndarray)):
        raise TypeError(f"blocks must be a sequence of integers, got {blocks!r}")
    layers = [check_int(bits, f"blocks[{i}]", minimum=1) for i, bits in enumerate(blocks)]
    if sum(layers) != n_bits:
        raise ValueError(f"blocks must add up to n_bits={n_bits}, got {layers}")
    return np.array(layers, dtype=np.int64)
