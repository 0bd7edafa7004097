# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast import _core
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.testing import reference_factors as reference


@functools.cache
def expected_pass(width, use_gram, per_entry):
    rng = np.random.default_rng(width)
    pairs = sp.random(12, 35, 0.2, format="csr", random_state=rng)
    pairs.sort_indices()
    pairs = sp.vstack([pairs, sp.csr_matrix((1, 35))]).tocsr()  # a row without entries
    x = rng.standard_normal((13, width)).astype(np.float32)
    y = rng.standard_normal((35, width)).astype(np.float32)
    options = {"use_gram": use_gram, "quad": 3.5, "lin": 4.5, "reg": 0.7, "steps": 4}
    if per_entry:
        options["quad"] = rng.random(pairs.nnz).astype(np.float32)
        options["lin"] = rng.standard_normal(pairs.nnz).astype(np.float32)
        options["row_reg"] = rng.random(13).astype(np.float32)
        options["row_linear"] = rng.standard_normal((13, width)).astype(np.float32)
    expected = reference.ridge_pass(x, y, *csr_parts(pairs), **options)
    return x, y, pairs, options, expected


@pytest.mark.parametrize("width", [16, 48, 64, 144])
@pytest.mark.parametrize("use_gram", [True, False])
@pytest.mark.parametrize("per_entry", [True, False])
def test_pass_equals_twin(simd_level, width, use_gram, per_entry):
    start, y, pairs, options, expected = expected_pass(width, use_gram, per_entry)
    for num_threads in (1, 2, 3):
        x = start.copy()
        _core.ridge_pass(x, y, *csr_parts(pairs), num_threads=num_threads, **options)
        np.testing.assert_array_equal(x, expected)
