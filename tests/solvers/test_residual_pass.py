# SPDX-License-Identifier: Apache-2.0
"""Residual and Gram forms of the row pass: equal to their twins, and to each other."""

import functools

import numpy as np
import pytest

from hashrec_fast import _core
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import reference_descent, reference_solvers

N_ROWS, N_OTHER = 19, 80


def entries(rng, *, weighted, integers=True):
    """Row lists with an empty row, a single entry and one longer than two blocks of 64."""
    counts = rng.integers(0, 40, N_ROWS)
    counts[:4] = 0, 70, 64, 1
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lists = [np.sort(rng.permutation(N_OTHER)[:c]) for c in counts]
    indices = np.concatenate(lists).astype(np.int32)
    nnz = len(indices)
    if integers:
        quad = rng.integers(-(2**8), 2**12, nnz) / 2.0**10
        lin = rng.integers(-(2**14), 2**14, nnz) / 2.0**8
    else:
        quad, lin = rng.random(nnz) * 3, rng.standard_normal(nnz) * 30
    return indptr, indices, (quad if weighted else None), lin


def shared_terms(n_bits, rng, kind):
    """Everything a row may have besides its entries; ``C`` of real numbers in "full"."""
    width = -(-n_bits // 8) * 8
    options = {}
    if kind in {"delegate", "full"}:
        root = np.zeros((width, width))
        root[:n_bits, :n_bits] = rng.standard_normal((n_bits, n_bits))
        options["delegate_matrix"] = root @ root.T
        options["delegate_mean"] = rng.standard_normal(width)
    if kind == "full":
        root = np.zeros((width, width))
        root[:n_bits, :n_bits] = rng.standard_normal((n_bits, n_bits))
        options["base_quad"] = 0.3 * root @ root.T
        options["base_linear"] = rng.standard_normal(width)
        options["row_linear"] = rng.standard_normal((N_ROWS, width))
        options["row_scale"] = rng.random(N_ROWS)
    if kind == "linear":
        options["row_linear"] = 10 * rng.standard_normal((N_ROWS, width))
    return options


@functools.cache  # the twins are slow, and the same at every level
def case(n_bits, kind, design, weighted):
    rng = np.random.default_rng([n_bits, len(kind), weighted])
    lists = entries(rng, weighted=weighted, integers=design == "signs")
    options = shared_terms(n_bits, rng, kind)
    start = SignState.random(N_ROWS, n_bits, rng)
    other = SignState.random(N_OTHER, n_bits, rng)
    if design == "signs":
        table = other.codes()
    else:
        table = np.zeros(other.values.shape, np.float32)
        table[:, :n_bits] = rng.standard_normal((N_OTHER, n_bits))
    expected = start.values.copy()
    changed = reference_descent.residual_pass(expected, n_bits, table, *lists, sweeps=4, **options)
    return start, other, table, lists, options, expected, changed


KINDS = ["plain", "linear", "delegate", "full"]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_bits", [1, 7, 8, 33, 64, 65, 130])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", ["signs", "real"])
def test_pass_equals_twin(simd_level, n_bits, kind, design, weighted):
    start, _, table, lists, options, expected, changed = case(n_bits, kind, design, weighted)
    assert changed > 0
    for num_threads in (1, 2, 3):
        values = start.values.copy()
        got = _core.residual_pass(
            values, n_bits, table, *lists, sweeps=4, num_threads=num_threads, **options
        )
        np.testing.assert_array_equal(values, expected)
        assert got == changed


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_bits", [1, 7, 8, 33, 64, 65, 130])
@pytest.mark.parametrize("kind", KINDS)
def test_gram_form_gives_the_same_codes(simd_level, n_bits, kind, weighted):
    start, other, _, lists, options, expected, changed = case(n_bits, kind, "signs", weighted)
    values = start.values.copy()
    got = _core.row_pass(
        values, n_bits, other.values, *lists, other_codes=other.codes(), sweeps=4, **options
    )
    np.testing.assert_array_equal(values, expected)
    assert got == changed
    twin = start.values.copy()
    reference_solvers.row_pass(twin, n_bits, other.values, *lists, sweeps=4, **options)
    np.testing.assert_array_equal(twin, expected)


def test_signs_as_reals_give_the_same_codes(simd_level):
    """A real design that happens to be signs, with sums that do not round."""
    start, other, _, lists, options, expected, _ = case(33, "delegate", "signs", True)
    values = start.values.copy()
    design = (other.values / 256).astype(np.float32)
    _core.residual_pass(values, 33, design, *lists, sweeps=4, **options)
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("design", ["signs", "real"])
def test_real_weights_round_alike_at_all_levels(design):
    """Weights that are no fractions of powers of two: no twin for signs, but one answer."""
    rng = np.random.default_rng(5)
    lists = entries(rng, weighted=True, integers=False)
    start = SignState.random(N_ROWS, 40, rng)
    other = SignState.random(N_OTHER, 40, rng)
    table = other.codes() if design == "signs" else (other.values / 300).astype(np.float32)
    answers, before = [], _core.simd_level()
    for level in _core.available_simd_levels():
        _core.set_simd_level(level)
        values = start.values.copy()
        _core.residual_pass(values, 40, table, *lists)
        answers.append(values)
    _core.set_simd_level(before)
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("design", ["signs", "real"])
def test_flip_gain_is_the_change_of_the_loss(design, weighted):
    """``4 b_k q_k`` is what the squared error and all other terms change by when bit k flips."""
    n_bits = 9
    start, other, table, lists, options, _, _ = case(n_bits, "full", design, weighted)
    indptr, indices, quad, lin = lists
    z_all = table if design == "real" else other.values / 256
    for r in range(N_ROWS):
        x = start.values[r] / 256
        part = slice(indptr[r], indptr[r + 1])
        z = z_all[indices[part]].astype(np.float64)
        w = np.ones(len(z)) if quad is None else quad[part]
        shared = reference_descent.SharedTerms(r, x, options)

        def loss(b, z=z, w=w, part=part, shared=shared):
            data = (w * (z @ b) ** 2).sum() - 2 * lin[part] @ (z @ b)
            return data + shared.scale * b @ shared.quad @ b - 2 * shared.linear @ b

        v = lin[part] - w * (z @ x)
        for k in range(n_bits):
            q = z[:, k] @ v + (w * z[:, k] ** 2).sum() * x[k] + shared.push(k, x)
            flipped = x.copy()
            flipped[k] = -flipped[k]
            assert loss(flipped) - loss(x) == pytest.approx(4 * x[k] * q, rel=1e-6, abs=1e-6)


def squared_error(state, table, lists):
    """Brute-force ``sum w (t - z'b)^2`` per row; target 0 where the weight is 0."""
    indptr, indices, quad, lin = lists
    errors = np.zeros(len(state))
    for r in range(len(state)):
        part = slice(indptr[r], indptr[r + 1])
        w = np.ones(part.stop - part.start) if quad is None else quad[part]
        score = table[indices[part]].astype(np.float64) @ (state[r] / 256)
        errors[r] = (w * score**2 - 2 * lin[part] * score).sum()
    return errors


@pytest.mark.parametrize("design", ["signs", "real"])
def test_loss_falls_in_every_row_that_changes(design):
    start, other, table, lists, _, _, _ = case(33, "plain", design, True)
    dense = table if design == "real" else other.values / 256
    values, before = start.values.copy(), squared_error(start.values, dense, lists)
    for _ in range(5):
        last = values.copy()
        changed = _core.residual_pass(values, 33, table, *lists, sweeps=1)
        after = squared_error(values, dense, lists)
        moved = (values != last).any(axis=1)
        assert (after[moved] < before[moved]).all()
        before = after
        if changed == 0:
            break
    assert changed == 0


def test_only_wanted_rows_move():
    start, _, table, lists, _, _, _ = case(33, "plain", "signs", True)
    values = start.values.copy()
    rows = np.array([3, 7], dtype=np.int32)
    _core.residual_pass(values, 33, table, *lists, rows=rows)
    untouched = np.setdiff1d(np.arange(N_ROWS), rows)
    np.testing.assert_array_equal(values[untouched], start.values[untouched])
    assert (values[rows] != start.values[rows]).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indices": np.array([99], np.int32)}, "wanted 0..4"),
        ({"lin": np.zeros(3)}, r"lin_weights must be float64 \(1\)"),
        ({"design": np.zeros((5, 9), np.float32)}, r"design must be float32 \(\*, 8\)"),
        ({"design": np.zeros((5, 2), np.uint64)}, r"design must be uint64 \(\*, 1\)"),
        ({"design": np.zeros((5, 8))}, "got float64"),
        ({"state": np.zeros((1, 8), np.int16)}, "must hold signs"),
        ({"rows": np.array([4], np.int32)}, r"ids in \[0, 1\)"),
    ],
)
def test_bad_arguments_raise(change, message):
    arguments = {
        "state": np.full((1, 8), 256, np.int16),
        "design": np.zeros((5, 1), np.uint64),
        "indices": np.array([0], np.int32),
        "lin": np.zeros(1),
        "rows": None,
    } | change
    with pytest.raises(ValueError, match=message):
        _core.residual_pass(
            arguments["state"],
            8,
            arguments["design"],
            np.array([0, 1], np.int64),
            arguments["indices"],
            None,
            arguments["lin"],
            rows=arguments["rows"],
        )


def test_design_must_be_an_array():
    state, indptr = np.full((1, 8), 256, np.int16), np.zeros(2, np.int64)
    with pytest.raises(TypeError, match="design must be a numpy array, got"):
        _core.residual_pass(
            state, 8, [[1]], indptr, np.zeros(0, np.int32), None, np.zeros(0)
        )


@pytest.mark.parametrize("n_bits", [1, 8, 33, 64, 70, 130])
@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 65, 5000])
def test_moments_of_signs(simd_level, n_rows, n_bits):
    state = SignState.random(n_rows, n_bits, np.random.default_rng(n_rows))
    signs = state.values[:, :n_bits].astype(np.int64) // 256
    gram, total = _core.sign_moments(state.values, n_bits)
    np.testing.assert_array_equal(gram, signs.T @ signs)
    np.testing.assert_array_equal(total, signs.sum(axis=0))
    real = state.real()
    np.testing.assert_array_equal(state.moments()[0], real.T @ real)
    np.testing.assert_array_equal(state.moments()[1], real.sum(axis=0))
    if n_rows > 0:  # one value that is no sign, wherever it stands
        state.values[-1, n_bits - 1] = 255
        assert _core.sign_moments(state.values, n_bits) is None
        real = state.real()
        np.testing.assert_array_equal(state.moments()[0], real.T @ real)
        np.testing.assert_array_equal(state.moments()[1], real.sum(axis=0))
