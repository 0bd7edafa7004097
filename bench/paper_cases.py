# SPDX-License-Identifier: Apache-2.0
"""Data and measurements of published tables, each after the protocol of its paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import hashrec_fast as hf
from hashrec_fast.data import Dataset
from hashrec_fast.data.splits import SplitMethod

Metrics = dict[str, float]
K_OWN = (2, 6, 10)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """One way to rank; ``metrics`` go from labels to names that ``hf.evaluate`` knows."""

    metrics: Mapping[str, str]
    options: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One data set, split.

    Attributes
    ----------
    data : str
    train, validation, test : Dataset
    rankings : what is measured on the held-out parts
    choose_by : label of the metric that chooses settings on validation
    least : ratings at least this are the positives of implicit methods; None takes all
    """

    data: str
    train: Dataset
    validation: Dataset
    test: Dataset
    rankings: tuple[Ranking, ...]
    choose_by: str
    least: float | None = None

    def learned_from(self, part: Dataset, *, explicit: bool) -> Any:
        """What a method of explicit or of implicit feedback is given of a part."""
        if explicit or self.least is None or part.ratings is None:
            return part if explicit else part.user_items
        return part.select(part.ratings.data >= self.least).user_items

    def measure(self, model: Any, part: str) -> Metrics:
        """Metrics by label; at test the items of validation are no candidates."""
        wanted = self.validation if part == "validation" else self.test
        mask = None if part == "validation" else self.validation.user_items
        found: Metrics = {}
        for ranking in self.rankings:
            values = hf.evaluate(
                model, self.train, wanted, list(ranking.metrics.values()),
                mask=mask, **ranking.options,
            )  # fmt: skip
            found |= {label: float(values[name]) for label, name in ranking.metrics.items()}
        return found


def all_items(*names: str) -> Ranking:
    """All items that the user has not met are candidates; every held-out item is wanted."""
    return Ranking(metrics={name: name for name in names}, options={"candidates": "all"})


def own_items() -> tuple[Ranking, ...]:
    """Only the user's own held-out items are candidates: graded gain, and likes against others."""
    graded = {f"ndcg@{k}": f"ndcg@{k}" for k in K_OWN}
    liked = {f"liked ndcg@{k}": f"ndcg@{k}" for k in K_OWN}
    return (
        Ranking(metrics=graded, options={"candidates": "test", "gain": "exp2"}),
        Ranking(
            metrics=liked,
            options={"candidates": "test", "gain": "binary", "relevance_threshold": 4},
        ),
    )


def srloss(name: str) -> Case:
    """Pairs 8:1:1 at random."""
    parts = hf.data.split(hf.data.load(name), "random", (0.8, 0.1, 0.1), random_state=0)
    names = ("recall@50", "recall@100", "ndcg@50", "ndcg@100", "ndcg_hits@50", "ndcg_hits@100")
    return case_of(name, parts, (all_items(*names),), "recall@50")


def ccsr(name: str) -> Case:
    """A fifth of every user's ratings is test, a tenth of the others validation; no filter."""
    rest, _, test = hf.data.split(hf.data.load(name), "per_user", (0.8, 0.2), random_state=0)
    train, validation, _ = hf.data.split(rest, "per_user", (0.9, 0.1, 0.0), random_state=0)
    return case_of(name, (train, validation, test), own_items(), "ndcg@10", least=4)


def hcfrec(name: str, how: str) -> Case:
    """Frequent users and items; all ratings 5:2:3, by time or at random; known rows only."""
    frequent = hf.data.frequent(hf.data.load(name), 20)
    methods: dict[str, SplitMethod] = {"time": "time_exact", "random": "random"}
    parts = hf.data.split(frequent, methods[how], (0.5, 0.2, 0.3), random_state=0)
    known = hf.data.drop_unseen(*parts)
    names = (*(f"ndcg@{k}" for k in K_OWN), "map_of_all@10")
    return case_of(f"{name} {how}", known, (all_items(*names),), "ndcg@10")


def case_of(
    name: str,
    parts: tuple[Dataset, ...],
    rankings: tuple[Ranking, ...],
    choose_by: str,
    least: float | None = None,
) -> Case:
    """A case of three parts."""
    train, validation, test = parts
    return Case(
        data=name,
        train=train,
        validation=validation,
        test=test,
        rankings=rankings,
        choose_by=choose_by,
        least=least,
    )


def baselines(case: Case) -> dict[str, Any]:
    """Scores of items, the same for all users: of a random order (all equal), of popularity."""
    counts = np.bincount(case.train.user_items.indices, minlength=case.train.n_items)
    return {"chance": np.zeros(case.train.n_items), "popularity": counts.astype(np.float64)}


def with_zeros(train: Dataset, times: int, seed: int) -> Dataset:
    """Rated items as 1, and per user ``times`` as many items drawn from the others as 0.

    Users with too few others get all of them.
    """
    rng = np.random.default_rng(seed)
    users, items, values = [], [], []
    for user in range(train.n_users):
        rated = train.user_items[user].indices
        others = np.setdiff1d(np.arange(train.n_items), rated)
        zeros = rng.permutation(others)[: times * len(rated)]
        users.append(np.full(len(rated) + len(zeros), user))
        items.append(np.concatenate([rated, zeros]))
        values.append(np.repeat([1.0, 0.0], [len(rated), len(zeros)]))
    return Dataset.from_pairs(
        np.concatenate(users),
        np.concatenate(items),
        np.concatenate(values),
        n_users=train.n_users,
        n_items=train.n_items,
    )
