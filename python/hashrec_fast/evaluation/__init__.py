# SPDX-License-Identifier: Apache-2.0
"""Ranking metrics with exact handling of ties, and tests of their differences.

The names are bound here at once, not on first use: a module and its function share a name
(``recall``, ``evaluate``), and a lazy lookup would find the module once it had been imported.
"""

from hashrec_fast.evaluation.accuracy import accuracy
from hashrec_fast.evaluation.auc import auc
from hashrec_fast.evaluation.evaluate import evaluate
from hashrec_fast.evaluation.hit_ratio import hit_ratio
from hashrec_fast.evaluation.map import average_precision, average_precision_of_all
from hashrec_fast.evaluation.metric_names import available_metrics
from hashrec_fast.evaluation.mpr import percentile_rank
from hashrec_fast.evaluation.mrr import reciprocal_rank
from hashrec_fast.evaluation.ndcg import ndcg, ndcg_jk
from hashrec_fast.evaluation.ndcg_hits import ndcg_hits
from hashrec_fast.evaluation.precision import precision
from hashrec_fast.evaluation.rank_table import RankTable
from hashrec_fast.evaluation.recall import recall
from hashrec_fast.evaluation.significance import PairedResult, paired_test

__all__ = [
    "PairedResult",
    "RankTable",
    "accuracy",
    "auc",
    "available_metrics",
    "average_precision",
    "average_precision_of_all",
    "evaluate",
    "hit_ratio",
    "ndcg",
    "ndcg_hits",
    "ndcg_jk",
    "paired_test",
    "percentile_rank",
    "precision",
    "recall",
    "reciprocal_rank",
]
