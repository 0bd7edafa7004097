# SPDX-License-Identifier: Apache-2.0
"""Terms that docs/training.md shows, written outside of the package: codes follow them."""

import importlib
import itertools
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.binarizers import SignSwish
from hashrec_fast.losses import MSE
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.towers import Embedding
from hashrec_fast.training import (
    GNCCP,
    BackwardApproximation,
    ForwardApproximation,
    Gradient,
    Observed,
    OneStage,
    Pairs,
    Proximal,
)

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
N_BITS = 16

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not with the tests")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The module of the page, imported from a folder outside of the package."""
    (code,) = re.findall(r"```python\n(# mylosses\.py\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    folder = tmp_path_factory.mktemp("own")
    (folder / "mylosses.py").write_text(code, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setitem(sys.modules, "mylosses", None)  # so that the entry goes afterwards
        del sys.modules["mylosses"]
        yield importlib.import_module("mylosses")


def rated(seed=0):
    """Ratings from 1 to 5 by three factors, of two pairs in five."""
    rng = np.random.default_rng(seed)
    score = rng.standard_normal((80, 3)) @ rng.standard_normal((60, 3)).T
    seen = rng.random(score.shape) < 0.4
    return sp.csr_matrix(np.clip(np.rint(3 + score), 1, 5) * seen)


def liked(seed=0):
    """Whether users like items of their kind, and half of that as interactions."""
    rng = np.random.default_rng(seed)
    likes = rng.integers(0, 4, 80)[:, None] == rng.integers(0, 4, 60)
    return likes, sp.csr_matrix(likes & (rng.random(likes.shape) < 0.5), dtype=float)


def strategies(sampler):
    """Every way of finding codes, with the tower it trains."""
    learn = Gradient(sampler=sampler, epochs=40, learning_rate=0.05)
    return {
        "one-stage": (OneStage(solver=DCD()), None),
        "proximal": (Proximal(solver=GNCCP()), None),
        "forward": (ForwardApproximation(solver=learn), Embedding()),
        "backward": (BackwardApproximation(gradient=SignSwish(), solver=learn), Embedding()),
    }


def model_of(loss, strategy, tower, feedback, constraints=()):
    recipe = Recipe(
        name="own",
        title="own",
        venue="own",
        year=2026,
        fidelity="own",
        feedback=feedback,
        objective=(loss,),
        constraints=constraints,
        strategy=strategy,
        tower=tower,
    )
    return hf.HashRecommender(recipe, n_bits=N_BITS, random_state=0, num_threads=1)


def fitted(loss, data, name, *, sampler, feedback="explicit"):
    model = model_of(loss, *strategies(sampler)[name], feedback)
    return model.fit(data, show_progress=False)


def scores(user_codes, item_codes):
    """Scores b'd of all pairs in units of the code length."""
    return 1 - 2 * hf.hamming_matrix(user_codes, item_codes) / N_BITS


def correlation(model, ratings):
    found = scores(model.user_codes_, model.item_codes_)[ratings.nonzero()]
    return np.corrcoef(found, ratings.data)[0, 1]


def best_error(model, ratings):
    """Mean squared error of the pairs with the best rating, whose target is 1."""
    best = ratings.toarray() == 5
    return np.mean((1 - scores(model.user_codes_, model.item_codes_)[best]) ** 2)


# --- one class for all strategies -----------------------------------------------------------


@pytest.mark.parametrize("name", strategies(Observed()))
def test_codes_follow_a_loss_that_is_quadratic_and_differentiable(own, name):
    ratings = rated()
    plain, heavy = (
        fitted(own.FavouriteLoss(boost=boost), ratings, name, sampler=Observed())
        for boost in (0.0, 20.0)
    )
    assert correlation(plain, ratings) > 0.6
    assert correlation(heavy, ratings) > 0.6
    assert (plain.item_codes_ != heavy.item_codes_).any()
    assert best_error(heavy, ratings) < best_error(plain, ratings)
    assert plain.encode_users(ratings[:4]).shape == (4, 1)


# --- a quadratic loss -----------------------------------------------------------------------


def test_without_a_boost_it_is_the_squared_error(own):
    ratings = rated()
    codes = [
        fitted(loss, ratings, "one-stage", sampler=Observed()).item_codes_
        for loss in (own.FavouriteSquare(boost=0.0), MSE())
    ]
    np.testing.assert_array_equal(*codes)


def test_rows_never_seen_are_folded_in_on_the_scale_of_training(own):
    ratings = rated()
    train, new = ratings[:60], ratings[60:]
    model = fitted(own.FavouriteSquare(), train, "one-stage", sampler=Observed())
    found = scores(model.encode_users(new), model.item_codes_)[new.nonzero()]
    assert np.corrcoef(found, new.data)[0, 1] > 0.6

    worst = sp.csr_matrix(np.where(new[0].toarray() > 0, 1.0, 0.0))  # all its ratings are 1
    code = model.encode_users(worst)
    assert scores(code, model.item_codes_)[worst.nonzero()].mean() < 0


def test_only_solvers_of_squares_take_it(own):
    with pytest.raises(ValueError, match="FavouriteSquare has no differentiable value"):
        model_of(own.FavouriteSquare(), *strategies(Observed())["proximal"], "explicit")
    with pytest.raises(ValueError, match="FavouriteSquare has no differentiable value"):
        model_of(own.FavouriteSquare(), *strategies(Observed())["backward"], "explicit")


# --- a differentiable loss ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["proximal", "forward", "backward"])
def test_codes_follow_a_differentiable_loss(own, name):
    likes, seen = liked()
    narrow, wide = (
        fitted(own.SoftMargin(margin=margin), seen, name, sampler=Pairs(), feedback="implicit")
        for margin in (0.2, 0.6)
    )
    for model in (narrow, wide):
        ids, _ = model.recommend(np.arange(80), N=3)
        assert np.take_along_axis(likes, ids, axis=1).mean() > 0.8
    assert (narrow.item_codes_ != wide.item_codes_).any()


def test_solvers_of_squares_refuse_it(own):
    with pytest.raises(ValueError, match="SoftMargin has neither a quadratic form nor"):
        model_of(own.SoftMargin(), *strategies(Pairs())["one-stage"], "implicit")


# --- a constraint ---------------------------------------------------------------------------


def test_codes_follow_a_constraint(own):
    ratings, rng = rated(), np.random.default_rng(1)
    side = {"item_features": (rng.random((60, 8)) < 0.5) * 1.0}
    wanted = 2 * side["item_features"] - 1
    strategy = OneStage(solver=DCD())

    def fit(weight):
        model = model_of(MSE(), strategy, None, "explicit", (own.FeatureBits(weight=weight),))
        model.fit(ratings, side_info=side, show_progress=False)
        return model, (hf.unpack(model.item_codes_, N_BITS)[:, :8] == wanted).mean()

    free = fitted(MSE(), ratings, "one-stage", sampler=Observed())
    (idle, chance), (strong, share) = fit(0.0), fit(300.0)
    np.testing.assert_array_equal(idle.item_codes_, free.item_codes_)
    assert chance < 0.7
    assert share > 0.95
    assert correlation(strong, ratings) > 0.6
    values = [row["objective"] for row in strong.history_]
    assert all(after <= before + 1e-9 for before, after in itertools.pairwise(values))
    with pytest.raises(ValueError, match="item_features"):
        model_of(MSE(), strategy, None, "explicit", (own.FeatureBits(),)).fit(ratings)


# --- files ----------------------------------------------------------------------------------


def test_a_model_of_own_terms_is_loaded_where_their_module_is_trusted(own, tmp_path):
    ratings = rated()
    model = hf.create("dcf", n_bits=N_BITS, random_state=0, objective=(own.FavouriteSquare(),))
    model.set_params(favourite_square__boost=2.0).fit(ratings, show_progress=False)
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"trust=\('mylosses',\)"):
        hf.load(tmp_path / "model")
    again = hf.load(tmp_path / "model", trust=("mylosses",))
    assert again.recipe.objective == (own.FavouriteSquare(boost=2.0),)
    np.testing.assert_array_equal(again.encode_users(ratings[:9]), model.encode_users(ratings[:9]))


def test_settings_of_own_terms_are_checked_by_their_hints(own):
    with pytest.raises(ValueError, match="favourite_square__boost must be at least 0"):
        hf.create("dcf", objective=(own.FavouriteSquare(boost=-1.0),))
