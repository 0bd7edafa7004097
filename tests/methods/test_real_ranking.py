# SPDX-License-Identifier: Apache-2.0
"""Pairwise and listwise methods on MovieLens; skipped where ``HASHREC_DATA`` names no folder.

Weights and score ranges of the recipes were chosen on a validation part of the training pairs.
"""

import os

import numpy as np
import pytest

import hashrec_fast as hf

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif("HASHREC_DATA" not in os.environ, reason="HASHREC_DATA is not set"),
]


def parts(split):
    dataset = hf.data.load("ml-100k")
    if split == "upstream":
        return hf.data.split(dataset, "upstream")[::2]
    return hf.data.split(dataset, "random", (0.8, 0.0, 0.2), random_state=0)[::2]


@pytest.mark.parametrize(("name", "gain"), [("dpr", 1.15), ("dlcf", 1.05)])
@pytest.mark.parametrize("split", ["random", "upstream"])
def test_implicit_ranking_beats_popularity(name, gain, split):
    """Every rating is a positive, all items are ranked."""
    train, test = (part.user_items for part in parts(split))
    popularity = np.asarray(train.sum(axis=0)).ravel()
    model = hf.create(name, n_bits=32, random_state=0).fit(train, show_progress=False)
    reached, plain = (
        hf.evaluate(scorer, train, test, metrics=("recall@10",))["recall@10"]
        for scorer in (model, popularity)
    )
    assert reached > gain * plain


@pytest.mark.parametrize("name", ["drmf", "dlcf"])
@pytest.mark.parametrize("split", ["random", "upstream"])
def test_explicit_ranking_beats_pointwise_codes(name, split):
    """Rated test items in order, gain 2^r - 1, against DCF of the same length."""
    train, test = parts(split)
    options = {"metrics": ("ndcg@10",), "candidates": "test", "gain": "exp2"}
    reached, pointwise = (
        hf.evaluate(
            hf.create(method, n_bits=32, random_state=0).fit(train, show_progress=False),
            train,
            test,
            **options,
        )["ndcg@10"]
        for method in (name, "dcf")
    )
    assert reached > pointwise + 0.002
