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
are for all queries of the row. Ratios are those of rates within a case:

- × faiss: to faiss' `IndexBinaryFlat` in the best of its modes (`use_heap` on or off,
  `query_batch_size` 32 or 1000; the row names the mode).
- × float: to the fastest float32 inner product with as many dimensions as there are bits; for
  real-valued queries, to their product with the codes unpacked to +-1.
- × scan: to `LinearScan`.

Members that are slow, or that keep all distances in memory, answer fewer of the queries, as the
column says; compare rates. With one call per query every row of queries is a call of its own.

Data: *random* bits; *clustered*: 1000 centres, up to three bits flipped in every code and query;
*sorted clusters*: the same in the order of the centres; *duplicates*: a hundred copies of each code
on average, some far more; *equal*: one code; *adverse*: later codes are nearer to every query;
*near copies*: as clustered, with a hundred codes per centre; *gowalla*: codes that `wdcf` learnt
(all users ask, items *seen* are those of the data set).

Every answer is checked before it is timed: the first three queries against a naive reference
search, all queries by their sums of distances against the other exact members where there are any
(excluded ids: none may come back). Caches are warm.
Times are the best of at least three rounds{seconds} in {passes}; a pass runs all members of a case
one after the other, so that noise hits all.{drift}"""


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
        METHOD.format(
            seconds="" if facts["quick"] else " (about a second)",
            passes=f"each of {passes} passes" if passes > 1 else "one pass",
            drift=noise,
        ),
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
    header = ["case"] if varying(group) else []
    header += ["member", "queries", "ms", "Gpair/s"]
    header += ["× faiss"] if "faiss" in group.families else []
    header += ["× float"] if floats(group) else []
    header += ["× scan"] if "table" in group.families else []
    header += [f"relative {group.to_first}"] if group.to_first else []
    n_words = header.index("member") + 1
    rule = ["---"] * n_words + ["---:"] * (len(header) - n_words)
    return [in_cells(header), in_cells(rule), *rows]


def case_rows(group: Group, case: Case, records: Records) -> list[str]:
    members = records.get(case, [])
    firsts = {record.key: record for record in records.get(group.cases[0], [])}
    if (first := fastest(records.get(group.cases[0], []), ("faiss",))) is not None:
        firsts["faiss"] = first
    label = [describe(case, varying(group))] if varying(group) else []
    rows = []
    for record in shown(members, group):
        cells = [*label, record.member + (f", {record.remark}" if record.remark else "")]
        cells += [f"{record.n_queries:,}", *figures(record), *peer_ratios(record, members, group)]
        if group.to_first:
            cells.append(ratio(record, firsts.get(record.key)))
        rows.append(in_cells(cells))
    return rows


def peer_ratios(record: Record, members: list[Record], group: Group) -> list[str]:
    """Rates relative to faiss, the fastest float member, the scan, as the table shows them."""
    baselines: list[tuple[str, ...]] = [("faiss",)] if "faiss" in group.families else []
    baselines += [floats(group)] if floats(group) else []
    baselines += [("scan",)] if "table" in group.families else []
    return [ratio(record, fastest(members, families)) for families in baselines]


def floats(group: Group) -> tuple[str, ...]:
    return tuple(family for family in FLOAT if family in group.families)


def figures(record: Record) -> list[str]:
    """Milliseconds and rate."""
    return [significant(1e3 * record.seconds), significant(record.rate)]


def significant(value: float) -> str:
    """At least three digits that count, without an exponent."""
    for least, digits in ((100, 0), (10, 1), (1, 2), (0.1, 3)):
        if value >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.4f}"


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
        "one_by_one": "one call per query" if case.one_by_one else "",
        "threads": f"{case.threads} thread{'s' if case.threads > 1 else ''}",
    }
    return ", ".join(words[name] for name in words if name in names and words[name])


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
