# SPDX-License-Identifier: Apache-2.0
"""Searches of a code index by similarities other than the Hamming distance, all exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast.kernels.packing import check_codes, unpack
from hashrec_fast.kernels.search import (
    CodeLayers,
    Counted,
    Scored,
    scan_biased,
    scan_projected,
    scan_real,
    scan_scaled,
)
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.search_arguments import (
    as_finite_float32,
    check_blocks,
    check_item_bias,
    check_real_queries,
    check_weights,
)
from hashrec_fast.retrieval.search_scope import SearchScope
from hashrec_fast.types import AllowInput, ExcludeInput


class SimilaritySearch:
    """Searches over ``_store`` that an exact index inherits.

    Results are a total order, best first and then by id, and are the same for every SIMD level,
    number of threads and batch of queries. Beyond codes and results a thread works in about 1 MB up
    to 256 bits and k = 100; it keeps 64 queries at least, each with 16 k bytes and a few hundred
    bytes per 64 bits.
    """

    _store: CodeStore
    num_threads: int

    def search_asymmetric(
        self,
        query_vectors: ArrayLike,
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> Scored:
        """The ``k`` codes with the largest inner product with each real query.

        The score of a code with signs ``d`` in {-1, +1} is the sum of ``p_i d_i``: float64 sums of
        four neighbouring terms, ``(t0 + t1) + (t2 + t3)``, added in rising order and rounded to
        float32, where a sum beyond the range becomes the largest finite value. Codes are ordered by
        the rounded score. Only the user's side stays real, so nothing more is stored than codes.

        Parameters
        ----------
        query_vectors : array_like of float, shape (n_queries, n_bits)
            Real queries such as user factors; used as float32, all finite.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
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
            If the shape does not fit ``n_bits``, a value is not finite in float32, ``k < 1``, or
            ``exclude`` or ``allow`` have the wrong shape or hold an id that was never given out.

        References
        ----------
        Gordo, Perronnin, Gong and Lazebnik, "Asymmetric Distances for Binary Embeddings", IEEE
        TPAMI 36(1), 2014: codes on one side only lose less than codes on both.

        Examples
        --------
        >>> from hashrec_fast.retrieval import LinearScan
        >>> index = LinearScan(n_bits=3)
        >>> index.add(np.array([[0b011], [0b100], [0b001]], np.uint64))
        >>> index.search_asymmetric(np.array([[2.0, -0.5, 0.25]]), k=2)
        (array([[2.25, 1.25]], dtype=float32), array([[2, 0]]))
        """
        vectors = check_real_queries(query_vectors, self._store.n_bits, "query_vectors")
        return self._scan_real(vectors, False, k, exclude, allow)

    def search_weighted(
        self,
        queries: NDArray[np.uint64],
        k: int,
        weights: ArrayLike,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> Scored:
        """The ``k`` nearest codes when bits have weights.

        The distance is the sum of the weights of the bits that differ, summed and rounded as in
        :meth:`search_asymmetric`, of which this is the case ``p = weights * signs``.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
        weights : array_like of float, shape (n_bits,) or (n_queries, n_bits)
            Weights >= 0, finite, for all queries or per query.
        exclude, allow
            As in :meth:`LinearScan.search`.

        Returns
        -------
        distances : ndarray of float32, shape (n_queries, k)
            Rising; inf where fewer than ``k`` codes are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal distances; -1 where there is none.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If ``queries`` are no valid codes of ``n_bits``, a weight is negative or not finite, or
            another argument is as wrong as in :meth:`search_asymmetric`.

        References
        ----------
        Weighted code similarity in recommendation: Liu et al., "Compositional Coding for
        Collaborative Filtering", SIGIR 2019 (survey ref. [64]).

        Examples
        --------
        >>> from hashrec_fast.retrieval import LinearScan
        >>> index = LinearScan(n_bits=3)
        >>> index.add(np.array([[0b011], [0b100], [0b001]], np.uint64))
        >>> index.search_weighted(np.array([[0b111]], np.uint64), k=2, weights=[3.0, 1.0, 0.5])
        (array([[0.5, 1.5]], dtype=float32), array([[0, 2]]))
        """
        n_bits = self._store.n_bits
        check_codes(queries, n_bits, "queries")
        signed = check_weights(weights, len(queries), n_bits) * unpack(queries, n_bits)
        return self._scan_real(np.ascontiguousarray(signed), True, k, exclude, allow)

    def _scan_real(
        self,
        vectors: NDArray[np.float32],
        as_distance: bool,
        k: int,
        exclude: ExcludeInput | None,
        allow: AllowInput | None,
    ) -> Scored:
        scope = SearchScope(self._store, len(vectors), k, exclude, allow)
        values, rows = scan_real(
            scope.codes,
            self._store.n_bits,
            vectors,
            scope.k,
            as_distance=as_distance,
            filters=scope.filters,
            num_threads=self.num_threads,
        )
        return values, scope.ids_of(rows)

    def search_projected(
        self,
        queries: NDArray[np.uint64],
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> Counted:
        """The ``k`` nearest codes in projected Hamming dissimilarity.

        The dissimilarity is the number of bits set in the query and not in the code,
        ``popcount(query & ~code)``: a bit that the user does not set does not matter.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes of users, C-contiguous, padding bits zero.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
        exclude, allow
            As in :meth:`LinearScan.search`.

        Returns
        -------
        distances : ndarray of int32, shape (n_queries, k)
            Rising; -1 where fewer than ``k`` codes are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal distances; -1 where there is none.

        Raises
        ------
        TypeError, ValueError
            As :meth:`LinearScan.search`.

        References
        ----------
        Hansen et al., "Projected Hamming Dissimilarity for Bit-Level Importance Coding in
        Collaborative Filtering", WWW 2021 (survey ref. [74]).

        Examples
        --------
        >>> from hashrec_fast.retrieval import LinearScan
        >>> index = LinearScan(n_bits=4)
        >>> index.add(np.array([[0b0011], [0b1110], [0b0001]], np.uint64))
        >>> index.search_projected(np.array([[0b0110]], np.uint64), k=3)
        (array([[0, 1, 2]], dtype=int32), array([[1, 0, 2]]))
        """
        check_codes(queries, self._store.n_bits, "queries")
        scope = SearchScope(self._store, len(queries), k, exclude, allow)
        distances, rows = scan_projected(
            scope.codes,
            self._store.n_bits,
            queries,
            scope.k,
            filters=scope.filters,
            num_threads=self.num_threads,
        )
        return distances, scope.ids_of(rows)

    def search_biased(
        self,
        queries: NDArray[np.uint64],
        k: int,
        item_bias: ArrayLike,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> Scored:
        """The ``k`` best codes by inner product of the signs plus a bias per code.

        The score is ``n_bits - 2 * distance + bias``, one float32 addition; a bias can carry
        popularity or the item bias of a factor model.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
        item_bias : array_like of float, shape (ntotal,)
            One finite value per code, in the order of ids; used as float32.
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
            If ``queries`` are no valid codes of ``n_bits``, ``item_bias`` has another length or is
            not finite, or another argument is as wrong as in :meth:`LinearScan.search`.

        References
        ----------
        Koren, Bell and Volinsky, "Matrix Factorization Techniques for Recommender Systems", IEEE
        Computer 42(8), 2009, for the bias; the inner product is the survey's ``f - 2 h``.

        Examples
        --------
        >>> from hashrec_fast.retrieval import LinearScan
        >>> index = LinearScan(n_bits=4)
        >>> index.add(np.array([[0b0011], [0b1110], [0b0001]], np.uint64))
        >>> index.search_biased(np.array([[0b0011]], np.uint64), k=2, item_bias=[0.0, 0.0, 2.5])
        (array([[4.5, 4. ]], dtype=float32), array([[2, 0]]))
        """
        check_codes(queries, self._store.n_bits, "queries")
        bias = check_item_bias(item_bias, len(self._store))
        scope = SearchScope(self._store, len(queries), k, exclude, allow)
        scores, rows = scan_biased(
            scope.codes,
            self._store.n_bits,
            queries,
            scope.k,
            row_bias=scope.of_rows(bias),
            filters=scope.filters,
            num_threads=self.num_threads,
        )
        return scores, scope.ids_of(rows)

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
    ) -> Scored:
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
        scores, rows = scan_scaled(
            scope.codes,
            n_bits,
            queries,
            scope.k,
            layers=CodeLayers(
                of_queries,
                scope.of_rows(of_items),
                layers,
                None if bias is None else scope.of_rows(bias),
            ),
            filters=scope.filters,
            num_threads=self.num_threads,
        )
        return scores, scope.ids_of(rows)
