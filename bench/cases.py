# SPDX-License-Identifier: Apache-2.0
"""What is measured: a base case, and groups of cases that vary one thing around it.

A group also says which families of members take part, so that the benchmarks and the report share
one definition. Slow members answer fewer queries; rates (pairs per second) stay comparable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ALL = 0  # as many items or queries as the data has


@dataclass(frozen=True, kw_only=True)
class Case:
    """One search: ``n_queries`` queries for their ``k`` nearest of ``n_items`` codes.

    ``one_by_one`` makes a call for each query, where the time depends on the query.
    """

    n_items: int = 10**6
    n_bits: int = 64
    n_queries: int = 1000
    k: int = 100
    kind: str = "random"
    exclude: str = "none"
    threads: int = 1
    one_by_one: bool = False


@dataclass(frozen=True)
class Group:
    """Cases that are shown in one table; ratios ``to_first`` are against the first case."""

    name: str
    title: str
    cases: tuple[Case, ...]
    families: tuple[str, ...]
    to_first: str = ""


PEERS = ("scan", "level", "faiss", "usearch", "float")
KINDS = ("random", "clustered", "sorted clusters", "duplicates", "equal", "adverse")
REAL = ("random like gowalla", "gowalla")


def groups(threads: int = 1, quick: bool = False) -> tuple[Group, ...]:
    """All groups; ``quick`` shrinks every case."""
    base = Case(threads=threads)
    if quick:
        return tuple(
            replace(group, cases=tuple(_shrink(case) for case in group.cases))
            for group in groups(threads)
        )
    return (
        *_scan_groups(base),
        *_ratio_groups(base),
        *_table_groups(base),
        Group(
            "asymmetric",
            "Real-valued queries against codes",
            (
                base,
                replace(base, k=10),
                replace(base, k=1000),
                replace(base, n_bits=128),
                replace(base, n_bits=256),
                replace(base, n_queries=1),
            ),
            ("asymmetric", "gemm"),
        ),
    )


def _scan_groups(base: Case) -> tuple[Group, ...]:
    sizes = tuple(replace(base, n_items=n) for n in (10**4, 10**5, 10**6, 10**7))
    bits = tuple(replace(base, n_bits=n) for n in (64, 128, 256, 512))
    queries = tuple(replace(base, n_queries=n) for n in (1000, 64, 16, 10, 4, 1))
    ks = tuple(replace(base, k=k) for k in (10, 100, 1000))
    return (
        Group("base", "Base case", (base,), PEERS),
        Group("size", "Number of codes", sizes, PEERS),
        Group("bits", "Length of the codes", bits, PEERS),
        Group("k", "Length of the lists", ks, PEERS),
        Group("queries", "Queries in one call", queries, PEERS, "to 1000 queries"),
    )


def _ratio_groups(base: Case) -> tuple[Group, ...]:
    one, two = replace(base, threads=1), replace(base, threads=2)
    alone = replace(one, n_items=10**7, n_queries=1)
    lists = ("none", "50 random", "500 random", "2000 random", "500 nearest")
    kinds = tuple(replace(base, kind=kind) for kind in KINDS)
    plain, codes = (replace(base, kind=kind, n_items=ALL, n_queries=ALL) for kind in REAL)
    seen = replace(codes, exclude="seen")
    binary = ("scan", "level", "faiss")
    return (
        Group("data", "Kind of data", kinds, binary, "to random"),
        Group("real", "Learnt codes", (plain, codes, seen), binary, "to random"),
        Group("threads", "Threads, many queries", (one, two), ("scan", "faiss"), "to 1 thread"),
        Group(
            "threads-one",
            "Threads, one query",
            (alone, replace(alone, threads=2)),
            ("scan", "faiss"),
            "to 1 thread",
        ),
        Group(
            "exclude",
            "Ids excluded per query",
            tuple(replace(base, exclude=text) for text in lists),
            ("scan",),
            "to none",
        ),
    )


def _table_groups(base: Case) -> tuple[Group, ...]:
    near = replace(base, kind="clustered")
    single = replace(base, n_queries=100, k=10, one_by_one=True)
    copies = replace(single, kind="near copies")
    cases = (
        base,
        near,
        replace(single, kind="clustered"),
        copies,
        replace(copies, n_items=10**7),
        replace(base, kind="gowalla", n_items=ALL, n_queries=ALL),
    )
    return (Group("tables", "Hash tables", cases, ("scan", "table", "faiss")),)


def _shrink(case: Case) -> Case:
    n_queries = case.n_queries // 10 if case.n_queries > 16 else case.n_queries
    if case.n_items == ALL:
        return replace(case, n_queries=100)
    return replace(case, n_items=case.n_items // 50, n_queries=n_queries)


def cases_of(family: str, all_groups: tuple[Group, ...]) -> list[Case]:
    """The cases in which a family takes part, each once, in the order of the groups."""
    return list(dict.fromkeys(c for g in all_groups if family in g.families for c in g.cases))


_PAIRS = {
    "level": 2 * 10**9,
    "float": 2 * 10**8,
    "gemm": 2 * 10**8,
    "asymmetric level": 2 * 10**8,
    "usearch": 5 * 10**7,
}
_LEAST = {"float": 100, "gemm": 100}


def n_queries_of(family: str, n_items: int, n_queries: int) -> int:
    """How many of the queries a member of this family answers."""
    if family not in _PAIRS:
        return n_queries
    return min(n_queries, max(_LEAST.get(family, 1), _PAIRS[family] // n_items))
