# SPDX-License-Identifier: Apache-2.0
"""Which tables are made again: their rows, widths, columns, and the settings tried on validation.

Published numbers are strings, as printed, in bench/published/*.json; only what stands there is
ever called published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import hashrec_fast as hf
from methods_plan import GRIDS, Setting
from paper_cases import Case, ccsr, hcfrec, srloss
from paper_texts import CCSR, HCFREC, SRLOSS

PUBLISHED = Path(__file__).parent / "published"
Printed = dict[str, dict[str, dict[str, dict[str, str]]]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table.

    ``methods`` are registered names, of which the first that exists is run; ``printed`` is the
    name of the line in the published table, or empty. With ``drawn`` a method of explicit feedback
    learns from 1 for what was rated and 0 for so many times as many items drawn at random.
    ``by_bits`` holds what every setting of a width has besides.
    """

    methods: tuple[str, ...]
    printed: str = ""
    grid: tuple[Setting, ...] = ({},)
    kind: str = "codes"
    drawn: int = 0
    by_bits: Mapping[int, Setting] = field(default_factory=dict)

    def settings(self, n_bits: int) -> list[Setting]:
        """The grid at one width."""
        return [{**self.by_bits.get(n_bits, {}), **setting} for setting in self.grid]

    @property
    def name(self) -> str:
        """Its key in the results."""
        return f"{self.methods[0]}_drawn" if self.drawn else self.methods[0]

    def method(self) -> str | None:
        """The registered method, or None."""
        known = hf.available_methods()
        return next((name for name in self.methods if name in known), None)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A published table and how it is made again.

    ``cases`` are named by data set and, where there is more than one, by split. ``columns`` go
    from labels of metrics to their names in the published table; None where the
    paper does not have them.
    """

    name: str
    title: str
    text: str
    cases: dict[str, Callable[[], Case]]
    bits: tuple[int, ...]
    rows: tuple[Row, ...]
    columns: Mapping[str, str | None]
    headings: dict[str, str] = field(default_factory=dict)


def row(*methods: str, printed: str = "", grid: Any = ({},), **facts: Any) -> Row:
    """A row in one line."""
    return Row(methods=methods, printed=printed, grid=tuple(grid), **facts)


@cache
def published(table: str) -> Printed:
    """Values as printed: data set, line, bits, metric."""
    text = (PUBLISHED / f"{table}.json").read_text(encoding="utf-8")
    values: Printed = json.loads(text)["values"]
    return values


def printed_line(table: str, data: str, line: str, bits: int) -> dict[str, str]:
    """Printed values of one line by metric; ``data`` may add to the name how it is split."""
    return published(table)[data.split(maxsplit=1)[0]].get(line, {}).get(str(bits), {})


EPOCHS = "epochs"  # fewer than the defaults where a fit would take hours
SHORT = {EPOCHS: 6, "evaluate_every": 2}
SHORTER = {EPOCHS: 3, "evaluate_every": 1}
FEW_STEPS = {EPOCHS: 6, "evaluate_every": 1, "sampler__steps": 30}
"""Short training of the table of CCSR: a fit is to end within a minute of one core."""

SHARPNESS = tuple(SHORT | {"bce__sharpness": value} for value in (8.0, 3.0))
SHARES = tuple(
    FEW_STEPS | {"similarity_reconstruction__user_share": value} for value in (0.6, 0.3, 0.9)
)
SPARSE = {
    "l2__weight": 0.1,
    "sampler__pairs": 8192,
    EPOCHS: 30,
    "patience": 3,
}
"""Of SRLoss on Gowalla; its own settings do better on dense data."""
HINGES = tuple({"squared_hinge__weight": weight} for weight in (0.3, 1.0, 3.0))

OF_FEW_BITS = {16: {"poisson__sharpness": 8.0, "poisson__positive_weight": 2.5}}
BRIEF = {"sampler__steps": 16, "patience": 4}
RANKING = {
    "l2__weight": 0.1,
    "metric": "ndcg@10",
    EPOCHS: 80,
    "patience": 4,
}

TABLES: dict[str, Table] = {
    "srloss": Table(
        name="srloss",
        title="SRLoss and AAGE, table 1 (AAAI 2024)",
        text=SRLOSS,
        cases={"gowalla": partial(srloss, "gowalla")},
        bits=(64,),
        rows=(
            row("srloss", printed="Proposed", grid=[SPARSE]),
            row("bgch", printed="BGCH"),
            row("hashgnn", printed="HashGNN", grid=[{EPOCHS: 10}]),
            row("hashrec", printed="HashRec"),
            row("wdcf"),
        ),
        columns={
            **{m: m for m in ("recall@50", "recall@100", "ndcg@50", "ndcg@100")},
            "ndcg_hits@50": None,
            "ndcg_hits@100": None,
        },
        headings={"ndcg_hits@50": "hits-N@50", "ndcg_hits@100": "hits-N@100"}
        | {"recall@50": "R@50", "recall@100": "R@100", "ndcg@50": "N@50", "ndcg@100": "N@100"},
    ),
    "ccsr": Table(
        name="ccsr",
        title="CCSR, table 3 (AdKDD 2022)",
        text=CCSR,
        cases={"ml-1m": partial(ccsr, "ml-1m")},
        bits=(5, 10, 20, 40),
        rows=(
            row("cf_s", printed="CF-S"),
            row("cfcodereg", printed="CFcodeReg"),
            row("aecf", printed="AECF-S", grid=(SHORTER,)),
            row("ccsr", printed="CCSR-S", grid=SHARPNESS),
            row("djsrh_sst", "djsrh", printed="DJSRH-SST", grid=SHARES),
            row("ccsr_sst", printed="CCSR-SST", grid=SHARPNESS),
        ),
        columns={f"ndcg@{k}": f"ndcg@{k}" for k in (2, 6, 10)}
        | {f"liked ndcg@{k}": f"ndcg@{k}" for k in (2, 6, 10)},
        headings={f"ndcg@{k}": f"NDCG@{k}, gain 2^r - 1" for k in (2, 6, 10)}
        | {f"liked ndcg@{k}": f"NDCG@{k}, r > 3" for k in (2, 6, 10)},
    ),
    "hcfrec": Table(
        name="hcfrec",
        title="HCFRec, tables 2 and 3 (IJCAI 2022)",
        text=HCFREC,
        cases={
            f"{name} {how}": partial(hcfrec, name, how)
            for how in ("time", "random")
            for name in ("ml-100k", "ml-1m")
        },
        bits=(16, 64),
        rows=(
            row("dcf", printed="DCF", grid=GRIDS["dcf"]),
            row("dcf", printed="DCF", grid=GRIDS["dcf"], drawn=4),
            row("dpr", printed="DPR", grid=GRIDS["dpr"]),
            row("bivae_b", printed="BiVAEB", grid=[BRIEF]),
            row("hcfrec", printed="HCFRec", by_bits=OF_FEW_BITS),
            row("hcfrec_no_c", printed="HCFRec/no.C", by_bits=OF_FEW_BITS),
            row("wdcf", grid=HINGES),
            row("mf_bpr", printed="BPR", kind="float", grid=[RANKING]),
            row("bivae", printed="BiVAE", kind="float", grid=[BRIEF]),
        ),
        columns={f"ndcg@{k}": f"ndcg@{k}" for k in (2, 6, 10)} | {"map_of_all@10": "map@10"},
        headings={f"ndcg@{k}": f"nDCG@{k}" for k in (2, 6, 10)} | {"map_of_all@10": "mAP@10"},
    ),
}
