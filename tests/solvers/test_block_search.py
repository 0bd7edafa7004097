# SPDX-License-Identifier: Apache-2.0
"""Bits chosen together, block by block, against all 2^f codes."""

import numpy as np
import pytest

from hashrec_fast import _core
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import reference_descent, reference_solvers

N_ROWS, N_OTHER = 17, 50


def problem(n_bits, rng, *, unit, shared):
    counts = rng.integers(0, 30, N_ROWS)
    counts[:2] = 0, N_OTHER
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lists = [np.sort(rng.permutation(N_OTHER)[:c]) for c in counts]
    indices = np.concatenate(lists).astype(np.int32)
    quad = None if unit else rng.integers(0, 2**12, len(indices)) / 2.0**10
    lin = rng.integers(-(2**12), 2**12, len(indices)) / 2.0**6
    width = -(-n_bits // 8) * 8
    options = {}
    if shared:
        root = np.zeros((width, width))
        root[:n_bits, :n_bits] = rng.standard_normal((n_bits, n_bits))
        options["base_quad"] = root @ root.T
        options["row_linear"] = rng.standard_normal((N_ROWS, width))
        options["row_scale"] = rng.random(N_ROWS)
    other = SignState.random(N_OTHER, n_bits, rng)
    return SignState.random(N_ROWS, n_bits, rng), other, (indptr, indices, quad, lin), options


def run(values, n_bits, other, lists, options, **more):
    return _core.row_pass(
        values, n_bits, other.values, *lists, other_codes=other.codes(), **options, **more
    )


def row_values(r, start, n_bits, other, lists, options):
    """All sign vectors and the objective x'(A + scale C)x - 2(g + a)'x of row r."""
    indptr, indices, quad, lin = lists
    part = slice(indptr[r], indptr[r + 1])
    z = other.values[indices[part], :n_bits] / 256
    weights = np.ones(len(z)) if quad is None else quad[part]
    shared = reference_descent.SharedTerms(r, start.values[r] / 256, options)
    matrix = (weights[:, None] * z).T @ z
    if shared.quad is not None:
        matrix = matrix + shared.scale * shared.quad[:n_bits, :n_bits]
    linear = z.T @ lin[part] + shared.linear[:n_bits]
    signs = np.where((np.arange(2**n_bits)[:, None] >> np.arange(n_bits)) & 1, 1.0, -1.0)
    return signs, np.einsum("si,ij,sj->s", signs, matrix, signs) - 2 * signs @ linear


def value_of(code, signs, values, n_bits):
    return values[np.flatnonzero((signs == code[:n_bits] / 256).all(axis=1))[0]]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize(("n_bits", "block_bits"), [(5, 3), (33, 4), (64, 8), (70, 7), (12, 12)])
def test_pass_equals_twin(simd_level, n_bits, block_bits, unit, shared):
    rng = np.random.default_rng(n_bits)
    start, other, lists, options = problem(n_bits, rng, unit=unit, shared=shared)
    sweeps = 1 if block_bits == 12 else 3
    rows = np.arange(0, N_ROWS, 3 if block_bits == 12 else 1, dtype=np.int32)
    step = {"block_bits": block_bits, "sweeps": sweeps, "rows": rows}
    expected = start.values.copy()
    changed = reference_solvers.row_pass(expected, n_bits, other.values, *lists, **options, **step)
    for num_threads in (1, 2, 3):
        values = start.values.copy()
        got = run(values, n_bits, other, lists, options, num_threads=num_threads, **step)
        np.testing.assert_array_equal(values, expected)
        assert got == changed > 0


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("n_bits", [1, 2, 5, 8, 12])
def test_one_block_of_all_bits_is_the_optimum(simd_level, n_bits, unit):
    rng = np.random.default_rng(n_bits)
    start, other, lists, options = problem(n_bits, rng, unit=unit, shared=True)
    values = start.values.copy()
    run(values, n_bits, other, lists, options, block_bits=n_bits)
    for r in range(N_ROWS):
        signs, objective = row_values(r, start, n_bits, other, lists, options)
        found = value_of(values[r], signs, objective, n_bits)
        assert found - objective.min() < 1e-3  # the margin of ties: 4e-6 times a diagonal


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("n_bits", [1, 3, 8, 12])
@pytest.mark.parametrize("block_bits", [0, 1, 2, 4, 5])
def test_result_lies_between_start_and_optimum(simd_level, n_bits, block_bits, unit):
    """A local optimum of every block, never above the start."""
    rng = np.random.default_rng(100 + n_bits)
    start, other, lists, options = problem(n_bits, rng, unit=unit, shared=True)
    values = start.values.copy()
    run(values, n_bits, other, lists, options, block_bits=block_bits, sweeps=100)
    for r in range(N_ROWS):
        signs, objective = row_values(r, start, n_bits, other, lists, options)
        tolerance = 1e-5 * (1 + np.abs(objective).max())
        found = value_of(values[r], signs, objective, n_bits)
        assert objective.min() - 1e-9 <= found
        assert found <= value_of(start.values[r], signs, objective, n_bits) + tolerance
        for begin in range(0, n_bits, max(1, block_bits)):
            fixed = np.ones(n_bits, dtype=bool)
            fixed[begin : begin + max(1, block_bits)] = False
            same = (signs[:, fixed] == values[r, :n_bits][fixed] / 256).all(axis=1)
            assert found <= objective[same].min() + tolerance


def test_ties_keep_the_present_code():
    """Rows without entries and linear terms: every code is as good, none changes."""
    rng = np.random.default_rng(0)
    start = SignState.random(4, 12, rng)
    other = SignState.random(3, 12, rng)
    empty = np.zeros(5, np.int64), np.zeros(0, np.int32), None, np.zeros(0)
    values = start.values.copy()
    assert run(values, 12, other, empty, {}, block_bits=12) == 0
    np.testing.assert_array_equal(values, start.values)


def test_bad_blocks_raise():
    rng = np.random.default_rng(0)
    start, other, lists, options = problem(8, rng, unit=False, shared=False)
    with pytest.raises(ValueError, match=r"block_bits must be in 0\.\.12, got 13"):
        run(start.values, 8, other, lists, options, block_bits=13)
    with pytest.raises(ValueError, match="needs rows of signs, no hinge and temperature 0"):
        run(start.values, 8, other, lists, options, block_bits=4, temperature=0.5)
    start.values[0, 0] = 3
    with pytest.raises(ValueError, match="needs rows of signs"):
        run(start.values, 8, other, lists, options, block_bits=4)
