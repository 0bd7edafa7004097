# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec fit``."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import click

from hashrec_fast.cli.common import (
    json_option,
    labels_to_bytes,
    look_here,
    parse_settings,
    show,
)
from hashrec_fast.cli.data_options import DataOptions, data_options

MODEL_KEYS = ("method", "n_bits", "random_state", "num_threads", "device", "index")


@click.command()
@click.argument("data")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="Model file to write.")
@click.option(
    "--method",
    "name",
    help="Method; see `hashrec methods`, or package.module:RECIPE.  [default: wdcf]",
)
@click.option("--bits", type=int, help="Code length.  [default: 64]")
@click.option("--seed", type=int, help="Random state.  [default: 0]")
@click.option("--threads", type=int, help="0 uses all cores.  [default: 0]")
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False), help="TOML file of settings."
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter; see `hashrec methods NAME`.",
)
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False),
    help="File in which methods that follow gradients keep their state every few epochs "
    "(--set checkpoint_every=N). Where it is there, training goes on from it; "
    "remove it to begin anew.",
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@data_options
@json_option
def fit(
    data: str,
    out: str,
    name: str | None,
    bits: int | None,
    seed: int | None,
    threads: int | None,
    config: str | None,
    settings: tuple[str, ...],
    checkpoint: str | None,
    quiet: bool,
    options: DataOptions,
    as_json: bool,
) -> None:
    """Learn codes from DATA (a file, a folder, or the name of a known set).

    With --split only the train part is learnt from and the validation part guides choices; the
    same --split given to `hashrec evaluate` then measures the test part. Options on the command
    line win over those in the TOML file of --config. A run with --checkpoint that was cut off is
    given again as it was: it goes on and ends with the same codes.
    """
    from hashrec_fast.methods import create

    chosen: dict[str, Any] = {"method": "wdcf", "n_bits": 64, "random_state": 0, "num_threads": 0}
    if config is not None:
        chosen |= tomllib.loads(Path(config).read_text(encoding="utf-8"))
    given = {"method": name, "n_bits": bits, "random_state": seed, "num_threads": threads}
    chosen |= {key: value for key, value in given.items() if value is not None}
    chosen |= parse_settings(settings)
    if not Path(out).absolute().parent.is_dir():
        raise ValueError(f"folder {Path(out).absolute().parent} of --out does not exist")
    if ":" in str(chosen["method"]):
        look_here()
    model = create(chosen.pop("method"), **chosen)
    dataset = options.read(data)
    train, validation, _ = options.parts(dataset)
    start = time.perf_counter()
    model.fit(
        train,
        validation=validation if validation.n_interactions else None,
        show_progress=not quiet,
        checkpoint=checkpoint,
    )
    seconds = time.perf_counter() - start
    model.fitted_.arrays["user_labels"] = labels_to_bytes(dataset.user_ids)
    model.fitted_.arrays["item_labels"] = labels_to_bytes(dataset.item_ids)
    model.save(out)
    found = {
        "model": out,
        "method": model.recipe.name,
        "n_bits": model.n_bits,
        "users": train.n_users,
        "items": train.n_items,
        "interactions": train.n_interactions,
        "seconds": round(seconds, 3),
        "bytes": Path(out).stat().st_size,
    }
    text = (
        f"{out}: {model.recipe.name}, {model.n_bits} bits, {train.n_users} users, "
        f"{train.n_items} items, {train.n_interactions} interactions, {seconds:.1f} s"
    )
    show(found, as_json, text)
