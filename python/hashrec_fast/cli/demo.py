# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec demo``: the whole path on generated data."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from hashrec_fast.cli.bench import compare, parse_sizes
from hashrec_fast.cli.common import json_option, show, table

METRICS = ("recall@20", "ndcg@20")


@click.command()
@click.option("--out", default="demo_output", show_default=True, help="Folder for model and plot.")
@click.option("--users", default=4000, show_default=True)
@click.option("--items", default=6000, show_default=True)
@click.option("--bits", default=64, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", default=0, show_default=True)
@click.option("--bench-items", default="10000,100000,1000000", show_default=True)
@json_option
def demo(
    out: str,
    users: int,
    items: int,
    bits: int,
    seed: int,
    threads: int,
    bench_items: str,
    as_json: bool,
) -> None:
    """Generate data, learn codes, compare, recommend, measure; writes a model and a plot."""
    import hashrec_fast as hf

    sizes = parse_sizes(bench_items, "--bench-items")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    dataset = hf.data.generate(users, items, random_state=seed)
    train, validation, test = hf.data.split(dataset, "random", (0.8, 0.1, 0.1), random_state=seed)
    quality, model = compare_methods(train, validation, test, bits, seed, threads)
    model.save(folder / "model.safetensors")
    chosen = [int(user) for user in np.linspace(0, users - 1, 3)]
    ids, scores = model.recommend(chosen, N=5)
    speed = [compare(n, bits, 100, 100, threads) for n in sizes]
    plot = draw(quality, speed, folder)
    found = {
        "interactions": dataset.n_interactions,
        "quality": quality,
        "recommendations": [
            {"user": user, "items": row.tolist()} for user, row in zip(chosen, ids, strict=True)
        ],
        "speed": speed,
        "model": str(folder / "model.safetensors"),
        "plot": plot,
    }
    columns = ("recall@20", "ndcg@20", "bytes/item", "fit s")
    text = [
        f"Generated {users} users, {items} items, {dataset.n_interactions} interactions; "
        "test split 10 %, all unseen items are candidates.",
        "",
        table(
            ("method", *columns), [[row["method"], *[row[c] for c in columns]] for row in quality]
        ),
        "",
        table(
            ("user", "recommended items", "scores"),
            [
                [u, " ".join(map(str, row)), " ".join(f"{s:.0f}" for s in row_scores)]
                for u, row, row_scores in zip(chosen, ids.tolist(), scores.tolist(), strict=True)
            ],
        ),
        "",
        f"Exact top-100 of 100 queries, {bits} bits against {bits} float dimensions:",
        table(
            ("items", "Hamming ms/query", "float ms/query", "ratio"),
            [
                [r["items"], r["hamming_ms_per_query"], r["float_ms_per_query"], r["speedup"]]
                for r in speed
            ],
        ),
        "",
        f"model: {found['model']}",
        f"plot:  {plot or 'not drawn, matplotlib is not installed (extra: plot)'}",
    ]
    show(found, as_json, "\n".join(text))


def compare_methods(
    train: Any, validation: Any, test: Any, bits: int, seed: int, threads: int
) -> tuple[list[dict[str, Any]], Any]:
    """Popularity, random codes, learnt codes and float factors on one split."""
    import hashrec_fast as hf

    rng = np.random.default_rng(seed)
    n_users, n_items = train.user_items.shape
    popularity = np.bincount(train.user_items.indices, minlength=n_items).astype(np.float64)
    noise = (rng.standard_normal((n_users, bits)), rng.standard_normal((n_items, bits)))
    contenders: list[tuple[str, Any, float]] = [
        ("popularity", popularity, 8),
        (f"random codes, {bits} bits", tuple(hf.pack(values) for values in noise), bits / 8),
    ]
    names = {"wdcf": f"wdcf codes, {bits} bits", "ials": f"ials float, {bits} dimensions"}
    codes = None
    seconds: dict[str, float] = {}
    for name, label in names.items():
        model = hf.create(name, n_bits=bits, random_state=seed, num_threads=threads)
        start = time.perf_counter()
        model.fit(train, validation=validation)
        seconds[label] = time.perf_counter() - start
        contenders.append((label, model, bits / 8 if name == "wdcf" else bits * 4))
        codes = codes or model
    rows = []
    for label, contender, size in contenders:
        result = hf.evaluate(
            contender, train, test, metrics=METRICS, mask=validation, num_threads=threads
        )
        rows.append(
            {
                "method": label,
                **{metric: float(result[metric]) for metric in METRICS},
                "bytes/item": int(size),
                "fit s": round(seconds.get(label, 0.0), 2),
            }
        )
    return rows, codes


def draw(quality: list[dict[str, Any]], speed: list[dict[str, Any]], folder: Path) -> str | None:
    """Write ``demo.png``; ``None`` where matplotlib is missing."""
    try:
        from hashrec_fast.plotting import quality_and_speed
    except ImportError:
        return None
    path = folder / "demo.png"
    quality_and_speed(quality, speed, path)
    return str(path)
