# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec recommend``."""

from __future__ import annotations

from typing import Any

import click

from hashrec_fast.cli.common import (
    json_option,
    labels_from_bytes,
    look_here,
    show,
    table,
    trust_option,
)


@click.command()
@click.argument("model")
@click.option("--user", "users", multiple=True, required=True, help="User label; may be repeated.")
@click.option("-n", "count", default=10, show_default=True, help="Items per user.")
@click.option("--keep-seen", is_flag=True, help="Do not leave out items of the training data.")
@trust_option
@json_option
def recommend(
    model: str,
    users: tuple[str, ...],
    count: int,
    keep_seen: bool,
    trust: tuple[str, ...],
    as_json: bool,
) -> None:
    """Recommend items to users of the training data."""
    import hashrec_fast as hf

    if trust:
        look_here()
    fitted = hf.load(model, trust=trust)
    user_labels = labels(fitted, "user_labels", len(fitted.fitted_.user))
    item_labels = labels(fitted, "item_labels", len(fitted.fitted_.item))
    place = {label: position for position, label in enumerate(user_labels)}
    unknown = [user for user in users if user not in place]
    if unknown:
        raise ValueError(f"user {unknown[0]!r} is not in the training data of {model}")
    ids, scores = fitted.recommend(
        [place[user] for user in users], N=count, filter_already_liked_items=not keep_seen
    )
    found: list[dict[str, Any]] = [
        {
            "user": user,
            "items": [
                {"item": item_labels[item], "score": float(score)}
                for item, score in zip(row.tolist(), row_scores.tolist(), strict=True)
                if item >= 0
            ],
        }
        for user, row, row_scores in zip(users, ids, scores, strict=True)
    ]
    lines: list[list[Any]] = [
        [row["user"], place + 1, entry["item"], entry["score"]]
        for row in found
        for place, entry in enumerate(row["items"])
    ]
    show(found, as_json, table(("user", "rank", "item", "score"), lines))


def labels(model: Any, name: str, n: int) -> list[str]:
    """Labels saved with the model, or positions where it has none."""
    content = model.fitted_.arrays.get(name)
    return [str(i) for i in range(n)] if content is None else labels_from_bytes(content)
