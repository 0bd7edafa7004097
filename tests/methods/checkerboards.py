# SPDX-License-Identifier: Apache-2.0
"""The toy that all methods must learn, with all the side information that one may want."""

import copy
import functools

import numpy as np
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.data.kg_inputs import as_knowledge_graph

QUICK = {
    "bihgh": {"epochs": 6},
    "fhn": {"epochs": 8, "learning_rate": 0.01, "sampler__batch_size": 128},
    "hashrec": {"learning_rate": 0.03},
    "neuhash_cf": {
        "tower__item__hidden": (20,),
        "tower__item__word_width": 10,
        "learning_rate": 0.03,
        "sampler__batch_size": 400,
    },
    "tsgnh": {"tower__width": 16, "epochs": 6, "learning_rate": 5e-3},
    "vhphd": {"learning_rate": 0.05},
}
QUICK["fhn_plus"] = QUICK["fhn"]
NARROW = {
    "tower__hidden": (32, 16),
    "tower__decoder": (16, 32),
    "tower__dropout": 0.2,
    "epochs": 30,
    "learning_rate": 0.01,
}
QUICK |= dict.fromkeys(("aecf", "aecf_st", "aecf_sst", "ccsr", "ccsr_st", "ccsr_sst"), NARROW)
LIKE_ROWS = {"tower__hidden": (32, 16), "epochs": 10, "learning_rate": 5e-3}
QUICK |= dict.fromkeys(("djsrh", "djsrh_st", "djsrh_sst"), LIKE_ROWS)
DRAWN = {"tower__hidden": (24,), "epochs": 30, "learning_rate": 0.03}
QUICK |= dict.fromkeys(("bivae", "bivae_b", "hcfrec", "hcfrec_no_c"), DRAWN)
"""Fewer and larger steps for methods whose defaults are meant for real data."""


def checkerboard(n=60, explicit=False):
    """Even users like even items, odd users odd items; explicit: and dislike the others."""
    rows, columns = np.indices((n, n))
    likes = (rows + columns) % 2 == 0
    rng = np.random.default_rng(0)
    seen = rng.random((n, n)) < 0.5
    values = np.where(likes, 5.0, 1.0) * seen if explicit else (likes & seen).astype(np.float64)
    return sp.csr_matrix(values.astype(np.float32)), likes, seen


def knowledge(parity):
    """Even items have the one entity that no item is, odd ones the other; some also a third."""
    n = len(parity)
    triples = [(i, 0, n + kind) for i, kind in enumerate(parity)]
    triples += [(i, 1, n + 2) for i in range(0, n, 5)]
    return as_knowledge_graph(np.array(triples), n)


def everything(n):
    """Side information of all kinds for ``n`` users and items; it agrees with the checkerboard."""
    rng = np.random.default_rng(1)
    parity = np.arange(n) % 2
    views = [np.eye(2)[parity], np.column_stack([parity - 0.5, rng.random(n)])]
    same = parity[:, None] == parity
    return {
        "item_features": [sp.csr_matrix(view) for view in views],
        "user_features": [sp.csr_matrix(view) for view in views],
        "social": sp.csr_matrix(same & (rng.random((n, n)) < 0.1), dtype=np.float64),
        "examined": sp.csr_matrix(same & (rng.random((n, n)) < 0.3), dtype=np.float64),
        "kg": knowledge(parity),
        "timestamps": sp.csr_matrix(rng.integers(1, 10**9, (n, n))),
        "outfits": sp.csr_matrix(sum(np.eye(n, k=k) for k in (0, 2, -2))),
        "garment_features": [sp.csr_matrix(view) for view in views],
        "garment_attributes": sp.csr_matrix(np.eye(2)[parity]),
    }


def side_info(name, n=60):
    """What a method can use of :func:`everything`."""
    uses = hf.describe(name)["side_info"]["uses"]
    return {key: value for key, value in everything(n).items() if key in uses} or None


def create(name, **options):
    return hf.create(name, **{**QUICK.get(name, {}), **options})


def fit(model, name, matrix, **options):
    return model.fit(matrix, side_info=side_info(name), show_progress=False, **options)


def fitted(name, n_bits=32, *, brief=False, **options):
    """A model of its own, the likes and what was seen; ``brief`` where it need not learn much."""
    matrix, likes, seen = checkerboard(explicit=hf.describe(name)["feedback"] == "explicit")
    options = {"random_state": 0, "num_threads": 1} | options
    model = create(name, n_bits=n_bits, **options)
    if brief and "epochs" in model.get_params():
        model.set_params(**{"epochs": 2})
    return fit(model, name, matrix), likes, seen


@functools.cache
def _shared(name, n_bits):
    return fitted(name, n_bits, brief=n_bits != 32)


def shared(name, n_bits=32):
    """As :func:`fitted`, but fitted once for all tests; they may set parameters, not arrays.

    Those of 32 bits have learnt what there is to learn.
    """
    model, likes, seen = _shared(name, n_bits)
    return copy.copy(model), likes, seen
