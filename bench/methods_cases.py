# SPDX-License-Identifier: Apache-2.0
"""Data of the methods table: per task, what a method is given and how its codes are measured."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.data import Dataset
from hashrec_fast.data.splits import SplitMethod

SHARES = (0.8, 0.1, 0.1)
Metrics = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One data set prepared for one task.

    Attributes
    ----------
    task, data : str
    train : Dataset
    side_info : matrices by name, all that the data have
    measure : function (model or codes, "validation" | "test") -> metrics by name
    metrics : the metrics in the order of the table; the first one chooses hyper-parameters
    positives : what methods of implicit feedback learn from, a CSR matrix
    watched : held-out pairs for methods that stop early, of explicit and of implicit feedback
    """

    task: str
    data: str
    train: Dataset
    measure: Callable[[Any, str], Metrics]
    metrics: tuple[str, ...]
    positives: sp.csr_matrix
    side_info: Mapping[str, Any] = field(default_factory=dict)
    watched: tuple[Dataset, sp.csr_matrix] | None = None


def side_of(dataset: Dataset) -> dict[str, Any]:
    """Features, links, facts and times of a training part, those it has."""
    names = ("item_features", "user_features", "social", "kg", "timestamps")
    found = {name: getattr(dataset, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def liked(dataset: Dataset, least: float | None) -> sp.csr_matrix:
    """The pairs rated at least ``least``, or all pairs."""
    if least is None or dataset.ratings is None:
        return dataset.user_items
    return dataset.select(dataset.ratings.data >= least).user_items


def rated(task: str, name: str, *, least: float | None, logarithm: bool = False) -> Case:
    """Ratings are predicted; a user's own rated test items are ranked, gain 2^r - 1."""
    dataset = hf.data.load(name)
    if logarithm:
        assert dataset.ratings is not None
        ratings = dataset.ratings.copy()
        ratings.data = np.log1p(ratings.data)
        dataset = Dataset(**{**vars(dataset), "ratings": ratings})
    parts = hf.data.split(dataset, "random", SHARES, random_state=0)
    held_out = {"validation": parts[1], "test": parts[2]}

    def measure(model: Any, part: str) -> Metrics:
        found = hf.evaluate(
            model, parts[0], held_out[part], ("ndcg@10",), candidates="test", gain="exp2"
        )
        return {"rated NDCG@10": found["ndcg@10"]}

    return Case(
        task=task,
        data=name,
        train=parts[0],
        measure=measure,
        metrics=("rated NDCG@10",),
        positives=liked(parts[0], least),
        side_info=side_of(parts[0]),
        watched=(parts[1], liked(parts[1], least)),
    )


def whole(task: str, name: str, *, least: float | None = None) -> Case:
    """Positives only; all items that a user has not met in training are ranked."""
    dataset = hf.data.load(name)
    if least is not None:
        assert dataset.ratings is not None
        dataset = dataset.select(dataset.ratings.data >= least)
    parts = hf.data.split(dataset, "random", SHARES, random_state=0)
    held_out = {"validation": (parts[1], parts[2]), "test": (parts[2], parts[1])}

    def measure(model: Any, part: str) -> Metrics:
        wanted, mask = held_out[part]
        found = hf.evaluate(model, parts[0], wanted, ("recall@50", "ndcg@50"), mask=mask)
        return {"Recall@50": found["recall@50"], "NDCG@50": found["ndcg@50"]}

    return Case(
        task=task,
        data=name,
        train=parts[0],
        measure=measure,
        metrics=("Recall@50", "NDCG@50"),
        positives=parts[0].user_items,
        side_info=side_of(parts[0]),
        watched=(parts[1], parts[1].user_items),
    )


def cold(task: str, name: str, side: str, *, least: float | None, seldom: int = 0) -> Case:
    """A tenth of the items (users) has no training pair: they are encoded from features.

    Cold items are ranked among one another for every user; cold users rank all items. Features of
    fewer than ``seldom`` rows are left out.
    """
    dataset = hf.data.load(name)
    method: SplitMethod = "cold_users" if side == "user" else "cold_items"
    parts = hf.data.split(dataset, method, SHARES, random_state=0)
    features: Any = getattr(dataset, f"{side}_features")
    if seldom > 0:
        features = sp.csr_matrix(features[:, features.getnnz(axis=0) >= seldom])
    views = [features]
    if side == "user" and name == "ml-1m":  # gender, age, occupation, first digit of the zip code
        views = [features[:, a:b] for a, b in ((0, 2), (2, 9), (9, 30), (30, 40))]
    held_out = {"validation": liked(parts[1], least), "test": liked(parts[2], least)}

    def measure(model: Any, part: str) -> Metrics:
        wanted = held_out[part]
        rows = np.unique(wanted.indices if side == "item" else wanted.nonzero()[0])
        users, items = cold_rows(model, rows, views, side)
        wanted = wanted[:, rows] if side == "item" else wanted[rows]
        found = hf.evaluate(
            items if users is None else (users, items),
            sp.csr_matrix(wanted.shape, dtype=np.float32),
            wanted,
            ("recall@20", "ndcg@20"),
        )
        return {"Recall@20": found["recall@20"], "NDCG@20": found["ndcg@20"]}

    return Case(
        task=task,
        data=name,
        train=parts[0],
        measure=measure,
        metrics=("Recall@20", "NDCG@20"),
        positives=liked(parts[0], least),
        side_info={f"{side}_features": views},
    )


def cold_rows(model: Any, rows: Any, views: list[Any], side: str) -> tuple[Any, Any]:
    """Codes or factors of users and items, the cold ones in the place of theirs."""
    if isinstance(model, np.ndarray):  # popularity: scores of items
        return None, model[rows] if side == "item" else model
    if isinstance(model, tuple):
        users, items = model
        return (users, items[rows]) if side == "item" else (users[rows], items)
    features = [sp.csr_matrix(view)[rows] for view in views]
    if side == "item":
        return model.fitted_.user, model.encode_items(features=features)
    return model.encode_users(features=features), model.fitted_.item


def outfits(task: str, name: str) -> Case:
    """Which kind of bottom completes an outfit that was never seen.

    All that is known of a garment is its category (the publisher's numbers; their names are not
    part of the copy), and every garment occurs once. So a row is an outfit with a top, its
    features are the categories of all garments but the bottom, and a column is a kind of bottom.
    """
    file = Path(os.environ.get("HASHREC_DATA", ".")) / name / "outfits.npz"
    with np.load(file, allow_pickle=False) as arrays:
        outfit, split, kind = arrays["outfit"], arrays["outfit_split"], arrays["category"]
        number = arrays["category_id"][kind]
    # two groups whose members hardly ever meet one of their own group in an outfit
    top = np.isin(number, (11, 17, 18, 19, 21))
    bottoms = (7, 8, 9, 10, 27, 28, 29, 237)
    bottom = np.isin(number, bottoms)
    rows = np.intersect1d(outfit[top], outfit[bottom])

    def table(chosen: Any, columns: Any, n_columns: int) -> sp.csr_matrix:
        places = (outfit[chosen], columns[chosen])
        counts = sp.csr_matrix(
            (np.ones(chosen.sum()), places), shape=(len(split), n_columns), dtype=np.float32
        )
        counts.data[:] = 1
        return counts[rows]

    pairs = table(bottom, np.searchsorted(bottoms, number), len(bottoms))
    features = table(~bottom, kind, kind.max() + 1)
    rng = np.random.default_rng(0)
    part = np.where(split == 1, 2, (rng.random(len(split)) < 0.1).astype(int))[rows]

    def only(number: int) -> sp.csr_matrix:
        kept = sp.csr_matrix(sp.diags((part == number).astype(np.float32)) @ pairs)
        kept.eliminate_zeros()
        return kept

    held_out = {"validation": only(1), "test": only(2)}

    def measure(model: Any, which: str) -> Metrics:
        at = np.unique(held_out[which].nonzero()[0])
        codes: Any = model  # popularity: scores of the kinds
        if isinstance(model, tuple):
            codes = (model[0][at], model[1])
        elif not isinstance(model, np.ndarray):
            codes = (model.encode_users(features=features[at]), model.fitted_.item)
        wanted = held_out[which][at]
        empty = sp.csr_matrix(wanted.shape, dtype=np.float32)
        found = hf.evaluate(codes, empty, wanted, ("auc", "mrr"))
        return {"AUC": found["auc"], "MRR": found["mrr"]}

    return Case(
        task=task,
        data=name,
        train=Dataset.from_csr(only(0)),
        measure=measure,
        metrics=("AUC", "MRR"),
        positives=only(0),
        side_info={"user_features": features, "item_features": sp.identity(len(bottoms))},
    )
