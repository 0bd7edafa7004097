# SPDX-License-Identifier: Apache-2.0
"""Figures on real data; skipped where ``HASHREC_DATA`` names no folder.

Protocol of docs/quality.md: validation ranks all items but training and test items, test ranks
all items but training and validation items. The bounds on the test part are the published
promise; nothing was chosen on it.
"""

import os

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif("HASHREC_DATA" not in os.environ, reason="HASHREC_DATA is not set"),
]


def parts_of(name, min_rating=None):
    dataset = hf.data.load(name)
    if min_rating is not None:
        dataset = dataset.select(dataset.ratings.data > min_rating)
    return hf.data.split(dataset, "random", (0.8, 0.1, 0.1), random_state=0)


def recall(model, parts, part="validation"):
    train, validation, test = parts
    held_out, mask = (validation, test) if part == "validation" else (test, validation)
    return hf.evaluate(model, train, held_out, metrics=("recall@50",), mask=mask)["recall@50"]


@pytest.mark.parametrize(("n_bits", "anchor"), [(8, 0.781), (16, 0.791), (32, 0.808)])
def test_dcf_reaches_its_anchor_on_ml_100k(n_bits, anchor):
    """Rated test items, gain 2^r - 1, random 80/20 split of the pairs, expected ties."""
    dataset = hf.data.load("ml-100k")
    train, _, test = hf.data.split(dataset, "random", (0.8, 0.2), random_state=0)
    model = hf.create("dcf", n_bits=n_bits, random_state=0).fit(train, show_progress=False)
    options = {"metrics": ("ndcg@10",), "candidates": "test", "gain": "exp2"}
    reached = hf.evaluate(model, train, test, **options)["ndcg@10"]
    assert reached > anchor - 0.01
    rng = np.random.default_rng(0)
    random = tuple(hf.pack(rng.standard_normal((n, n_bits))) for n in train.user_items.shape)
    assert reached > hf.evaluate(random, train, test, **options)["ndcg@10"] + 0.05


@pytest.mark.parametrize(("n_bits", "least"), [(8, 0.705), (16, 0.725), (32, 0.735)])
def test_dcf_on_the_publisher_s_split_of_ml_100k(n_bits, least):
    """The split u1 is harder: random codes have .63 there and .70 on random splits."""
    train, _, test = hf.data.split(hf.data.load("ml-100k"), "upstream")
    options = {"metrics": ("ndcg@10",), "candidates": "test", "gain": "exp2"}
    model = hf.create("dcf", n_bits=n_bits, random_state=0).fit(train, show_progress=False)
    rng = np.random.default_rng(0)
    random = tuple(hf.pack(rng.standard_normal((n, n_bits))) for n in train.user_items.shape)
    reached, chance = (
        hf.evaluate(scorer, train, test, **options)["ndcg@10"] for scorer in (model, random)
    )
    assert reached > least
    assert reached > chance + 0.07


def test_wdcf_on_ml_1m():
    parts = parts_of("ml-1m", min_rating=3)
    model = hf.create("wdcf", n_bits=64, random_state=0)
    model.fit(parts[0], validation=parts[1], show_progress=False)
    assert recall(model, parts) > 0.98 * 0.4070


def test_folded_in_users_are_served_almost_as_well():
    """Users kept out of training, encoded from half of their items, asked for the other half."""
    dataset = hf.data.load("ml-1m")
    matrix = dataset.select(dataset.ratings.data > 3).user_items
    n_new = 1000
    rng = np.random.default_rng(0)
    known = matrix[n_new:]
    new = matrix[:n_new].copy()
    keep = rng.random(new.nnz) < 0.5
    given, wanted = new.copy(), new.copy()
    given.data, wanted.data = keep.astype(np.float32), (~keep).astype(np.float32)
    given.eliminate_zeros()
    wanted.eliminate_zeros()
    model = hf.create("wdcf", n_bits=64, random_state=0).fit(known, show_progress=False)
    codes = model.encode_users(given)
    reached = hf.evaluate((codes, model.item_codes_), given, wanted, metrics=("recall@50",))
    popularity = np.asarray(known.sum(axis=0)).ravel()
    plain = hf.evaluate(popularity, given, wanted, metrics=("recall@50",))
    assert reached["recall@50"] > 1.2 * plain["recall@50"]


@pytest.fixture(scope="module")
def gowalla():
    return parts_of("gowalla")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "part", "bound"),
    [
        ({"n_bits": 64}, "test", 0.275),
        ({"n_bits": 128}, "validation", 0.285),
        ({"n_bits": 64, "teacher": None}, "validation", 0.25),
    ],
    ids=["64 bits", "128 bits", "no teacher"],
)
def test_wdcf_on_gowalla(gowalla, settings, part, bound):
    model = hf.create("wdcf", random_state=0, **settings)
    model.fit(gowalla[0], validation=gowalla[1], show_progress=False)
    assert recall(model, gowalla, part) >= bound


@pytest.mark.slow
def test_no_dense_matrix_is_made():
    """A hundred thousand users and items: dense would be 40 GB."""
    n = 100_000
    rng = np.random.default_rng(0)
    index = (rng.integers(0, n, 500_000), rng.integers(0, n, 500_000))
    matrix = sp.csr_matrix((np.ones(500_000, dtype=np.float32), index), shape=(n, n))
    import resource

    model = hf.create("dcf", n_bits=32, random_state=0, rounds=3)
    model.fit(matrix, show_progress=False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 6 * 2**20  # KiB
