# SPDX-License-Identifier: Apache-2.0
"""Right uses of the package's own names; type checkers must find nothing."""

from typing import assert_type

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

import hashrec_fast as hf
from hashrec_fast.evaluation import recall
from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.training import FloatFactors, OneStage

Both = hf.HashRecommender | hf.FloatRecommender

# --- models ---------------------------------------------------------------------------------
hashed = hf.create("wdcf", n_bits=32, random_state=0, index="multi_index", teacher=None)
assert_type(hashed, hf.HashRecommender)
assert_type(hashed.item_codes_, NDArray[np.uint64])
assert_type(hf.hamming_matrix(hashed.user_codes_, hashed.item_codes_), NDArray[np.int32])
real = hf.create("ials", objective__0__alpha=4)
assert_type(real, hf.FloatRecommender)
assert_type(real.user_factors_, NDArray[np.float32])
index: hf.types.IndexName = "hash_table"
assert_type(hf.create("dcf", index=index), hf.HashRecommender)


def by_name(name: str) -> hf.Recommender:
    """What a name not known before the run gives: either of the two."""
    model = hf.create(name, n_bits=16)
    assert_type(model, Both)
    if isinstance(model, hf.HashRecommender):
        assert_type(model.item_codes_, NDArray[np.uint64])
    else:
        assert_type(model.item_factors_, NDArray[np.float32])
    ids, scores = model.recommend(3, N=10)
    assert_type(ids, NDArray[np.int64])
    assert_type(scores, NDArray[np.float32])
    return model


def by_recipe(recipe: hf.Recipe, solver: FloatFactors, other: OneStage) -> None:
    """A recipe, and a strategy that is replaced: only then may a method change its kind."""
    assert_type(hf.create(recipe), Both)
    assert_type(hf.create("wdcf", strategy=solver), Both)
    assert_type(hf.create("wdcf", strategy=other), hf.HashRecommender)
    assert_type(hf.create("ials", strategy=solver), hf.FloatRecommender)


def read_back(path: str) -> NDArray[np.uint64]:
    """A loaded model is narrowed before its codes are used."""
    model = hf.load(path)
    if not isinstance(model, hf.HashRecommender):
        raise TypeError(f"{path} holds no codes")
    return model.item_codes_


facts = hf.describe("dcf")
assert_type(facts["year"], int)
assert_type(facts.get("objective", []), list[str])
names: list[str] = hf.available_methods()
parts: tuple[type, ...] = (hf.Loss, hf.Tower, hf.Strategy, hf.Recipe)
errors: tuple[type[ValueError], ...] = (hf.NotFittedError, hf.DataError)
version: str = hf.__version__

# --- data -----------------------------------------------------------------------------------
dataset = hf.data.generate(random_state=0)
assert_type(dataset, hf.data.Dataset)
train, validation, test = hf.data.split(dataset, "per_user", (0.8, 0.1, 0.1))
assert_type(train, hf.data.Dataset)
hf.data.read("events.csv", format="csv", user="who", item=1)
hf.data.save(train, "folder")
matrix = sp.csr_matrix(np.eye(3))
halves = hf.data.split(matrix, "random")
hashed.fit(train, validation=validation).fit(matrix).fit(sp.csr_array(np.eye(3)))
hashed.fit(train, side_info={"item_features": np.eye(3), "social": matrix})

rows = hf.data.EventRows(train)
assert_type(rows[[0, 2]], hf.data.EventRows)
assert_type(rows[np.array([0, 2])][:1][np.array([True])], hf.data.EventRows)
assert_type(hf.data.EventRows(matrix).users, NDArray[np.int64])
splitter = hf.data.InteractionSplit(5, test_share=0.1, random_state=0)
for kept, held_out in splitter.split(rows):
    assert_type(kept, NDArray[np.int64])
    hashed.fit(rows[kept], validation=rows[held_out])
    assert_type(hashed.score(rows[held_out]), float)
real.score(test)
hf.evaluate(hashed, rows, matrix, mask=rows)

# --- evaluation -----------------------------------------------------------------------------
metrics = hf.evaluate(hashed, train, test, metrics=("recall@50", "ndcg@50"), mask=validation)
assert_type(metrics, dict[str, float])
assert_type(
    hf.evaluate(real, matrix, matrix, "recall@5", per_user=True), dict[str, NDArray[np.float64]]
)
codes = np.zeros((3, 1), np.uint64)
hf.evaluate((codes, codes), train, test)
hf.evaluate(np.zeros(3), train.user_items, test.user_items, candidates=100)
hf.evaluate(by_name("wdcf"), train, test)


class Popular:
    """A model of one's own."""

    def score(self, user_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The same for all users."""
        return np.zeros((len(user_ids), 3), np.float32)


hf.evaluate(Popular(), train, test, candidates="test", gain="exp2", ties="first")
averages = recall(hf.evaluation.RankTable.from_counts([0], [0], [0], [3]), 5)

# --- search ---------------------------------------------------------------------------------
scan = hf.LinearScan(n_bits=64)
scan.add(codes, ids=[3, 5, 8])
distances, ids = scan.search(codes, k=2, exclude=train.user_items[:3], allow=[3, 5])
assert_type(distances, NDArray[np.int32])
assert_type(ids, NDArray[np.int64])
scan.search(codes, 2, exclude=(np.arange(4), np.array([3, 5, 8])), allow=np.array([True, False]))
scores, ids = scan.search_asymmetric(np.zeros((1, 64)), k=1)
assert_type(scores, NDArray[np.float32])
scores, ids = hf.rerank(np.zeros((1, 4), np.float32), np.zeros((9, 4), np.float32), ids, k=1)
lims, distances, ids = hf.MultiIndex(n_bits=64, strategy="tables").within(codes, 3)
hf.HashTable(n_bits=64, key="spread").search_stats(codes, 2)
assert_type(hf.load_index("items.index"), CodeIndex)
packed = hf.pack([[True, False]], bitorder="big")
assert_type(hf.unpack(packed, 2), NDArray[np.int8])
hf.set_simd_level(hf.available_simd_levels()[-1])
rooms = (hf.binarizers, hf.kernels, hf.losses, hf.methods, hf.quantizers, hf.solvers, hf.towers)
