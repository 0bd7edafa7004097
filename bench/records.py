# SPDX-License-Identifier: Apache-2.0
"""Reads the JSON file of pytest-benchmark into one record per case and member."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from cases import Case, Group


@dataclass
class Record:
    """Best seconds of a member, and the best of each pass."""

    case: Case
    member: str
    family: str
    n_items: int
    n_queries: int
    remark: str
    passes: dict[int, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The best of all rounds."""
        return min(self.passes.values())

    @property
    def rate(self) -> float:
        """Query-code pairs per nanosecond: 1e9 pairs per second."""
        return self.n_items * self.n_queries / self.seconds / 1e9

    @property
    def key(self) -> str:
        """Whose ratio is taken between cases; the best mode of faiss may differ."""
        return "faiss" if self.family == "faiss" else self.member


Records = dict[Case, list[Record]]


def read(content: dict[str, Any]) -> Records:
    """Records by case, in the order in which they were run."""
    found: dict[tuple[Case, str], Record] = {}
    for entry in content["benchmarks"]:
        info = entry["extra_info"]
        if "case" not in info:  # not a benchmark of search
            continue
        case = Case(**info["case"])
        sizes = (info["n_items"], info["n_queries"], info["remark"])
        record = found.setdefault(
            (case, info["member"]), Record(case, info["member"], info["family"], *sizes)
        )
        number = info["pass_number"]
        best = entry["stats"]["min"]
        record.passes[number] = min(best, record.passes.get(number, best))
    records: Records = {}
    for (case, _), record in found.items():
        records.setdefault(case, []).append(record)
    return records


def joined(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Runs of the same benchmarks on the same machine as one, their passes numbered on."""
    content = copy.deepcopy(runs[0])
    facts = content["machine_info"]["hashrec"]
    for run in runs[1:]:
        others = dict(run["machine_info"]["hashrec"])
        if {**others, "passes": 0} != {**facts, "passes": 0}:
            raise ValueError("the runs differ in machine, versions, threads or size")
        for entry in copy.deepcopy(run["benchmarks"]):
            entry["extra_info"]["pass_number"] += facts["passes"]
            content["benchmarks"].append(entry)
        facts["passes"] += others["passes"]
    return content


def fastest(records: list[Record], families: tuple[str, ...]) -> Record | None:
    """The member of these families with the highest rate."""
    return max((r for r in records if r.family in families), key=lambda r: r.rate, default=None)


def shown(records: list[Record], group: Group) -> list[Record]:
    """Members of a table: by family, then in the order of the run; of faiss only the best mode."""
    rows = []
    for family in group.families:
        if family == "faiss":
            best = fastest(records, ("faiss",))
            rows += [] if best is None else [best]
        else:
            rows += [record for record in records if record.family == family]
    return rows


def drift(records: Records) -> float | None:
    """Largest difference between the passes of faiss' best mode: how steady the machine was."""
    differences = []
    for members in records.values():
        best = fastest(members, ("faiss",))
        if best is not None and len(best.passes) > 1:
            differences.append(max(best.passes.values()) / min(best.passes.values()) - 1)
    return max(differences, default=None)
