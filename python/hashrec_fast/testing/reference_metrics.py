# SPDX-License-Identifier: Apache-2.0
"""Ranking metrics by their definitions, on one ordered list of candidates."""

from __future__ import annotations

import math
from collections.abc import Sequence


def metrics_of_list(gains: Sequence[float | None], k: int) -> dict[str, float]:
    """Compute every metric of one list, best candidate first.

    A gain of ``None`` marks a candidate that is no target. ``auc`` and ``mpr`` ignore ``k``; they
    are NaN where they are undefined.
    """
    hits = [g is not None for g in gains]
    ranks = [r for r, hit in enumerate(hits, 1) if hit]
    inside = [r for r in ranks if r <= k]
    n, p = len(gains), len(ranks)
    own = sorted((g for g in gains if g is not None), reverse=True)
    dcg = sum(g / math.log2(r + 1) for r, g in enumerate(gains, 1) if g is not None and r <= k)
    best = sum(g / math.log2(r + 1) for r, g in enumerate(own, 1) if r <= k)
    jk = sum(g / max(1, math.log2(r)) for r, g in enumerate(gains, 1) if g is not None and r <= k)
    best_jk = sum(g / max(1, math.log2(r)) for r, g in enumerate(own, 1) if r <= k)
    found = sum(1 / math.log2(r + 1) for r in inside)
    best_found = sum(1 / math.log2(r + 1) for r in range(1, len(inside) + 1))
    pairs = [(r, s) for r in ranks for s in range(1, n + 1) if not hits[s - 1]]
    correct = sum((r <= k) == hit for r, hit in enumerate(hits, 1))
    return {
        "recall": len(inside) / p,
        "precision": len(inside) / k,
        "hit_ratio": float(bool(inside)),
        "ndcg": dcg / best if best > 0 else math.nan,
        "ndcg_jk": jk / best_jk if best_jk > 0 else math.nan,
        "ndcg_hits": found / best_found if inside else 0.0,
        "map_of_all": sum(sum(hits[:r]) / r for r in inside) / p,
        "map": sum(sum(hits[:r]) / r for r in inside) / min(p, k),
        "mrr": 1 / inside[0] if inside else 0.0,
        "accuracy": correct / n,
        "auc": sum(r < s for r, s in pairs) / len(pairs) if pairs else math.nan,
        "mpr": sum(r - 1 for r in ranks) / p / (n - 1) if n > 1 else math.nan,
    }
