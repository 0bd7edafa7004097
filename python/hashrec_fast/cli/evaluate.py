# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec evaluate``."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from hashrec_fast.cli.common import (
    json_option,
    look_here,
    show,
    table,
    trust_option,
)
from hashrec_fast.cli.data_options import DataOptions, data_options


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("--metrics", default="recall@50,ndcg@50", show_default=True, help="Comma-separated.")
@click.option(
    "--part", type=click.Choice(("test", "validation")), default="test", show_default=True
)
@click.option(
    "--candidates",
    default="all",
    show_default=True,
    help="all, test (the user's own test items), or a number of sampled items.",
)
@click.option(
    "--ties",
    type=click.Choice(("expected", "first", "last")),
    default="expected",
    show_default=True,
    help="Order of equal scores.",
)
@click.option("--threads", default=0, show_default=True)
@trust_option
@data_options
@json_option
def evaluate(
    model: str,
    data: str,
    metrics: str,
    part: str,
    candidates: str,
    ties: str,
    threads: int,
    trust: tuple[str, ...],
    options: DataOptions,
    as_json: bool,
) -> None:
    """Measure MODEL on held-out interactions of DATA.

    Give the same --split, --fractions and --split-seed as to `hashrec fit`. Items of the train
    part are never candidates; for the test part neither are those of the validation part.
    """
    import hashrec_fast as hf

    if trust:
        look_here()
    fitted = hf.load(model, trust=trust)
    dataset = options.read(data)
    if options.split == "none":
        raise ValueError("evaluate needs --split (the one given to fit) to know what was held out")
    train, validation, test = options.parts(dataset)
    held_out, mask = (test, validation) if part == "test" else (validation, None)
    if held_out.n_interactions == 0:
        raise ValueError(f"the {part} part of this split is empty")
    if fitted.user_items_.shape != (dataset.n_users, dataset.n_items):
        raise ValueError(
            f"the model was fitted to {fitted.user_items_.shape} users and items, "
            f"DATA has {(dataset.n_users, dataset.n_items)}"
        )
    learnt, wanted = fitted.user_items_, train.user_items
    if not (
        np.array_equal(learnt.indptr, wanted.indptr)
        and np.array_equal(learnt.indices, wanted.indices)
    ):
        raise ValueError(
            "the model was not fitted to the train part of this split, so held-out interactions "
            "may have been learnt from; give the --split, --fractions and --split-seed of fit"
        )
    pool: Any = int(candidates) if candidates.isdigit() else candidates
    order: Any = ties
    result = hf.evaluate(
        fitted,
        train,
        held_out,
        metrics=tuple(metric.strip() for metric in metrics.split(",")),
        candidates=pool,
        ties=order,
        mask=mask,
        num_threads=threads,
    )
    show(result, as_json, table(("metric", part), [[k, float(v)] for k, v in result.items()]))
