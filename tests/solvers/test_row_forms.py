# SPDX-License-Identifier: Apache-2.0
"""The choice between Gram and residual form costs time, never codes."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.solvers.entries import EntryLists, both_orders
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
    terms = {
        "base_quad": 0.37 * other.gram(),
        "base_linear": 0.11 * other.total(),
        "row_linear": rng.standard_normal((40, width)),
        "delegate_matrix": np.eye(width) * 0.3,
        "delegate_mean": np.full(width, 0.01),
    }
    rows = rng.permutation(40)[:30].astype(np.int32)
    results = []
    for form in ("gram", "residual", "auto"):
        for num_threads in (1, 2, 3):
            state = SignState(own.values.copy(), n_bits)
            changed = rows_pass(
                state,
                other,
                entries,
                sweeps=4,
                num_threads=num_threads,
                form=form,
                rows=rows,
                **terms,
            )
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
    rows_pass(picked, other, entries, sweeps=3)
    rows_pass(gram, other, entries, sweeps=3, form="gram")
    np.testing.assert_array_equal(picked.values, gram.values)
    assert (picked.values != own.values).any()


def test_real_designs_are_solved_by_residuals():
    rng = np.random.default_rng(1)
    entries = lists(rng)
    own, _ = both_sides(rng, 16)
    design = rng.standard_normal((200, 16)).astype(np.float32)
    before = own.values.copy()
    assert rows_pass(own, design, entries, sweeps=3) == (own.values != before).sum() > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"form": "gram", "real": True}, "solved by residuals"),
        ({"block_bits": 4, "real": True}, "bit by bit"),
        ({"form": "residual", "block_bits": 4}, "blocks of bits need the Gram form"),
    ],
)
def test_impossible_forms_raise(arguments, message):
    own, other = both_sides(np.random.default_rng(0), 8)
    empty = EntryLists(np.zeros(41, np.int64), np.zeros(0, np.int32), None, np.zeros(0))
    given = dict(arguments)
    design = np.zeros((200, 8), np.float32) if given.pop("real", False) else other
    with pytest.raises(ValueError, match=message):
        rows_pass(own, design, empty, sweeps=1, **given)
