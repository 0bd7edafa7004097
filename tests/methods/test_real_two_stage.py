# SPDX-License-Identifier: Apache-2.0
"""Two-stage methods on MovieLens 100K; skipped where ``HASHREC_DATA`` names no folder.

Weights of the recipes were chosen on a validation part of the training pairs.
"""

import os

import numpy as np
import pytest

import hashrec_fast as hf

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif("HASHREC_DATA" not in os.environ, reason="HASHREC_DATA is not set"),
]


@pytest.fixture(scope="module")
def parts():
    dataset = hf.data.load("ml-100k")
    return hf.data.split(dataset, "random", (0.8, 0.2), random_state=0)[::2]


def reached(scorer, parts, **options):
    options = {"candidates": "test", "metrics": ("ndcg@10",)} | options
    return hf.evaluate(scorer, *parts, **options)["ndcg@10"]


def fitted(name, parts, n_bits=32):
    return hf.create(name, n_bits=n_bits, random_state=0).fit(parts[0], show_progress=False)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("cf_s", 0.74),
        ("cfcodereg", 0.74),
        ("ch", 0.725),
        ("bccf", 0.765),
        ("pph", 0.77),
        ("nq", 0.79),
    ],
)
def test_rated_items_in_order(name, least, parts):
    """Gain 2^r - 1; random codes have .69 to .70, DCF .81."""
    assert reached(fitted(name, parts), parts, gain="exp2") > least


@pytest.mark.parametrize(("n_bits", "least"), [(5, 0.705), (10, 0.73), (20, 0.74), (40, 0.765)])
def test_signs_of_factors_beat_chance_at_every_length(n_bits, least, parts):
    """Ratings above 3 count, test items are ranked; chance is .69."""
    options = {"gain": "binary", "relevance_threshold": 4}
    assert reached(fitted("cf_s", parts, n_bits), parts, **options) > least
    rng = np.random.default_rng(0)
    random = tuple(hf.pack(rng.standard_normal((n, n_bits))) for n in parts[0].user_items.shape)
    assert 0.68 < reached(random, parts, **options) < 0.70


def test_folded_in_users_keep_their_ranking(parts):
    """Codes of training users made again from their ratings serve them as well."""
    for name in ("bccf", "pph", "nq"):
        model = fitted(name, parts)
        codes = (model.encode_users(parts[0].ratings), model.item_codes_)
        assert reached(codes, parts, gain="exp2") > reached(model, parts, gain="exp2") - 0.01
