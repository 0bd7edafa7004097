# SPDX-License-Identifier: Apache-2.0
"""What scikit-learn asks of single models and of pipelines that end in one."""

import pickle

import numpy as np
import pytest

import hashrec_fast as hf

base = pytest.importorskip("sklearn.base")
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import FunctionTransformer  # noqa: E402
from sklearn.utils import estimator_html_repr, get_tags  # noqa: E402
from sklearn.utils.validation import check_is_fitted  # noqa: E402

TRAIN, _, TEST = hf.data.split(
    hf.data.generate(n_users=50, n_items=60, random_state=0), "per_user", (0.8, 0.2)
)


def hashed(**settings):
    return hf.create("wdcf", **{"n_bits": 8, "random_state": 0, "teacher": None} | settings)


@pytest.mark.parametrize("name", ["wdcf", "ials", "dcf"])
def test_tags(name):
    model = hf.create(name)
    tags = get_tags(model)
    assert tags.estimator_type is None
    assert not tags.target_tags.required
    assert tags.input_tags.sparse
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.positive_only == (name != "dcf")
    assert tags.requires_fit
    assert not tags.non_deterministic
    assert not base.is_regressor(model)
    assert not base.is_classifier(model)


def test_the_tag_of_a_device_whose_sums_have_no_order():
    model = hf.create("mf_bpr", device="cuda")
    assert get_tags(model).non_deterministic


def test_fitted_or_not():
    model = hashed()
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    assert not hasattr(model, "n_features_in_")
    model.fit(TRAIN, show_progress=False)
    check_is_fitted(model)
    assert model.n_features_in_ == 60
    with pytest.raises(NotFittedError):
        check_is_fitted(base.clone(model))


def test_a_fitted_model_with_its_indexes_is_pickled():
    model = hashed(index="multi_index").fit(TRAIN, show_progress=False)
    expected = model.recommend(np.arange(50), N=5)
    again = pickle.loads(pickle.dumps(model))
    check_is_fitted(again)
    for found, wanted in zip(again.recommend(np.arange(50), N=5), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert again.score(TEST) == model.score(TEST)


def test_a_recipe_that_is_none_is_refused_and_changes_nothing():
    model = hashed()
    before = model.get_params()
    with pytest.raises(TypeError, match=r"recipe must be a Recipe, got 'wdcf' \(str\)"):
        model.set_params(recipe="wdcf", n_bits=16)
    assert model.get_params() == before


def test_pipelines():
    doubled = FunctionTransformer(lambda matrix: matrix * 2)
    pipeline = make_pipeline(doubled, hf.create("dcf", n_bits=8, random_state=0))
    pipeline.fit(TRAIN.user_items, hashrecommender__show_progress=False)
    assert set(pipeline[-1].user_items_.data) == {2.0}
    plain = hf.create("dcf", n_bits=8, random_state=0)
    plain.fit(TRAIN.user_items * 2, show_progress=False)
    np.testing.assert_array_equal(pipeline[-1].item_codes_, plain.item_codes_)
    assert pipeline.score(TEST.user_items) == plain.score(TEST.user_items)
    pipeline.set_params(hashrecommender__n_bits=16)
    assert pipeline.fit(TRAIN.user_items)[-1].fitted_.n_bits == 16
    ids, _ = pipeline[-1].recommend(3, N=5)
    assert ids.shape == (5,)
    assert pipeline.get_params()["hashrecommender__n_bits"] == 16
    assert base.clone(pipeline).get_params()["hashrecommender__n_bits"] == 16


def test_short_names_inside_pipelines():
    pipeline = make_pipeline(FunctionTransformer(), hf.create("wdcf"))
    name = "hashrecommender__squared_hinge__weight"
    assert name in pipeline.get_params()
    pipeline.set_params(**{name: 0.25})
    assert pipeline[-1].get_params()["squared_hinge__weight"] == 0.25


def test_what_is_shown():
    pipeline = make_pipeline(FunctionTransformer(), hashed())
    assert "HashRecommender(WDCF, n_bits=8, random_state=0)" in repr(pipeline)
    for shown in (pipeline, hashed()):
        assert "HashRecommender" in estimator_html_repr(shown)
