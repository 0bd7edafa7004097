# SPDX-License-Identifier: Apache-2.0
"""A teacher trained first: what it hands over, and what is refused."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.binarizers import Gauss
from hashrec_fast.losses import BPR, L2, MSE, RankingDistillation
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import LayerScaled
from hashrec_fast.towers import Embedding, Propagation
from hashrec_fast.training import BackwardApproximation, Gradient, GraphTeacher, Pairs

torch = pytest.importorskip("torch")

from hashrec_fast.training.teacher import best_items  # noqa: E402

FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
OBJECTIVE = (BPR(), RankingDistillation())
SLOW = 1e-12  # a learning rate with which nothing moves


class KilledError(Exception):
    pass


def clusters(n=60, groups=3):
    rng = np.random.default_rng(0)
    likes = np.arange(n)[:, None] % groups == np.arange(n) % groups
    draw = rng.random((n, n))
    return sp.csr_matrix(likes & (draw < 0.5)), sp.csr_matrix(likes & (draw > 0.9))


def solver(**settings):
    common = {"epochs": 6, "learning_rate": 0.02, "checkpoint_every": 2}
    return Gradient(sampler=Pairs(batch_size=256), **(common | settings))


def model(teacher, tower=None, objective=OBJECTIVE, **settings):
    recipe = Recipe(
        **FACTS,
        tower=tower or Propagation(layers=1, readout="layers"),
        objective=objective,
        constraints=(L2(weight=1e-4),),
        similarity=LayerScaled(),
        teacher=teacher,
        strategy=BackwardApproximation(gradient=Gauss(scale="row"), solver=solver(**settings)),
    )
    return hf.HashRecommender(recipe, n_bits=12, random_state=3, num_threads=1)


def test_best_items_by_block():
    rng = np.random.default_rng(1)
    user, item = (rng.normal(size=(n, 5)).astype(np.float32) for n in (700, 11))
    lists = best_items(user, item, [3, 2], 4)
    assert lists.shape == (700, 2, 4)
    for block, part in enumerate((slice(0, 3), slice(3, 5))):
        order = np.argsort(-(user[:, part] @ item[:, part].T), axis=1)[:, :4]
        np.testing.assert_array_equal(lists[:, block], order)
    assert best_items(user, item, [5], 100).shape == (700, 1, 11)


def test_the_codes_start_where_the_teacher_ended():
    """A student that does not move has the signs of the teacher."""
    train, _ = clusters()
    seen = []
    taught = model(GraphTeacher(solver=solver()), learning_rate=SLOW, epochs=1)
    taught.fit(train, show_progress=False, callback=seen.append)
    assert [row.get("stage") for row in seen] == ["teacher"] * 6 + [None]
    assert seen[0]["objective"] > seen[5]["objective"]
    assert len(taught.history_) == 1
    ids, _ = taught.recommend(np.arange(60), N=5)
    assert (ids % 3 == np.arange(60)[:, None] % 3).mean() > 0.9
    unmoved = model(GraphTeacher(solver=solver(learning_rate=SLOW)), learning_rate=SLOW, epochs=1)
    ids, _ = unmoved.fit(train, show_progress=False).recommend(np.arange(60), N=5)
    assert (ids % 3 == np.arange(60)[:, None] % 3).mean() < 0.9


def test_a_teacher_with_another_tower_leaves_lists_alone():
    """The lists alone, without any pair, teach an embedding."""
    train, _ = clusters()
    teacher = GraphTeacher(tower=Propagation(layers=2), solver=solver(epochs=20), lists=15)
    taught = model(teacher, Embedding(), (RankingDistillation(),), epochs=40)
    taught.fit(train, show_progress=False)
    assert taught.fitted_.facts["blocks"] == [12]
    ids, _ = taught.recommend(np.arange(60), N=5)
    assert (ids % 3 == np.arange(60)[:, None] % 3).mean() > 0.9


def test_a_killed_run_goes_on_without_training_the_teacher_again(tmp_path):
    train, validation = clusters()
    teacher = GraphTeacher(solver=solver(epochs=3))
    settings = {"validation": validation, "show_progress": False}
    whole = model(teacher, evaluate_every=1).fit(train, **settings)

    def stop(row):
        if row["round"] == 4 and "stage" not in row:
            raise KilledError

    path = tmp_path / "state"
    with pytest.raises(KilledError):
        model(teacher, evaluate_every=1).fit(train, **settings, callback=stop, checkpoint=path)
    seen = []
    again = model(teacher, evaluate_every=1)
    again.fit(train, **settings, callback=seen.append, checkpoint=path)
    assert not any("stage" in row for row in seen)
    np.testing.assert_array_equal(whole.user_codes_, again.user_codes_)
    np.testing.assert_array_equal(whole.item_codes_, again.item_codes_)
    assert whole.history_ == again.history_


def test_what_is_refused():
    train, _ = clusters()
    with pytest.raises(ValueError, match="RankingDistillation follows a teacher, got teacher=None"):
        model(None).fit(train, show_progress=False)
    with pytest.raises(ValueError, match="no use for ImplicitALS as a teacher"):
        model(hf.solvers.ImplicitALS()).fit(train, show_progress=False)
    with pytest.raises(ValueError, match="lists must be at least 1"):
        GraphTeacher(lists=0)
    with pytest.raises(ValueError, match="has no use for Pairs"):
        GraphTeacher(constraints=(Pairs(),))
    assert GraphTeacher(objective=(MSE(),)).objective
