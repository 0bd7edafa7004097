# SPDX-License-Identifier: Apache-2.0
"""faiss orders ties otherwise and pads with the largest int32, so distances are compared."""

from itertools import pairwise

import numpy as np
import pytest

from hashrec_fast.kernels.packing import to_bytes
from hashrec_fast.retrieval import LinearScan
from hashrec_fast.testing import reference_search as reference

faiss = pytest.importorskip("faiss")


@pytest.mark.parametrize("n_bits", [8, 64, 128, 200, 256])
def test_same_distances(n_bits, rng):
    codes = reference.codes_of_kind("random", 2000, n_bits, rng)
    queries = reference.codes_of_kind("random", 20, n_bits, rng)
    ours = LinearScan(n_bits=n_bits, num_threads=1)
    ours.add(codes)
    theirs = faiss.IndexBinaryFlat(n_bits)
    theirs.add(to_bytes(codes, n_bits))
    for k in (1, 50, 2003):
        distances, ids = ours.search(queries, k)
        expected, labels = theirs.search(to_bytes(queries, n_bits), k)
        expected[labels < 0] = -1
        np.testing.assert_array_equal(distances, expected)
        np.testing.assert_array_equal(ids < 0, labels < 0)
    radius = n_bits // 2 - 3
    lims, distances, ids = ours.range_search(queries, radius)
    their_lims, _, labels = theirs.range_search(to_bytes(queries, n_bits), radius)
    np.testing.assert_array_equal(lims, their_lims.astype(np.int64))
    for begin, end in pairwise(lims):
        assert set(ids[begin:end]) == set(labels[begin:end])
        assert (distances[begin:end] < radius).all()
