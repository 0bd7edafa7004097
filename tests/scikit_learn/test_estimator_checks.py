# SPDX-License-Identifier: Apache-2.0
"""All of scikit-learn's estimator checks, and the exact list of those that fail.

The checks fit dense arrays and pass labels as second argument. The models take neither (tested at
the end), so what is checked are the models below, which make arrays sparse and drop labels.
"""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

estimator_checks = pytest.importorskip("sklearn.utils.estimator_checks")


def sparse(X):
    return X if sp.issparse(X) else sp.csr_array(X)


class TakesArrays:
    """A model that takes what the checks give."""

    def fit(self, X, y=None):
        return super().fit(sparse(X), show_progress=False)

    def score(self, X, y=None):
        return super().score(sparse(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


class Hashed(TakesArrays, hf.HashRecommender):
    pass


class Real(TakesArrays, hf.FloatRecommender):
    pass


def model_of(name, kind, **settings):
    plain = hf.create(name, n_bits=8, random_state=0, **settings)
    return kind(**plain.get_params(deep=False))


MODELS = {
    "wdcf": model_of("wdcf", Hashed, teacher=None),
    "dcf": model_of("dcf", Hashed),
    "ials": model_of("ials", Real),
}
# Why a check fails, and what it finds.
FAIL = {
    "check_do_not_raise_errors_in_init_or_set_params": (
        "set_params refuses unusable values at once and changes nothing, so that a search over a "
        "misspelt or impossible parameter ends before its first fit",
        r"^recipe must be a Recipe, got -1",
    ),
    "check_dtype_object": (
        "scipy has no sparse matrices of objects",
        "scipy.sparse does not support dtype object",
    ),
    "check_estimators_empty_data_messages": (
        "the ValueError for a matrix without columns speaks of items, not of features",
        r"Got user_items must have at least one user and one item, got \(12, 0\)",
    ),
    "check_n_features_in_after_fitting": (
        "score needs the shape of the training matrix, users included, and its ValueError says so "
        "instead of naming features",
        r"`\w+.score\(\)` does not check for consistency between input number",
    ),
}
FAIL_IMPLICIT = FAIL | {
    "check_positive_only_tag_during_fit": (
        "the ValueError names user, item and value in place of scikit-learn's words",
        "Got user_items holds a negative value .* at user 0, item 2",
    ),
}
EXPECTED = {"wdcf": FAIL_IMPLICIT, "dcf": FAIL, "ials": FAIL_IMPLICIT}


def name_of(check):
    """Name of a check, around which its arguments are bound."""
    while hasattr(check, "func"):
        check = check.func
    return check.__name__


def checks():
    """Name of a model, the model and a check."""
    with warnings.catch_warnings():
        # models follow the protocol and do not inherit from BaseEstimator
        warnings.filterwarnings("ignore", "Estimator .* does not inherit from", UserWarning)
        for name, model in MODELS.items():
            for instance, check in estimator_checks.estimator_checks_generator(model):
                yield pytest.param(name, instance, check, id=f"{name}-{name_of(check)}")


CHECKS = list(checks())


@pytest.mark.parametrize(("name", "model", "check"), CHECKS)
# set_params may raise; scikit-learn recommends that it does not
@pytest.mark.filterwarnings("ignore:.*occurred during set_params:UserWarning")
def test_check(name, model, check):
    if name_of(check) not in EXPECTED[name]:
        check(model)
        return
    _, finding = EXPECTED[name][name_of(check)]
    with pytest.raises((AssertionError, TypeError, ValueError), match=finding):
        check(model)


@pytest.mark.parametrize("name", MODELS)
def test_every_reason_is_of_a_check_that_is_run(name):
    run = [name_of(check) for of, _, check in (case.values for case in CHECKS) if of == name]
    assert len(run) > 35
    assert set(EXPECTED[name]) <= set(run)


def test_models_as_they_are_take_sparse_matrices_and_no_labels():
    """What the models above hide: the tag says so, and no check that needs arrays is run."""
    model = hf.create("wdcf", n_bits=8, random_state=0, teacher=None)
    with pytest.warns(estimator_checks.SkipTestWarning, match=r"two_d_array=False.*sparse=True"):
        found = estimator_checks.check_estimator(model)
    assert [(row["check_name"], row["status"]) for row in found] == [
        ("check_estimator_cloneable", "passed")
    ]
    with pytest.raises(TypeError, match=r"must be a scipy.sparse CSR matrix.*got ndarray"):
        model.fit(np.eye(3))
    with pytest.raises(ValueError, match="uses no side_info, got ndarray"):
        model.fit(sp.eye_array(3), np.ones(3))
