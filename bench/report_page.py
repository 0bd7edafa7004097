# SPDX-License-Identifier: Apache-2.0
"""Markdown of a run: the page with a table per group, and the short table of the README."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import machine as machine_facts
from cases import ALL, Case, Group, groups
from records import Record, Records, drift, fastest, read, shown

FLOAT = ("float", "gemm")
METHOD = """\
Gpair/s are 1e9 pairs of a query and a code per second, selection and ordered output included; ms
are for the whole call. "× faiss" is the rate divided by that of faiss' `IndexBinaryFlat` in the
best of its modes for the case (`use_heap` on or off, `query_batch_size` 32 or 1000; the row names
the mode), "× float" by that of the fastest float member (in the table of real-valued queries:
float32 product with the codes as +-1). Members that are slow, or that keep all distances in
memory, answer fewer of the queries, which the column says; compare rates.

Every answer is checked before it is timed: the first three queries against a naive reference
search, all queries by their sums of distances against the other exact members. Caches are warm.
Times are the best of at least three rounds (about a second) in each of {passes}; a pass
runs all members of a case one after the other, so noise hits all.{drift}"""


def page(content: dict[str, Any], picture: str | None) -> str:
    """The whole page; its form depends on the machine facts alone."""
    facts, records = content["machine_info"]["hashrec"], read(content)
    passes = facts["passes"]
    steady = drift(records)
    noise = "" if steady is None else f" Between passes faiss differed by up to {steady:.0%}."
    lines = [
        "# Benchmarks",
        "",
        f"Made by `python bench/report.py{' --quick' if facts['quick'] else ''}` on "
        f"{content['datetime'][:10]}: {machine_facts.in_words(facts)}.",
        "",
        METHOD.format(passes="one pass" if passes == 1 else f"{passes} passes", drift=noise),
    ]
    for group in groups(facts["threads"], facts["quick"]):
        lines += ["", f"## {group.title}", "", f"{caption(group)}.", ""]
        if picture and group.name == "base":
            lines += [f"![Rates of the base case]({picture})", ""]
        lines += table(group, records)
    return "\n".join(lines) + "\n"


def table(group: Group, records: Records) -> list[str]:
    """Rows of a group; a line of text if nothing was measured."""
    rows = [row for case in group.cases for row in case_rows(group, case, records)]
    if not rows:
        return ["Not measured in this run."]
    header = ["case", "member", "queries", "ms", "Gpair/s", "× faiss", "× float"]
    header += [f"relative {group.to_first}"] if group.to_first else []
    return [in_cells(header), in_cells(["---"] * 2 + ["---:"] * (len(header) - 2)), *rows]


def case_rows(group: Group, case: Case, records: Records) -> list[str]:
    members = records.get(case, [])
    firsts = {record.key: record for record in records.get(group.cases[0], [])}
    if (first := fastest(records.get(group.cases[0], []), ("faiss",))) is not None:
        firsts["faiss"] = first
    label = describe(case, varying(group)) or "base"
    rows = []
    for record in shown(members, group):
        cells = [label, record.member + (f", {record.remark}" if record.remark else "")]
        cells += [f"{record.n_queries:,}", *figures(record), *peer_ratios(record, members, group)]
        if group.to_first:
            cells.append(ratio(record, firsts.get(record.key)))
        rows.append(in_cells(cells))
    return rows


def peer_ratios(record: Record, members: list[Record], group: Group) -> list[str]:
    """Rates relative to faiss and to the fastest float member, as far as the table shows them."""
    binary = fastest(members, ("faiss",)) if "faiss" in group.families else None
    real = fastest(members, tuple(family for family in FLOAT if family in group.families))
    return [ratio(record, binary), ratio(record, real)]


def figures(record: Record) -> list[str]:
    """Milliseconds and rate."""
    ms = 1e3 * record.seconds
    return [f"{ms:.3f}" if ms < 10 else f"{ms:.1f}", f"{record.rate:.3g}"]


def ratio(record: Record, other: Record | None) -> str:
    return "–" if other is None else f"{record.rate / other.rate:.2f}"


def in_cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def varying(group: Group) -> list[str]:
    """Fields in which the cases of a group differ."""
    rows = [asdict(case) for case in group.cases]
    return [name for name in rows[0] if len({row[name] for row in rows}) > 1]


def caption(group: Group) -> str:
    """What is the same in all cases of a group."""
    fixed = [name for name in asdict(group.cases[0]) if name not in varying(group)]
    return describe(group.cases[0], fixed)


def describe(case: Case, names: list[str]) -> str:
    """Fields of a case in words."""
    words = {
        "n_items": "all items" if case.n_items == ALL else f"{case.n_items:,} codes",
        "n_bits": f"{case.n_bits} bits",
        "n_queries": "all users" if case.n_queries == ALL else queries(case.n_queries),
        "k": f"k = {case.k}",
        "kind": case.kind,
        "exclude": "nothing excluded" if case.exclude == "none" else f"{case.exclude} excluded",
        "threads": f"{case.threads} thread{'s' if case.threads > 1 else ''}",
    }
    return ", ".join(words[name] for name in words if name in names)


def queries(count: int) -> str:
    return "1 query" if count == 1 else f"{count:,} queries"


def readme_block(content: dict[str, Any], link: str) -> str:
    """The short table of the base case, with the machine and a link to the page."""
    facts, records = content["machine_info"]["hashrec"], read(content)
    base = groups(facts["threads"], facts["quick"])[0]
    versions = facts["versions"]
    return "\n".join(
        [
            f"Measured on {facts['cpu']} (SIMD level {facts['level']}), faiss-cpu "
            f"{versions['faiss-cpu']}, torch {versions['torch']}: {caption(base)}.",
            "",
            *table(base, records),
            "",
            "Gpair/s: 1e9 pairs of a query and a code per second. Slow members answered fewer "
            f"queries. [{link}]({link}) has other sizes, data, filters and threads, and says how "
            "it was measured.",
        ]
    )


def filled(text: str, block: str) -> str:
    """The text with the part between the two marker comments replaced."""
    begin, end = "<!-- benchmark:begin -->", "<!-- benchmark:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"the text must hold {begin} and, after it, {end}, each once")
    head, rest = text.split(begin)
    return f"{head}{begin}\n{block}\n{end}{rest.split(end)[1]}"
