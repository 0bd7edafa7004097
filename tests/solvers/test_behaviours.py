# SPDX-License-Identifier: Apache-2.0
"""Weighted pairs over all pairs: two behaviours, and outfits that augment themselves."""

import numpy as np
import pytest
import scipy.sparse as sp
from problems import context, ratings, signs

from hashrec_fast.contracts import Terms
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import MSE, BehaviourSquare, OutfitSquare
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.dcd import DCD, pointwise_term
from hashrec_fast.training import OneStage

N_BITS = 7


def likes(seed=0, density=0.15):
    matrix = ratings(seed, density=density)
    matrix.data[:] = 1
    return matrix


def states_of(matrix, seed=0):
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    return random_states(rows, N_BITS, np.random.default_rng(seed))


def dense_loss(weights, targets, states):
    scores = signs(states["user"]) @ signs(states["item"]).T
    return (weights * (targets - scores) ** 2).sum()


def assert_descends(data_term, weights, targets, states):
    values = [dense_loss(weights, targets, states)]
    assert data_term.loss(states) == pytest.approx(values[0], rel=1e-5)
    for _ in range(4):
        for side in data_term.sides:
            data_term.half(side, states, NO_LINEAR, sweeps=5, num_threads=1)
            values.append(dense_loss(weights, targets, states))
    assert (np.diff(values) <= 1e-4 * values[0]).all()  # weights are multiples of 2**-20
    assert values[-1] < 0.9 * values[0]


def test_weighted_entries_equal_dense_weights():
    matrix = likes()
    rng = np.random.default_rng(1)
    given = rng.random(matrix.nnz) * 2
    targets = rng.integers(-7, 8, matrix.nnz).astype(float)
    data_term = WeightedPairs(
        matrix, targets, N_BITS, rest_weight=0.05, rest_target=-0.5, weights=given
    )
    weights = np.full(matrix.shape, round(0.05 * 2**20) / 2**20)
    wanted = np.full(matrix.shape, -0.5 * N_BITS)
    weights[matrix.nonzero()], wanted[matrix.nonzero()] = given, targets
    assert_descends(data_term, weights, wanted, states_of(matrix))


def test_weighted_start_solves_the_weighted_problem():
    """A pair of weight three counts as three equal pairs would."""
    matrix = likes()
    one = np.ones(matrix.nnz)
    plain = WeightedPairs(matrix, N_BITS * one, N_BITS, rest_weight=0.1, rest_target=-1.0)
    same = WeightedPairs(
        matrix, N_BITS * one, N_BITS, rest_weight=0.1, rest_target=-1.0, weights=one
    )
    heavy = WeightedPairs(
        matrix, N_BITS * one, N_BITS, rest_weight=0.1, rest_target=-1.0, weights=50 * one
    )
    starts = [
        data_term.start((0, 0), context(N_BITS), rounds=3) for data_term in (plain, same, heavy)
    ]
    np.testing.assert_array_equal(starts[0]["item"].values, starts[1]["item"].values)
    assert (starts[0]["item"].values != starts[2]["item"].values).any()


@pytest.mark.parametrize("with_examined", [True, False])
def test_behaviours_equal_dense(with_examined):
    matrix, examined = likes(), likes(5)
    term = BehaviourSquare(weight=1.0, examined_weight=0.25, rest_weight=0.5, rest_target=-1.0)
    side = {"examined": examined} if with_examined else {}
    data_term = pointwise_term(matrix, Terms((term,)), context(N_BITS, **side))
    bought, seen = matrix.toarray() > 0, examined.toarray() > 0
    rest = round(0.5 * np.sqrt(bought.mean()) * 2**20) / 2**20
    weights = np.full(matrix.shape, rest)
    targets = np.full(matrix.shape, -float(N_BITS))
    if with_examined:
        weights[seen], targets[seen] = 0.25, N_BITS
    weights[bought], targets[bought] = 1.0, N_BITS
    assert_descends(data_term, weights, targets, states_of(matrix))


def test_outfits_before_augmentation_equal_dense():
    matrix = likes()
    data_term = pointwise_term(
        matrix, Terms((OutfitSquare(rest_weight=0.5, rest_target=-1.0),)), context(N_BITS)
    )
    known = matrix.toarray() > 0
    weights = np.where(known, 1.0, round(0.5 * np.sqrt(known.mean()) * 2**20) / 2**20)
    assert_descends(data_term, weights, np.where(known, N_BITS, -N_BITS), states_of(matrix))


def test_self_made_pairs_are_the_best_unknown_ones():
    matrix = likes()
    term = OutfitSquare(augment_share=0.1, augment_score=0.4, augment_weight=0.2)
    data_term = pointwise_term(matrix, Terms((term,)), context(N_BITS))
    states = states_of(matrix, 3)
    pairs, weights = data_term.augmented(states)
    known = matrix.toarray() > 0
    scores = signs(states["user"]) @ signs(states["item"]).T
    expected = known * 1.0
    for u, row in enumerate(scores):
        unknown = np.flatnonzero(~known[u])
        best = unknown[np.argsort(-row[unknown], kind="stable")][:3]  # a tenth of 25, rounded up
        expected[u, best[row[best] >= 0.4 * N_BITS]] = 0.2
    got = sp.csr_matrix((weights, pairs.indices, pairs.indptr), shape=pairs.shape).toarray()
    np.testing.assert_array_equal(got, expected)
    assert (got == 0.2).any()
    limited, _ = pointwise_term(
        matrix, Terms((OutfitSquare(augment_limit=1),)), context(N_BITS)
    ).augmented(states)
    assert (np.diff(limited.indptr) - np.diff(matrix.indptr)).max() == 1


def test_augmentation_starts_late_and_ends():
    matrix = likes()
    term = OutfitSquare(augment_share=0.2, augment_score=-1.0, augment_rounds=2)
    data_term = pointwise_term(matrix, Terms((term,)), context(N_BITS))
    states, objects = states_of(matrix), []
    for _ in range(5):
        data_term.refresh("user", states)
        data_term.refresh("item", states)
        objects.append(data_term._squares)
    assert objects[0] is not objects[1] is not objects[2]
    assert objects[2] is objects[3] is objects[4]
    assert objects[0].size == matrix.nnz < objects[1].size


def test_other_objectives_do_not_join():
    for parts in ((MSE(), OutfitSquare()), (OutfitSquare(), BehaviourSquare())):
        lost = next(type(part).__name__ for part in parts if not isinstance(part, OutfitSquare))
        with pytest.raises(ValueError, match=f"DCD cannot optimise {lost} together with"):
            OneStage(solver=DCD()).check(parts, ())
