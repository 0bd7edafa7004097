# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec generate``."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from hashrec_fast._utils import atomic_write
from hashrec_fast.cli.common import json_option, show


@click.command()
@click.argument("out", type=click.Path(dir_okay=False))
@click.option("--users", default=2000, show_default=True)
@click.option("--items", default=3000, show_default=True)
@click.option("--mean", default=40.0, show_default=True, help="Interactions per user.")
@click.option("--seed", default=0, show_default=True)
@json_option
def generate(out: str, users: int, items: int, mean: float, seed: int, as_json: bool) -> None:
    """Write planted interactions to OUT (.csv or .npz)."""
    from hashrec_fast import data

    dataset = data.generate(users, items, mean_interactions=mean, random_state=seed)
    path = Path(out)
    if path.suffix == ".csv":
        rows = np.repeat(np.arange(dataset.n_users), np.diff(dataset.user_items.indptr))
        body = "\n".join(
            f"{u},{i}"
            for u, i in zip(rows.tolist(), dataset.user_items.indices.tolist(), strict=True)
        )
        with atomic_write(path) as stream:
            stream.write(f"user,item\n{body}\n".encode())
    elif path.suffix == ".npz":
        data.save(dataset, path)
    else:
        raise ValueError(f"OUT must end in .csv or .npz, got {out!r}")
    found = {
        "path": str(path),
        "users": dataset.n_users,
        "items": dataset.n_items,
        "interactions": dataset.n_interactions,
    }
    show(
        found,
        as_json,
        f"{path}: {users} users, {items} items, {dataset.n_interactions} interactions",
    )
