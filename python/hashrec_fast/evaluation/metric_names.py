# SPDX-License-Identifier: Apache-2.0
"""Metrics by name: ``"recall@50"``, ``"ndcg"``, ``"auc"``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hashrec_fast.evaluation.accuracy import accuracy
from hashrec_fast.evaluation.auc import auc
from hashrec_fast.evaluation.hit_ratio import hit_ratio
from hashrec_fast.evaluation.map import average_precision, average_precision_of_all
from hashrec_fast.evaluation.mpr import percentile_rank
from hashrec_fast.evaluation.mrr import reciprocal_rank
from hashrec_fast.evaluation.ndcg import ndcg, ndcg_jk
from hashrec_fast.evaluation.ndcg_hits import ndcg_hits
from hashrec_fast.evaluation.precision import precision
from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties
from hashrec_fast.evaluation.recall import recall

_METRICS: dict[str, tuple[Callable[..., Floats], Literal["needed", "optional", "none"]]] = {
    "recall": (recall, "needed"),
    "precision": (precision, "needed"),
    "hit_ratio": (hit_ratio, "needed"),
    "ndcg": (ndcg, "optional"),
    "ndcg_jk": (ndcg_jk, "optional"),
    "ndcg_hits": (ndcg_hits, "needed"),
    "map": (average_precision, "optional"),
    "map_of_all": (average_precision_of_all, "optional"),
    "mrr": (reciprocal_rank, "optional"),
    "auc": (auc, "none"),
    "accuracy": (accuracy, "needed"),
    "mpr": (percentile_rank, "none"),
}

GRADED = ("ndcg", "ndcg_jk")
"""Metrics that weigh held-out items by their gain; the others take them as equals."""


def available_metrics() -> list[str]:
    """Names that :func:`~hashrec_fast.evaluation.evaluate` knows, without their cutoffs.

    Examples
    --------
    >>> available_metrics()[:3]
    ['recall', 'precision', 'hit_ratio']
    """
    return list(_METRICS)


@dataclass(frozen=True)
class NamedMetric:
    """A metric with its cutoff, as asked for by name."""

    label: str
    name: str
    k: int | None

    def __call__(self, table: RankTable, ties: Ties = "expected") -> Floats:
        """Return the value of each user, shape (n_users,)."""
        function = _METRICS[self.name][0]
        return function(table, ties=ties) if self.k is None else function(table, self.k, ties)


def parse_metric(label: object) -> NamedMetric:
    """Read ``"name@k"`` or ``"name"``.

    Raises
    ------
    TypeError
        If ``label`` is no string.
    ValueError
        If the name is unknown, ``k`` is no positive integer, or is given or missing where it must
        not be.
    """
    if not isinstance(label, str):
        raise TypeError(f"a metric must be a string such as 'recall@50', got {label!r}")
    name, at, cutoff = label.partition("@")
    if name not in _METRICS:
        raise ValueError(f"unknown metric {label!r}; available: {', '.join(_METRICS)}")
    kind = _METRICS[name][1]
    if not at:
        if kind == "needed":
            raise ValueError(f"{name} needs a cutoff, for example '{name}@50'")
        return NamedMetric(label, name, None)
    if kind == "none":
        raise ValueError(f"{name} takes no cutoff, got {label!r}")
    if not (cutoff.isascii() and cutoff.isdigit()) or int(cutoff) < 1:
        raise ValueError(f"the cutoff k of {label!r} must be an integer of at least 1")
    return NamedMetric(label, name, int(cutoff))
