# SPDX-License-Identifier: Apache-2.0
"""Wrong uses: every line that ends in an error's code must be refused, and no other line."""

import numpy as np

import hashrec_fast as hf
from hashrec_fast import roles
from hashrec_fast.losses import Hinge
from hashrec_fast.training import FloatFactors

# --- misspelt names
hf.crate("wdcf")  # error: attr-defined
hf.HashRecomender  # error: attr-defined
hf.evaluation.evaluat  # error: attr-defined
hf.data.loadd("gowalla")  # error: attr-defined
hf.retrieval.LinaerScan  # error: attr-defined
hf.importlib  # error: attr-defined
hf.losses.BRP  # error: attr-defined
from hashrec_fast import recalll  # error: attr-defined
from hashrec_fast.data import slpit  # error: attr-defined

# --- what a model has
hashed = hf.create("wdcf")
real = hf.create("ials")
some = hf.create("package.module:RECIPE")
hashed.user_factors_  # error: attr-defined
hashed.recommendd(3)  # error: attr-defined
real.item_codes_  # error: attr-defined
some.item_codes_  # error: union-attr
hf.load("model.safetensors").item_codes_  # error: attr-defined|union-attr
hf.create("wdcf", n_bits="64")  # error: call-overload
hf.create("wdcf", index="liner_scan")  # error: call-overload
hf.create("wdcf", 64)  # error: call-overload
hf.create(Hinge())  # error: call-overload
hf.describe("dcf")["vennue"]  # error: typeddict-item


def replaced(strategy: FloatFactors) -> None:
    """With another strategy the method's kind is no longer known."""
    hf.create("wdcf", strategy=strategy).item_codes_  # error: union-attr


# --- arguments
train = hf.data.generate()
hf.data.split(train, "per-user")  # error: call-overload
hf.data.split([[1, 0]])  # error: pyright, for mypy does not know scipy's types
hf.data.read("events.csv", format="cvs")  # error: arg-type
hf.data.generate(n_user=5)  # error: call-arg
hf.data.EventRows(codes=train)  # error: call-arg
hf.data.EventRows(train)["a"]  # error: index
hf.data.InteractionSplit(test_size=0.2)  # error: call-arg
next(hf.data.InteractionSplit().split(train))  # error: arg-type
hashed.score("held out")  # error: pyright
hf.evaluate("wdcf", train, train)  # error: call-overload
hf.evaluate(hashed, train, train, candidates="al")  # error: call-overload
hf.evaluate(hashed, train, train, gain="exp")  # error: call-overload

codes = np.zeros((3, 1), np.uint64)
floats = np.zeros((3, 64), np.float64)
scan = hf.LinearScan(n_bits=64)
scan.search(codes, k="2")  # error: arg-type
scan.search(floats, k=2)  # error: arg-type
scan.searchh(codes, k=2)  # error: attr-defined
hf.MultiIndex(n_bits=64, strategy="table")  # error: arg-type
hf.HashTable(n_bits=64, key="last")  # error: arg-type
hf.pack([[True]], bitorder="middle")  # error: arg-type
hf.rerank(floats, floats, [[1]], k=1)  # error: arg-type
hf.hamming(codes, floats)  # error: arg-type
hf.load_index("items.index").search_asymmetric(codes, 3)  # error: attr-defined

# --- terms that lack a role -----------------------------------------------------------------
no_pairs: roles.PairTerm = hf.losses.BPR()  # error: assignment
no_terms: roles.LinearProvider = hf.losses.MSE()  # error: assignment
