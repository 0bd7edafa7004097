# SPDX-License-Identifier: Apache-2.0
"""Methods of the gradient rooms find planted clusters in three epochs, and all of them learns.

Four groups of 40 users like the 40 items of their own group; what is known beside the interactions
says the same, with noise. Held-out likes are ranked among all items that a user has not seen.
"""

import functools

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.methods import load_recipe

torch = pytest.importorskip("torch")
from hashrec_fast.training import loop  # noqa: E402

N, GROUPS, GARMENTS = 160, 4, 36
DISCRETE = ("cf_s", "bccf", "ch", "pph")
"""Two-stage methods with solvers of their own, whose rounds are no epochs."""
RATE, BATCH = "learning_rate", "sampler__batch_size"
BLOCK = {"sampler__users": 20, "sampler__items": 20, RATE: 0.01}
FAST = {RATE: 0.02, BATCH: 64}
METHODS = {
    **{name: {} for name in DISCRETE},
    "hashrec": FAST,
    "neuhash_cf": {
        "tower__item__hidden": (20,),
        "tower__item__word_width": 10,
        "tower__item__dropout": 0.0,
        RATE: 0.02,
        BATCH: 16,
    },
    "vhphd": {"noisy_rating_square__noise": 0.0, RATE: 0.1, BATCH: 16},
    "hashgnn": {RATE: 0.01, BATCH: 64},
    "cgh": FAST,
    "bigear": {
        **FAST,
        "teacher__epochs": 3,
        "teacher__learning_rate": 0.02,
        "teacher__sampler__batch_size": 64,
    },
    "bgch": FAST,
    "hcfrec": {},
    "aecf": {"tower__hidden": (32, 16), "tower__decoder": (16, 32), "tower__dropout": 0.0, **BLOCK},
    "ccsr": {"tower__hidden": (32,), "tower__decoder": (32,), "tower__dropout": 0.0, **BLOCK},
    "djsrh": {},
    "tsgnh": {
        "tower__width": 32,
        "tower__history": 15,
        "tower__friends": 10,
        "tower__dropout": 0.1,
        RATE: 0.01,
        BATCH: 48,
    },
    "fhn": FAST,
    "srloss": {RATE: 0.02, "sampler__pairs": 64},
}
"""Narrower layers and more steps for a small set, and no noise that has no time to sink; epochs are
three for all that have any."""


@functools.cache
def planted(explicit):
    """Training pairs and held-out likes."""
    rng = np.random.default_rng(0)
    group = np.arange(N) % GROUPS
    likes = group[:, None] == group
    draw = rng.random((N, N))
    train = np.where(likes & (draw < 0.7), 5.0, 0.0)
    if explicit:
        train[~likes & (draw < 0.1)] = 1.0
    test = likes & (draw > 0.8)
    return sp.csr_matrix(train), sp.csr_matrix(test, dtype=np.float64)


@functools.cache
def everything():
    """Side information that agrees with the groups but for noise."""
    rng = np.random.default_rng(1)
    group, garment_group = np.arange(N) % GROUPS, np.arange(GARMENTS) % GROUPS

    def features(groups):
        return sp.csr_matrix((np.eye(GROUPS)[groups] + rng.random((len(groups), GROUPS)) > 0.9) * 1)

    same = group[:, None] == group
    outfits = np.zeros((N, GARMENTS))
    for item, own in enumerate(group):
        outfits[item, rng.choice(np.flatnonzero(garment_group == own), 3, replace=False)] = 1
    return {
        "item_features": [features(group)],
        "user_features": [features(group)],
        "social": sp.csr_matrix(same & (rng.random((N, N)) < 0.2), dtype=np.float64),
        "timestamps": sp.csr_matrix(rng.integers(1, 10**6, (N, N))),
        "outfits": sp.csr_matrix(outfits),
        "garment_features": [features(garment_group), features(garment_group)],
    }


def by_chance(train):
    """Recall@10 of a random order of a user's unseen items."""
    return float(np.mean(10 / (N - np.diff(train.indptr))))


@pytest.fixture
def gradients(monkeypatch):
    """Sizes of the gradients of all parameters of the network trained last; ``None`` for none."""
    found = {}
    descend = loop._descend

    def watched(optimizer, network, cost, *rest):
        result = descend(optimizer, network, cost, *rest)
        for key, parameter in network.named_parameters():
            if parameter.grad is not None:
                found[key] = (found.get(key) or 0.0) + float(parameter.grad.abs().sum())
            else:
                found.setdefault(key, None)
        return result

    monkeypatch.setattr(loop, "_descend", watched)
    return found


@pytest.mark.parametrize("name", METHODS)
def test_three_epochs_beat_chance_by_three(name, gradients):
    recipe = load_recipe(name)
    settings = METHODS[name] if name in DISCRETE else {"epochs": 3, **METHODS[name]}
    train, held_out = planted(recipe.feedback == "explicit")
    side = {key: value for key, value in everything().items() if key in recipe.uses}
    model = hf.create(name, n_bits=32, random_state=0, num_threads=1, **settings)
    model.fit(train, side_info=side or None, show_progress=False)
    found = hf.evaluate(model, train, held_out, ("recall@10",), num_threads=1)["recall@10"]
    assert found > 3 * by_chance(train)
    assert bool(gradients) == (name not in DISCRETE)
    assert not [key for key, size in gradients.items() if not size]
