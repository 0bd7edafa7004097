# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec search``."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from hashrec_fast.cli.common import json_option, show, table


@click.command()
@click.argument("codes", type=click.Path(dir_okay=False))
@click.argument("queries", type=click.Path(dir_okay=False))
@click.option("--bits", required=True, type=int, help="Code length.")
@click.option("-k", default=10, show_default=True, help="Neighbours per query.")
@click.option(
    "--index",
    "kind",
    type=click.Choice(["linear_scan", "hash_table", "multi_index"]),
    default="linear_scan",
    show_default=True,
    help="hash_table is approximate, the others are exact.",
)
@click.option("--threads", default=0, show_default=True)
@json_option
def search(
    codes: str, queries: str, bits: int, k: int, kind: str, threads: int, as_json: bool
) -> None:
    """Nearest codes: QUERIES against CODES, both .npy of uint64 (n, words)."""
    from hashrec_fast.retrieval import create_index

    arrays = []
    for path in (codes, queries):
        if not Path(path).is_file():
            raise FileNotFoundError(f"no file {path}")
        arrays.append(np.ascontiguousarray(np.load(path, allow_pickle=False)))
    index = create_index(kind, bits, threads)
    index.add(arrays[0])
    distances, ids = index.search(arrays[1], k)
    found = {"distances": distances.tolist(), "ids": ids.tolist()}
    rows = [
        [q, rank + 1, int(ids[q, rank]), int(distances[q, rank])]
        for q in range(len(ids))
        for rank in range(k)
    ]
    show(found, as_json, table(("query", "rank", "id", "distance"), rows))
