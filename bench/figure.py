# SPDX-License-Identifier: Apache-2.0
"""Bars of the base case; needs matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

from cases import groups
from records import read, shown
from report_page import caption, significant

COLOURS = {"scan": "#225588", "level": "#77aadd", "faiss": "#cc6677", "usearch": "#cc6677"}


def draw(content: dict[str, Any], path: Path) -> bool:
    """Rates of all members of the base case; False, and no file, if the run holds none."""
    facts = content["machine_info"]["hashrec"]
    base = groups(facts["threads"], facts["quick"])[0]
    rows = shown(read(content).get(base.cases[0], []), base)
    if not rows:
        return False
    axes_height = 1.2 + 0.35 * len(rows)
    figure, axes = plt.subplots(figsize=(8, axes_height), layout="constrained")
    bars = axes.barh(
        [row.member for row in rows],
        [row.rate for row in rows],
        color=[COLOURS.get(row.family, "#999999") for row in rows],
    )
    axes.bar_label(bars, labels=[significant(row.rate) for row in rows], padding=3)
    axes.invert_yaxis()
    axes.set(xlabel="1e9 pairs of a query and a code per second")
    axes.margins(x=0.1)
    figure.suptitle(f"{caption(base)}\n{facts['cpu']}", fontsize="medium")
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)
    return True
