# SPDX-License-Identifier: Apache-2.0
"""Exact search by multi-index hashing, or by a scan where that is cheaper."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.packing import check_n_bits
from hashrec_fast.kernels.tables import PieceTables
from hashrec_fast.retrieval.code_index import FoundInRange, FoundRows, RowQuery
from hashrec_fast.retrieval.tables import TableIndex, TableStatistics

Strategy = Literal["auto", "tables", "scan"]
_STRATEGIES = get_args(Strategy)


class MultiIndex(TableIndex[PieceTables]):
    """Exact nearest codes through one bucket table for each piece of the code.

    Results equal those of :class:`LinearScan` in every case. The tables win, by up to some
    hundred times, where the neighbours asked for are near (duplicates, clusters); for codes
    without near neighbours a scan is faster. ``strategy="auto"`` tries the tables and turns to the
    scan as soon as the tables promise no gain, for each query: what a query may spend in vain is
    a few per cent of the time that a scan takes, measured on the codes themselves. Indexes of less
    than 65536 codes are always scanned.

    The tables (about 4 bytes per code and table, and as much for the buckets) are built by the
    first search after a change that wants them, which therefore takes longer; :meth:`build` does
    it beforehand. Threads that search meanwhile wait.

    Parameters
    ----------
    n_bits : int
        Length of the codes, 1 to 4096.
    n_tables : int or None
        Number of pieces, from ``n_bits / 64`` to ``n_bits``; their lengths differ by one bit at
        most. ``None`` takes about ``n_bits / log2(ntotal)``, which gives tables with about one
        bucket per code.
    num_threads : int
        Threads used, 0 = all.
    strategy : {"auto", "tables", "scan"}
        ``"tables"`` uses the tables until a step would need more look-ups than there are codes;
        ``"scan"`` never does.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of range.

    References
    ----------
    .. [1] M. Norouzi, A. Punjani, D. J. Fleet, "Fast search in Hamming space with multi-index
       hashing", CVPR 2012.

    Examples
    --------
    >>> index = MultiIndex(n_bits=8, n_tables=2, strategy="tables")
    >>> index.add(np.array([[0b1111], [0b0001], [0b1000]], np.uint64))
    >>> distances, ids = index.search(np.array([[0b0000]], np.uint64), k=2)
    >>> distances, ids
    (array([[1, 1]], dtype=int32), array([[1, 2]]))
    """

    _PARAMETERS = ("n_tables", "strategy")

    def __init__(
        self,
        n_bits: int = 64,
        n_tables: int | None = None,
        num_threads: int = 0,
        *,
        strategy: Strategy = "auto",
    ) -> None:
        super().__init__(n_bits, num_threads)
        if n_tables is not None:
            fewest = -(-check_n_bits(n_bits) // 64)
            check_int(n_tables, "n_tables", minimum=fewest, maximum=n_bits)
        if strategy not in _STRATEGIES:
            raise ValueError(f"strategy must be one of {_STRATEGIES}, got {strategy!r}")
        self._n_tables = n_tables
        self._strategy = strategy

    @property
    def n_tables(self) -> int | None:
        """Number of pieces, as given."""
        return self._n_tables

    @property
    def strategy(self) -> Strategy:
        """Rule by which tables or a scan are used."""
        return self._strategy

    def _make_tables(self) -> PieceTables:
        # The tables themselves are built later, when a search wants them.
        return PieceTables(
            self._store.codes,
            self.n_bits,
            n_tables=self._n_tables or 0,
            num_threads=self.num_threads,
        )

    def build(self) -> None:
        """Build the tables now, if they are not there."""
        self._built().build()

    def statistics(self) -> list[TableStatistics]:
        """Occupancy of each table; builds them if need be."""
        return [TableStatistics.of(table, self.ntotal) for table in self._built().occupancy()]

    def _search_rows(self, query: RowQuery) -> FoundRows:
        return self._built().search(
            query.queries,
            query.k,
            use=self._strategy,
            filters=query.filters,
            num_threads=self.num_threads,
        )

    def _within_rows(self, queries: NDArray[np.uint64], max_distance: int) -> FoundInRange:
        return self._built().within(
            queries, max_distance, use=self._strategy, num_threads=self.num_threads
        )
