# SPDX-License-Identifier: Apache-2.0
"""Queries, indexes and expectations that the tests of real-valued searches share."""

import functools
import hashlib
import pickle

import numpy as np

from hashrec_fast.retrieval import LinearScan
from hashrec_fast.testing import reference_scores, reference_search

KINDS = ("random", "clustered", "sorted", "equal", "adverse")
LARGEST = float(np.finfo(np.float32).max)


def remembered(twin):
    """Call a twin once for the same arguments: every SIMD level asks for the same."""
    answers = {}

    @functools.wraps(twin)
    def call(*args, **kwargs):
        key = hashlib.sha256(pickle.dumps((args, sorted(kwargs.items())))).digest()
        if key not in answers:
            answers[key] = twin(*args, **kwargs)
        return answers[key]

    return call


def make_index(codes, n_bits, num_threads=1, ids=None):
    index = LinearScan(n_bits=n_bits, num_threads=num_threads)
    index.add(codes, ids)
    return index


def some_codes(kind, n, n_bits, rng):
    if n == 0:
        return np.zeros((0, -(-n_bits // 64)), np.uint64)
    return reference_search.codes_of_kind(kind, n, n_bits, rng)


def some_vectors(n_bits, rng, n=66):
    """Enough for tiles, ordinary ones and zero, huge, tiny, subnormal, tied and dominated ones."""
    vectors = rng.standard_normal((n, n_bits)).astype(np.float32)
    vectors[0] = 0
    vectors[1] *= np.float32(1e30)
    vectors[2] *= np.float32(1e-30)
    vectors[3] *= np.float32(1e-42)
    vectors[4] = rng.choice([-1, 1], n_bits)
    vectors[5, rng.integers(n_bits)] = 1e6
    vectors[6, rng.integers(n_bits)] = -1e20
    vectors[7] = np.where(vectors[7] > 0, LARGEST, -LARGEST)
    vectors[8] *= np.float32(10.0) ** rng.uniform(-30, 30, n_bits).astype(np.float32)
    vectors[9] = np.abs(vectors[9])
    return vectors


def matrix_of(score, queries, n):
    """One row of reference values per query."""
    rows = [score(query) for query in queries]
    return np.array(rows).reshape(len(queries), n)


@remembered
def best_scores(codes, vectors, n_bits, k, **filters):
    values = matrix_of(
        lambda p: reference_scores.asymmetric_scores(codes, p, n_bits), vectors, len(codes)
    )
    return reference_scores.best(
        values.astype(np.float32), k, largest=True, missing=-np.inf, **filters
    )


def first(k, expected):
    """The expectation for a smaller k."""
    return [part[:, :k] for part in expected]


def check(found, expected):
    for got, wanted in zip(found, expected, strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)
        if got.dtype == np.float32:
            assert not np.signbit(got[got == 0]).any()
