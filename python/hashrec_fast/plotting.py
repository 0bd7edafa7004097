# SPDX-License-Identifier: Apache-2.0
"""Figures; needs matplotlib (``pip install hashrec-fast[plot]``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def quality_and_speed(
    quality: list[dict[str, Any]], speed: list[dict[str, Any]], path: Path
) -> None:
    """Two panels: recall per method, and search time against the number of items."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    names = [row["method"] for row in quality]
    left.barh(names, [row["recall@20"] for row in quality], color="#4477aa")
    left.invert_yaxis()
    left.set_xlabel("test Recall@20")
    items = [row["items"] for row in speed]
    right.plot(items, [r["float_ms_per_query"] for r in speed], "o-", label="float inner product")
    right.plot(items, [r["hamming_ms_per_query"] for r in speed], "s-", label="Hamming")
    right.set(xscale="log", yscale="log", xlabel="items", ylabel="ms per query (top 100)")
    right.grid(visible=True, which="both", alpha=0.3)
    right.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
