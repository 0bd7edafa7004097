# SPDX-License-Identifier: Apache-2.0
"""``hashrec search``."""

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
@click.option("--threads", default=0, show_default=True)
@json_option
def search(codes: str, queries: str, bits: int, k: int, threads: int, as_json: bool) -> None:
    """Exact nearest codes: QUERIES against CODES, both .npy of uint64 (n, words)."""
    import hashrec_fast as hf

    arrays = []
    for path in (codes, queries):
        if not Path(path).is_file():
            raise FileNotFoundError(f"no file {path}")
        arrays.append(np.ascontiguousarray(np.load(path, allow_pickle=False)))
    index = hf.LinearScan(n_bits=bits, num_threads=threads)
    index.add(arrays[0])
    distances, ids = index.search(arrays[1], k)
    found = {"distances": distances.tolist(), "ids": ids.tolist()}
    rows = [
        [q, rank + 1, int(ids[q, rank]), int(distances[q, rank])]
        for q in range(len(ids))
        for rank in range(k)
    ]
    show(found, as_json, table(("query", "rank", "id", "distance"), rows))
