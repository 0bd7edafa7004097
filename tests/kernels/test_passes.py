# SPDX-License-Identifier: Apache-2.0
"""Typed passes hand every part on to where it belongs: they equal their twins with all terms."""

import dataclasses

import numpy as np
import pytest

from hashrec_fast.kernels.factors import RidgePass, integer_topk, ridge_pass
from hashrec_fast.kernels.pairwise import (
    ItemSums,
    PairwisePass,
    UserSums,
    pairwise_item_pass,
    pairwise_user_pass,
)
from hashrec_fast.kernels.row_terms import DelegateMap, EntryLists, RowLinear, SharedTerms
from hashrec_fast.kernels.rows import RowPass, residual_pass, row_pass
from hashrec_fast.solvers.hinge import make_hinge
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import (
    reference_descent,
    reference_factors,
    reference_pairwise,
    reference_solvers,
)

N_BITS, N_ROWS, N_OTHER = 12, 9, 30


def lists_of(rng, n_rows, n_other, most):
    counts = rng.integers(1, most, n_rows)
    indices = np.concatenate([np.sort(rng.permutation(n_other)[:c]) for c in counts])
    return np.concatenate([[0], np.cumsum(counts)]), indices.astype(np.int32)


def row_problem(rng):
    """Signs of both sides and a pass with every term that both forms know."""
    own, other = (SignState.random(n, N_BITS, rng) for n in (N_ROWS, N_OTHER))
    indptr, indices = lists_of(rng, N_ROWS, N_OTHER, 20)
    n, width = len(indices), own.values.shape[1]
    entries = EntryLists(
        indptr, indices, rng.integers(1, 64, n) / 32, rng.integers(-512, 512, n) / 32
    )
    mask = np.arange(width) < N_BITS
    step = RowPass(
        entries=entries,
        shared=SharedTerms(
            quad=0.25 * other.gram(),
            linear=-0.5 * other.total(),
            row_scale=rng.integers(1, 100, N_ROWS) / 64,
        ),
        linear=RowLinear(
            rng.standard_normal((N_ROWS, width)) * mask,
            DelegateMap(np.diag(rng.standard_normal(width) * mask), rng.standard_normal(width)),
        ),
        rows=np.array([7, 0, 3, 4], np.int32),
        sweeps=2,
        num_threads=2,
    )
    return own, other, step


def twin_arguments(step):
    entries, shared = step.entries, step.shared
    rows, matrix, mean = step.linear.parts()
    return (entries.indptr, entries.indices, entries.quad, entries.linear), {
        "rows": step.rows,
        "base_quad": shared.quad,
        "base_linear": shared.linear,
        "row_scale": shared.row_scale,
        "row_linear": rows,
        "delegate_matrix": matrix,
        "delegate_mean": mean,
        "sweeps": step.sweeps,
    }


def test_row_pass_equals_twin(rng):
    own, other, step = row_problem(rng)
    step = dataclasses.replace(
        step, hinge=make_hinge(other.codes(), None, N_BITS, 0.7, 0.1), temperature=0.4
    )
    lists, named = twin_arguments(step)
    expected = own.values.copy()
    changed = reference_solvers.row_pass(
        expected,
        N_BITS,
        other.values,
        *lists,
        **named,
        hinge=step.hinge,
        temperature=step.temperature,
    )
    got = row_pass(own.values, N_BITS, other.values, step)
    np.testing.assert_array_equal(own.values, expected)
    assert got == changed > 0


@pytest.mark.parametrize("form", ["gram", "residual"])
def test_both_forms_equal_the_twin(rng, form):
    own, other, step = row_problem(rng)
    lists, named = twin_arguments(step)
    expected = own.values.copy()
    changed = reference_descent.residual_pass(expected, N_BITS, other.codes(), *lists, **named)
    if form == "gram":
        got = row_pass(own.values, N_BITS, other.values, step)
    else:
        got = residual_pass(own.values, N_BITS, other.codes(), step)
    np.testing.assert_array_equal(own.values, expected)
    assert got == changed > 0


def test_block_bits_reach_the_core(rng):
    """One block of all bits is a search of all codes: no other code of a row is better."""
    own, other, step = row_problem(rng)
    step = dataclasses.replace(step, linear=RowLinear(), block_bits=N_BITS, sweeps=1)
    row_pass(own.values, N_BITS, other.values, step)
    best = own.values.copy()
    single = dataclasses.replace(step, block_bits=1, sweeps=50)
    assert row_pass(own.values, N_BITS, other.values, single) == 0
    with pytest.raises(ValueError, match=r"block_bits must be in 0\.\.12"):
        row_pass(own.values, N_BITS, other.values, dataclasses.replace(step, block_bits=13))
    np.testing.assert_array_equal(own.values, best)


def pairwise_problem(rng):
    """Signs of both sides, positives, and what is left of a pass over one side."""
    users, items = (SignState.random(n, N_BITS, rng) for n in (N_ROWS, N_OTHER))
    liked = rng.random((N_ROWS, N_OTHER)) < 0.2
    n_positives = liked.sum(axis=1).astype(np.float64)
    width = users.values.shape[1]

    def step_of(matrix):
        delegate = DelegateMap(np.eye(width) / 4, rng.standard_normal(width) / 4)
        return PairwisePass(
            positives=(
                np.concatenate([[0], np.cumsum(matrix.sum(axis=1))]),
                np.nonzero(matrix)[1].astype(np.int32),
            ),
            pair_weight=rng.integers(1, 9, N_ROWS) / 64,
            margin=5.5,
            linear=RowLinear(rng.standard_normal((len(matrix), width)), delegate),
            sweeps=1,
            num_threads=2,
        )

    return users, items, liked, n_positives, step_of


def pairwise_twin_arguments(step):
    rows, matrix, mean = step.linear.parts()
    return (*step.positives, step.pair_weight, step.margin), {
        "row_linear": rows,
        "delegate_matrix": matrix,
        "delegate_mean": mean,
        "sweeps": step.sweeps,
    }


def test_pairwise_user_pass_equals_twin(rng):
    users, items, liked, _, step_of = pairwise_problem(rng)
    step = step_of(liked)
    given, named = pairwise_twin_arguments(step)
    expected = users.values.copy()
    changed = reference_pairwise.user_pass(expected, N_BITS, items.values, *given, **named)
    sums = ItemSums(items.codes(), items.gram(), items.total())
    got = pairwise_user_pass(users.values, N_BITS, items.values, step, sums=sums)
    np.testing.assert_array_equal(users.values, expected)
    assert got == changed > 0


@pytest.mark.parametrize("sequential", [True, False])
def test_pairwise_item_pass_equals_twin(rng, sequential):
    users, items, liked, n_positives, step_of = pairwise_problem(rng)
    step = step_of(liked.T)
    given, named = pairwise_twin_arguments(step)
    scores = users.real() @ items.real().T

    def sums():
        return UserSums(n_positives, (liked * scores).sum(axis=1), items.total(), N_OTHER)

    before, twin, own = items.values.copy(), sums(), sums()
    expected = before.copy()
    changed = reference_pairwise.item_pass(
        expected,
        N_BITS,
        users.values,
        *given,
        positives=twin.n_positives,
        own_score=twin.own_score,
        item_total=twin.item_total,
        n_items=twin.n_items,
        sequential=sequential,
        **named,
    )
    got = pairwise_item_pass(
        items.values, N_BITS, users.values, step, sums=own, sequential=sequential
    )
    np.testing.assert_array_equal(items.values, expected)
    for mine, wanted in zip(own, twin, strict=True):
        np.testing.assert_array_equal(mine, wanted)
    assert got == changed > 0


@pytest.mark.parametrize("with_gram", [True, False])
def test_ridge_pass_equals_twin(rng, with_gram):
    own, other, linear = (
        rng.standard_normal((n, 16)).astype(np.float32) for n in (N_ROWS, N_OTHER, N_ROWS)
    )
    indptr, indices = lists_of(rng, N_ROWS, N_OTHER, 12)
    quad, lin = (rng.random(len(indices)).astype(np.float32) for _ in range(2))
    row_reg = rng.random(N_ROWS).astype(np.float32)
    named = {"quad": quad, "lin": lin, "reg": 0.7, "row_reg": row_reg, "row_linear": linear}
    expected = reference_factors.ridge_pass(
        own, other, indptr, indices, use_gram=with_gram, steps=2, **named
    )
    step = RidgePass(
        entries=(indptr, indices), with_gram=with_gram, steps=2, num_threads=2, **named
    )
    ridge_pass(own, other, step)
    np.testing.assert_array_equal(own, expected)


def test_integer_topk_leaves_out_what_is_seen(rng):
    users, items = (rng.integers(-99, 99, (n, 6)).astype(np.int16) for n in (N_ROWS, N_OTHER))
    indptr, indices = lists_of(rng, N_ROWS, N_OTHER, 12)
    scores = users.astype(np.int64) @ items.T
    scores[np.repeat(np.arange(N_ROWS), np.diff(indptr)), indices] = -(10**9)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :5]
    np.testing.assert_array_equal(integer_topk(users, items, (indptr, indices), 5), expected)
