# SPDX-License-Identifier: Apache-2.0
"""The choice between Gram and residual form costs time, never codes."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.kernels.row_terms import DelegateMap, EntryLists, RowLinear, SharedTerms
from hashrec_fast.kernels.rows import RowPass, residual_pass
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.hinge import make_hinge
from hashrec_fast.solvers.row_forms import prefer_residual, rows_pass
from hashrec_fast.solvers.state import SignState


def lists(rng, n_rows=40, n_other=200, *, weighted=True):
    """Rows of 0 to 150 entries, so that both forms are cheapest somewhere."""
    counts = rng.integers(0, 20, n_rows)
    counts[::4] = rng.integers(60, 150, len(counts[::4]))
    indptr = np.concatenate([[0], np.cumsum(counts)])
    indices = np.concatenate([np.sort(rng.permutation(n_other)[:c]) for c in counts])
    pattern = sp.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(n_rows, n_other))
    quad = rng.random(len(indices)) if weighted else None
    return both_orders(pattern, quad, 10 * rng.standard_normal(len(indices)))[0]


def both_sides(rng, n_bits):
    return SignState.random(40, n_bits, rng), SignState.random(200, n_bits, rng)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_bits", [8, 16, 32, 100])
def test_every_form_gives_the_same_codes(simd_level, n_bits, weighted):
    rng = np.random.default_rng(n_bits)
    entries = lists(rng, weighted=weighted)
    own, other = both_sides(rng, n_bits)
    width = own.values.shape[1]
    delegate = DelegateMap(np.eye(width) * 0.3, np.full(width, 0.01))
    linear = RowLinear(rng.standard_normal((40, width)), delegate)
    shared = SharedTerms(quad=0.37 * other.gram(), linear=0.11 * other.total())
    rows = rng.permutation(40)[:30].astype(np.int32)
    results = []
    for form in ("gram", "residual", "auto"):
        for num_threads in (1, 2, 3):
            state = SignState(own.values.copy(), n_bits)
            step = RowPass(
                entries=entries,
                shared=shared,
                linear=linear,
                rows=rows,
                sweeps=4,
                num_threads=num_threads,
            )
            changed = rows_pass(state, other, step, form=form)
            results.append((changed, state.values))
    for changed, values in results[1:]:
        assert changed == results[0][0] > 0
        np.testing.assert_array_equal(values, results[0][1])


def test_short_rows_of_few_bits_take_the_gram_form():
    lengths = np.array([1, 5, 50, 500])
    np.testing.assert_array_equal(prefer_residual(lengths, 8), [False, False, True, True])
    assert prefer_residual(lengths, 64).all()


def test_values_that_are_no_signs_take_the_gram_form():
    rng = np.random.default_rng(0)
    entries = lists(rng)
    own, other = both_sides(rng, 64)
    other.values[:, :64] = rng.integers(-256, 257, (200, 64))
    picked, gram = (SignState(own.values.copy(), 64) for _ in range(2))
    step = RowPass(entries=entries, sweeps=3)
    rows_pass(picked, other, step)
    rows_pass(gram, other, step, form="gram")
    np.testing.assert_array_equal(picked.values, gram.values)
    assert (picked.values != own.values).any()


def test_real_designs_are_solved_by_residuals():
    rng = np.random.default_rng(1)
    entries = lists(rng)
    own, _ = both_sides(rng, 16)
    design = rng.standard_normal((200, 16)).astype(np.float32)
    before = own.values.copy()
    step = RowPass(entries=entries, sweeps=3)
    assert rows_pass(own, design, step) == (own.values != before).sum() > 0


@pytest.mark.parametrize("asked", ["hinge", "temperature", "block_bits"])
def test_what_no_residuals_can_do_takes_the_gram_form(asked):
    rng = np.random.default_rng(2)
    entries = lists(rng)
    own, other = both_sides(rng, 64)
    hinge = make_hinge(other.codes(), None, 64, 0.3, 0.05)
    step = RowPass(entries=entries, **{asked: {"hinge": hinge}.get(asked, 2)})
    assert prefer_residual(np.diff(entries.indptr), 64).any()
    picked, gram = (SignState(own.values.copy(), 64) for _ in range(2))
    assert rows_pass(picked, other, step) == rows_pass(gram, other, step, form="gram") > 0
    np.testing.assert_array_equal(picked.values, gram.values)
    for design in (other.codes(), np.zeros((200, 64), np.float32)):
        with pytest.raises(ValueError, match="need the Gram form"):
            residual_pass(own.values, 64, design, step)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"form": "gram", "real": True}, "no exact Gram form"),
        ({"block_bits": 4, "real": True}, "need the Gram form"),
        ({"form": "residual", "block_bits": 4}, "blocks of bits need the Gram form"),
    ],
)
def test_impossible_forms_raise(arguments, message):
    own, other = both_sides(np.random.default_rng(0), 8)
    empty = EntryLists(np.zeros(41, np.int64), np.zeros(0, np.int32), None, np.zeros(0))
    design = np.zeros((200, 8), np.float32) if arguments.get("real") else other
    step = RowPass(entries=empty, block_bits=arguments.get("block_bits", 1))
    with pytest.raises(ValueError, match=message):
        rows_pass(own, design, step, form=arguments.get("form", "auto"))
