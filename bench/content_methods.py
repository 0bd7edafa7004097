# SPDX-License-Identifier: Apache-2.0
"""Methods with towers of content, attention and projected codes beside simpler ones.

    python bench/content_methods.py [rated] [cold] [articles] [social] [--seeds 1]

Prints lines of the tables in docs/content_methods.md: 64 bits, validation and test.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

import hashrec_fast as hf
from methods_cases import Case, cold, rated

BITS = 64
ARTICLES = {"tower__item__hidden": (200, 200), "strategy__solver__epochs": 5}
ARTICLES_CGH = {"strategy__solver__epochs": 5}
"""On citeulike-a, so that a fit takes minutes."""


def profiles(case: Case) -> sp.csr_matrix:
    """Users by the features of the items they have in training, rows of length 1."""
    rows = sp.csr_matrix(case.positives @ case.side_info["item_features"][0], dtype=np.float64)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(lengths, 1e-9)) @ rows)


def fitted(name: str, case: Case, seed: int, more: dict[str, Any], **settings: Any) -> Any:
    """A model, or a pair of random codes."""
    if name == "random codes":
        rng = np.random.default_rng(seed)
        return tuple(hf.pack(rng.standard_normal((n, BITS))) for n in case.positives.shape)
    if name == "popularity":
        return np.bincount(case.positives.indices, minlength=case.positives.shape[1]).astype(float)
    facts = hf.describe(name)
    known = {**case.side_info, **more}
    side = {key: known[key] for key in facts["side_info"]["uses"] if key in known}
    data = case.train if facts["feedback"] == "explicit" else case.positives
    model = hf.create(name, n_bits=BITS, random_state=seed, num_threads=1, **settings)
    return model.fit(data, side_info=side or None, show_progress=False)


def show(case: Case, names: dict[str, dict[str, Any]], seeds: int, **more: Any) -> None:
    """One line per method: means over seeds."""
    for name, settings in names.items():
        start, found = time.process_time(), []
        for seed in range(seeds):
            model = fitted(name, case, seed, more, **settings)
            found.append([case.measure(model, part) for part in ("validation", "test")])
        cells = [
            f"{np.mean([run[part][metric] for run in found]):.4f}"
            for metric in case.metrics
            for part in (0, 1)
        ]
        seconds = (time.process_time() - start) / seeds
        print(f"| {case.data} | {name} | {' | '.join(cells)} | {seconds:.0f} |", flush=True)


def on_ratings(seeds: int) -> None:
    """Rated items among one another."""
    case = rated("explicit", "ml-100k", least=4)
    show(case, {"random codes": {}, "dcf": {}, "vhphd": {}}, seeds)


def on_films(seeds: int) -> None:
    """Cold films by their genres; users of cgh by what they say of themselves."""
    case = cold("cold items", "ml-100k", "item", least=4)
    names = ("popularity", "random codes", "dcmf", "neuhash_cf", "cgh")
    users = hf.data.load("ml-100k").user_features
    show(case, {name: {} for name in names}, seeds, user_features=users)


def on_articles(seeds: int) -> None:
    """Cold articles by their tags; users of cgh by the tags of their articles."""
    case = cold("cold items", "citeulike-a", "item", least=None, seldom=5)
    names: dict[str, dict[str, Any]] = {
        "popularity": {},
        "dcmf": {},
        "neuhash_cf": ARTICLES,
        "cgh": ARTICLES_CGH,
    }
    show(case, names, seeds, user_features=profiles(case))


def on_friends(seeds: int) -> None:
    """Ratings with links between users."""
    case = rated("social", "filmtrust", least=3)
    show(case, {"random codes": {}, "dcf": {}, "dsr": {}, "tsgnh": {}}, seeds)


PARTS: dict[str, Callable[[int], None]] = {
    "rated": on_ratings,
    "cold": on_films,
    "articles": on_articles,
    "social": on_friends,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    for part in arguments.parts:
        PARTS[part](arguments.seeds)
