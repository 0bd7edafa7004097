# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np
import pytest

from hashrec_fast import _core
from hashrec_fast.solvers.hinge import classes_of, make_hinge
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import reference_solvers as reference

N_ROWS, N_OTHER = 23, 90


def problem(n_bits, rng, *, unit, hinge, delegate, weighted_classes=False):
    """Random arguments of one pass with dyadic weights."""
    counts = rng.integers(0, 40, N_ROWS)
    counts[0], counts[1] = 0, 70  # an empty row, and one longer than two blocks
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    indices = np.concatenate([np.sort(rng.permutation(N_OTHER)[:c]) for c in counts])
    nnz = len(indices)
    other = SignState.random(N_OTHER, n_bits, rng)
    if not unit:
        other.values[:, :n_bits] = rng.integers(-256, 257, (N_OTHER, n_bits))
    width = other.values.shape[1]
    options = {}
    if not unit:
        options["base_quad"] = other.gram() * 0.013
        options["base_linear"] = -0.21 * other.total()
        options["row_scale"] = rng.integers(1, 200, N_ROWS) / 64
        options["row_linear"] = rng.standard_normal((N_ROWS, width))
    if delegate:
        root = rng.standard_normal((width, width))
        options["delegate_matrix"] = root @ root.T
        options["delegate_mean"] = rng.standard_normal(width)
    if hinge:
        weight = rng.integers(1, 6, N_OTHER) / 64
        classes = classes_of(weight) if weighted_classes else None
        options["hinge"] = make_hinge(other.codes(), classes, n_bits, 0.3, 0.05)
    quad = None if unit else rng.integers(-(2**10), 2**12, nnz) / 2.0**12
    lin = rng.integers(-(2**14), 2**14, nnz) / 2.0**8
    return (other, indptr, indices.astype(np.int32), quad, lin), options


KINDS = {
    "unit": {"unit": True, "hinge": False, "delegate": True},
    "weighted": {"unit": False, "hinge": False, "delegate": False},
    "hinge": {"unit": False, "hinge": True, "delegate": True},
    "classes": {"unit": False, "hinge": True, "delegate": False, "weighted_classes": True},
}


@functools.cache  # the twin is slow and the same for every level
def expected_pass(n_bits, kind, temperature):
    rng = np.random.default_rng(n_bits)
    arguments, options = problem(n_bits, rng, **KINDS[kind])
    start = SignState.random(N_ROWS, n_bits, rng, scale=0.1 if temperature else 1.0)
    expected = start.values.copy()
    step = {"temperature": temperature, "sweeps": 3, **options}
    other, *lists = arguments
    changed = reference.row_pass(expected, n_bits, other.values, *lists, **step)
    return start, other, lists, step, expected, changed


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("n_bits", [1, 5, 8, 33, 64, 65, 100, 180, 250])
@pytest.mark.parametrize("kind", list(KINDS))
def test_pass_equals_twin(simd_level, n_bits, kind, temperature):
    start, other, lists, step, expected, changed = expected_pass(n_bits, kind, temperature)
    for num_threads in (1, 2, 3):
        values = start.values.copy()
        got = _core.row_pass(
            values,
            n_bits,
            other.values,
            *lists,
            other_codes=other.codes(),
            num_threads=num_threads,
            **step,
        )
        np.testing.assert_array_equal(values, expected)
        assert got == changed


def test_only_wanted_rows_move():
    rng = np.random.default_rng(0)
    (other, indptr, indices, quad, lin), options = problem(
        16, rng, unit=False, hinge=True, delegate=False
    )
    state = SignState.random(N_ROWS, 16, rng)
    before = state.values.copy()
    rows = np.array([3, 7], dtype=np.int32)
    _core.row_pass(state.values, 16, other.values, indptr, indices, quad, lin, rows=rows, **options)
    untouched = np.setdiff1d(np.arange(N_ROWS), rows)
    np.testing.assert_array_equal(state.values[untouched], before[untouched])
    assert (state.values[rows] != before[rows]).any()


def row_values(quad, linear, n_bits):
    """Objective x'Ax - 2g'x of all 2^f sign vectors."""
    signs = np.where((np.arange(2**n_bits)[:, None] >> np.arange(n_bits)) & 1, 1.0, -1.0)
    a, g = quad[:n_bits, :n_bits], linear[:n_bits]
    return signs, np.einsum("si,ij,sj->s", signs, a, signs) - 2 * signs @ g


@pytest.mark.parametrize("n_bits", [1, 2, 3, 5, 8])
def test_enumeration_bounds_descent(simd_level, n_bits):
    """The result is a one-flip optimum between the global minimum and the start."""
    rng = np.random.default_rng(n_bits)
    (other, indptr, indices, quad, lin), options = problem(
        n_bits, rng, unit=False, hinge=False, delegate=False
    )
    state = SignState.random(N_ROWS, n_bits, rng)
    start = state.values.copy()
    arguments = (n_bits, other.values, indptr, indices, quad, lin)
    _core.row_pass(state.values, *arguments, sweeps=100, **options)
    found_minimum = 0
    for r in range(N_ROWS):
        matrix, linear = reference.row_terms(r, start, *arguments, **options)
        signs, values = row_values(matrix, linear, n_bits)

        def value_of(x, signs=signs, values=values):
            return values[np.flatnonzero((signs == x[:n_bits] / 256).all(axis=1))[0]]

        got, tolerance = value_of(state.values[r]), 1e-5 * np.abs(values).max()
        assert values.min() - 1e-9 <= got <= value_of(start[r]) + tolerance
        for k in range(n_bits):
            flipped = state.values[r].copy()
            flipped[k] *= -1
            assert value_of(flipped) >= got - tolerance
        found_minimum += got <= values.min() + tolerance
    assert found_minimum >= N_ROWS // 3  # descent is local, but far from random


def test_flip_gain_identity():
    """Flipping bit k changes x'Ax - 2g'x by 4 x_k q_k."""
    rng = np.random.default_rng(1)
    root = rng.standard_normal((12, 12))
    a, g, x = root @ root.T, rng.standard_normal(12), rng.choice([-1.0, 1.0], 12)

    def value(v):
        return v @ a @ v - 2 * g @ v

    for k in range(12):
        flipped = x.copy()
        flipped[k] *= -1
        q = g[k] - a[k] @ x + a[k, k] * x[k]
        assert value(flipped) - value(x) == pytest.approx(4 * x[k] * q)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indices": np.array([99], np.int32)}, "wanted 0..4"),
        ({"indices": np.array([0], np.int64)}, "must be int32"),
        ({"indptr": np.array([0, 2], np.int64)}, "end at 1"),
        ({"lin": np.zeros(3)}, r"lin_weights must be float64 \(1\)"),
        ({"state": np.zeros((1, 9), np.int16)}, r"state must be int16 \(\*, 8\)"),
        ({"rows": np.array([4], np.int32)}, r"ids in \[0, 1\)"),
    ],
)
def test_bad_arguments_raise(change, message):
    arguments = {
        "state": np.zeros((1, 8), np.int16),
        "indptr": np.array([0, 1], np.int64),
        "indices": np.array([0], np.int32),
        "lin": np.zeros(1),
        "rows": None,
    } | change
    with pytest.raises(ValueError, match=message):
        _core.row_pass(
            arguments["state"],
            8,
            np.zeros((5, 8), np.int16),
            arguments["indptr"],
            arguments["indices"],
            np.ones(1),
            arguments["lin"],
            rows=arguments["rows"],
        )
