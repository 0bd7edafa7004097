# SPDX-License-Identifier: Apache-2.0
"""What is saved: tiny models of every method, indexes, a training state, a data set.

Everything is written down or counted out, nothing is drawn, so that any version of numpy makes the
same subjects.
"""

import numpy as np
import scipy.sparse as sp

import hashrec_fast as hf

N_USERS, N_ITEMS, N_BITS = 9, 8, 8
NEW_ITEMS = [np.eye(2), np.array([[-0.5, 0.25], [0.5, 0.75]])]
"""Features of two new items, one matrix per view."""


def _pattern(n_rows, n_columns, step):
    """About four in eleven of the pairs, no two rows or columns near the origin alike."""
    r, c = np.indices((n_rows, n_columns))
    return (3 * r * r + 5 * c * c + step * r * c + r + 2 * c) % 11 < 4


def _kinds(n):
    return np.arange(n) % 2


def _views(n):
    kinds = _kinds(n)
    second = np.column_stack([kinds - 0.5, (np.arange(n) * 3 % 7) / 7])
    return [sp.csr_matrix(np.eye(2)[kinds]), sp.csr_matrix(second)]


def interactions(explicit=False):
    """The training matrix; with ``explicit``, ratings from 1 to 5."""
    seen = _pattern(N_USERS, N_ITEMS, 4)
    rows, columns = np.indices(seen.shape)
    values = (rows + 2 * columns) % 5 + 1 if explicit else np.ones(seen.shape)
    return sp.csr_matrix((values * seen).astype(np.float32))


def side_info(uses):
    """Of everything there is to know about these users and items, what ``uses`` names."""
    everything = {
        "item_features": _views(N_ITEMS),
        "user_features": _views(N_USERS),
        "social": sp.csr_matrix(_pattern(N_USERS, N_USERS, 2).astype(np.float64)),
        "examined": sp.csr_matrix(_pattern(N_USERS, N_ITEMS, 6).astype(np.float64)),
        "kg": np.array([(i, 0, N_ITEMS + kind) for i, kind in enumerate(_kinds(N_ITEMS))]),
        "timestamps": sp.csr_matrix(1 + np.arange(N_USERS * N_ITEMS).reshape(N_USERS, N_ITEMS)),
        "outfits": sp.csr_matrix(np.eye(N_ITEMS) + np.eye(N_ITEMS, k=2)),
        "garment_features": _views(N_ITEMS),
        "garment_attributes": sp.csr_matrix(np.eye(2)[_kinds(N_ITEMS)]),
    }
    return {key: value for key, value in everything.items() if key in uses} or None


VARIANTS = {
    "wdcf": ("wdcf", {"n_bits": 70, "objective__1__weight": 0.7}),
    "wdcf_without_teacher": ("wdcf", {"teacher": None}),
    "wdcf_multi_index": ("wdcf", {"index": "multi_index", "num_threads": 2}),
    "cigar": ("cigar", {"reranker__candidates": 6, "reranker__n_factors": 4}),
    "ch": ("ch", {"strategy__solver__noise": 0.5}),
}
"""Files whose model is not a method with its defaults: the method and what is set."""


def _brief(model):
    """Parameters that make networks small and training short."""
    small = {}
    for name, value in model.get_params().items():
        last = name.rsplit("__", 1)[-1]
        if last in ("hidden", "decoder") and isinstance(value, tuple) and value:
            small[name] = (4,)
        elif last in ("hidden", "word_width") and isinstance(value, int):
            small[name] = min(value, 4)
        elif last == "epochs":
            small[name] = 2
    return small


def method_of(name):
    """The method of a model file."""
    return VARIANTS.get(name, (name, {}))[0]


def unfitted(name):
    """The model of a file before it is fitted."""
    method, settings = VARIANTS.get(name, (name, {}))
    model = hf.create(method, **{"n_bits": N_BITS, "random_state": 3, "num_threads": 1} | settings)
    return model.set_params(**_brief(model))


def fitted(name):
    """The model of a file."""
    model, facts = unfitted(name), hf.describe(method_of(name))
    matrix = interactions(explicit=facts["feedback"] == "explicit")
    known = side_info(facts["side_info"]["uses"])
    return model.fit(matrix, side_info=known, show_progress=False)


def model_names():
    """Names of all model files: every method, and some that are set otherwise."""
    return sorted({*hf.available_methods(), *VARIANTS})


def _codes(n_rows, n_bits):
    bits = _pattern(n_rows, n_bits, 3) ^ (np.indices((n_rows, n_bits)).prod(axis=0) % 7 < 3)
    return hf.pack(np.where(bits, 1, -1).astype(np.int8))


def queries(n_bits):
    """Three codes near stored ones."""
    return _codes(20, n_bits)[[2, 9, 17]] ^ np.uint64(5)


def indexes():
    """Indexes by file name: every kind, with ids given out and with own ones, after a removal."""
    own = np.array([3, 5, 8, 2**40, *range(10, 26)])
    made = {
        "linear_scan": hf.LinearScan(n_bits=33),
        "linear_scan_of_none": hf.LinearScan(n_bits=5),
        "hash_table": hf.HashTable(33, key_bits=6, max_radius=2, n_candidates=7, key="spread"),
        "multi_index": hf.MultiIndex(100, n_tables=5, strategy="tables"),
    }
    for name, index in list(made.items()):
        if name == "linear_scan_of_none":
            continue
        named = type(index)(index.n_bits, **index.parameters)
        named.add(_codes(20, index.n_bits), ids=own)
        index.add(_codes(20, index.n_bits))
        index.remove([4, 19])
        made[f"{name}_own_ids"] = named
    return made


def resumable(epochs):
    """A model whose training keeps its state, what it is trained on, and held-out pairs."""
    model = hf.create("hashrec", n_bits=N_BITS, random_state=3, num_threads=1)
    model.set_params(
        strategy__solver__epochs=epochs,
        strategy__solver__average=0.5,
        strategy__solver__evaluate_every=1,
        strategy__solver__checkpoint_every=2,
    )
    train = interactions()
    held_out = _pattern(N_USERS, N_ITEMS, 6) & (train.toarray() == 0)
    return model, train, sp.csr_matrix(held_out.astype(np.float32))


def dataset():
    """A data set with everything that its format can hold."""
    users, items = _pattern(4, 5, 2).nonzero()
    place = np.arange(len(users))
    pairs = hf.data.Dataset.from_pairs(
        users,
        items,
        ratings=place % 5 + 0.5,
        timestamps=10**9 + place,
        positions=place,
        split=place % 3,
        n_users=4,
        n_items=5,
    )
    graph = hf.data.KnowledgeGraph(
        head=np.array([0, 1]),
        relation=np.array([0, 1]),
        tail=np.array([5, 6]),
        item_entity=np.array([0, 1, 2, 3, -1]),
        n_entities=7,
        n_relations=2,
        relation_names=np.array(["colour", "maker"]),
    )
    return hf.data.Dataset(
        user_items=pairs.user_items,
        ratings=pairs.ratings,
        timestamps=pairs.timestamps,
        positions=pairs.positions,
        split=pairs.split,
        user_ids=np.array(["ann", "bob", "eve", "zoë"]),
        item_ids=np.array([11, 12, 15, 19, 20]),
        item_features=sp.csr_matrix(np.arange(10, dtype=np.float32).reshape(5, 2)),
        user_features=sp.csr_matrix(np.eye(4, dtype=np.float32)),
        social=sp.csr_matrix(np.eye(4, k=1, dtype=np.float32)),
        item_graph=sp.csr_matrix(np.eye(5, k=-1, dtype=np.float32)),
        kg=graph,
    )
