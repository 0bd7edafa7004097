# SPDX-License-Identifier: Apache-2.0
import threading
import time

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.kernels.propagation import csr_times_dense
from hashrec_fast.testing import reference_propagation


def problem(n_rows, n_columns, dim, density=0.2, seed=0):
    rng = np.random.default_rng(seed)
    matrix = sp.random(n_rows, n_columns, density, format="csr", random_state=rng)
    arrays = (
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),  # in no order, as sp.random leaves them
        rng.standard_normal(matrix.nnz).astype(np.float32),
    )
    return arrays, rng.standard_normal((n_columns, dim)).astype(np.float32)


@pytest.mark.parametrize("num_threads", [1, 2, 3])
@pytest.mark.parametrize("dim", [1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 71, 100, 128, 200])
def test_equals_twin_bit_for_bit(simd_level, num_threads, dim):
    arrays, dense = problem(23, 40, dim, seed=dim)
    found = csr_times_dense(*arrays, dense, num_threads=num_threads)
    wanted = reference_propagation.csr_times_dense(*arrays, dense)
    np.testing.assert_array_equal(found, wanted)


def test_twin_is_the_product():
    (indptr, indices, values), dense = problem(50, 60, 9)
    matrix = sp.csr_matrix((values.astype(np.float64), indices, indptr), shape=(50, 60))
    found = reference_propagation.csr_times_dense(indptr, indices, values, dense)
    np.testing.assert_allclose(found, matrix @ dense.astype(np.float64), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("num_threads", [1, 2, 3])
def test_one_long_row_among_empty_ones(simd_level, num_threads):
    rng = np.random.default_rng(1)
    lengths = np.zeros(1000, np.int64)
    lengths[700], lengths[3], lengths[999] = 5000, 2, 1
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    indices = rng.integers(0, 30, indptr[-1]).astype(np.int32)  # repeated columns are added
    values = rng.standard_normal(indptr[-1]).astype(np.float32)
    dense = rng.standard_normal((30, 20)).astype(np.float32)
    found = csr_times_dense(indptr, indices, values, dense, num_threads=num_threads)
    wanted = reference_propagation.csr_times_dense(indptr, indices, values, dense)
    np.testing.assert_array_equal(found, wanted)
    assert not found[lengths == 0].any()


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (5, 4, 0), (0, 0, 0), (1, 1, 1)])
def test_empty_shapes(simd_level, shape):
    n_rows, n_columns, dim = shape
    indptr, indices = np.zeros(n_rows + 1, np.int64), np.zeros(0, np.int32)
    dense = np.ones((n_columns, dim), np.float32)
    found = csr_times_dense(indptr, indices, np.zeros(0, np.float32), dense, num_threads=2)
    assert found.shape == (n_rows, dim)
    assert found.dtype == np.float32
    assert not found.any()


def test_infinities_stay_in_their_rows(simd_level):
    indptr, indices = np.array([0, 1, 2, 3]), np.array([0, 1, 0], np.int32)
    values = np.array([1, 1, 0], np.float32)
    dense = np.array([[np.inf] * 20, [1] * 20], np.float32)
    found = csr_times_dense(indptr, indices, values, dense)
    assert np.isposinf(found[0]).all()
    assert (found[1] == 1).all()
    assert np.isnan(found[2]).all()


def test_out_and_other_integers():
    arrays, dense = problem(23, 40, 10)
    wanted = csr_times_dense(*arrays, dense)
    out = np.full((23, 10), 7, np.float32)
    assert csr_times_dense(*arrays, dense, out=out) is out
    np.testing.assert_array_equal(out, wanted)
    indptr, indices, values = arrays
    for offsets, ids in ((np.int32, np.int64), (np.int32, np.int32), (np.int64, np.int64)):
        found = csr_times_dense(indptr.astype(offsets), indices.astype(ids), values, dense)
        np.testing.assert_array_equal(found, wanted)


BAD = [
    ({"indptr": [0, 1]}, TypeError, "matrix.indptr must be a numpy array"),
    ({"indptr": np.zeros(0, np.int64)}, ValueError, "at least one"),
    ({"indptr": np.array([0, 1, 2], np.int64)}, ValueError, "end at 3"),
    ({"indptr": np.array([1, 1, 3], np.int64)}, ValueError, "start at 0"),
    ({"indptr": np.array([0, 4, 3], np.int64)}, ValueError, "falls at row 1"),
    ({"indptr": np.array([0.0, 2, 3])}, ValueError, "int64"),
    ({"indices": np.array([0, 1, 5], np.int32)}, ValueError, r"row 1 holds id 5, wanted 0\.\.4"),
    ({"indices": np.array([0, -1, 1], np.int32)}, ValueError, "row 0 holds id -1"),
    ({"indices": np.array([0, 2**32, 1])}, ValueError, "row 0 holds id -1"),
    ({"indices": np.array([0, 1, 2], np.uint8)}, ValueError, "int32"),
    ({"values": np.ones(2, np.float32)}, ValueError, r"values must be float32 \(3\)"),
    ({"values": np.ones(3)}, ValueError, "float64"),
    ({"dense": np.ones((5, 4))}, ValueError, "dense must be float32"),
    ({"dense": np.ones(5, np.float32)}, ValueError, "dense must be"),
    ({"dense": np.ones((4, 5), np.float32).T}, ValueError, "C-contiguous"),
    ({"dense": None}, TypeError, "dense"),
    ({"out": np.ones((2, 3), np.float32)}, ValueError, r"out must be float32 \(2, 4\)"),
    ({"out": np.ones((2, 4))}, ValueError, "float64"),
    ({"num_threads": -1}, ValueError, "num_threads"),
    ({"num_threads": 1.5}, TypeError, "num_threads"),
]


@pytest.mark.parametrize(("change", "error", "words"), BAD)
def test_bad_input(change, error, words):
    good = {
        "indptr": np.array([0, 2, 3], np.int64),
        "indices": np.array([0, 4, 1], np.int32),
        "values": np.ones(3, np.float32),
        "dense": np.ones((5, 4), np.float32),
    }
    csr_times_dense(**good)
    with pytest.raises(error, match=words):
        csr_times_dense(**(good | change))


def test_out_must_be_writeable_and_apart():
    matrix = np.array([0, 1, 2]), np.array([0, 1], np.int32), np.ones(2, np.float32)
    both = np.ones((3, 4), np.float32)
    with pytest.raises(ValueError, match="overlap"):
        csr_times_dense(*matrix, both[:2], out=both[1:])
    frozen = np.ones((2, 4), np.float32)
    frozen.setflags(write=False)
    with pytest.raises(ValueError, match="writeable"):
        csr_times_dense(*matrix, both[:2], out=frozen)


def test_the_interpreter_runs_on():
    """Another thread makes steps while the product is computed: the GIL is released."""
    indptr = np.arange(0, 2_000_001, 20)
    indices = np.random.default_rng(0).integers(0, 1000, 2_000_000).astype(np.int32)
    values, dense = np.ones(2_000_000, np.float32), np.ones((1000, 256), np.float32)
    inside, done = threading.Event(), threading.Event()

    def multiply():
        inside.set()
        csr_times_dense(indptr, indices, values, dense, num_threads=1)
        done.set()

    worker = threading.Thread(target=multiply)
    worker.start()
    inside.wait()
    steps = 0
    while not done.is_set():
        time.sleep(0.001)
        steps += 1
    worker.join()
    assert steps >= 3
