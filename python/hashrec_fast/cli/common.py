# SPDX-License-Identifier: Apache-2.0
"""What the commands share: one-line errors, data and split options, plain tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
SPLITS = ("none", "random", "per_user", "leave_one_out", "time", "upstream")


class BadInput(click.ClickException):
    """One line on stderr and exit code 2."""

    exit_code = 2


class Group(click.Group):
    """Turns the package's errors into one line on stderr and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input never shows a traceback."""
        try:
            return super().invoke(ctx)
        except (ValueError, TypeError, IndexError, OSError, ImportError, MemoryError) as error:
            text = " ".join(str(error).split()) or type(error).__name__
            raise BadInput(text) from None


def json_option(function: F) -> F:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def data_options(function: F) -> F:
    """Add the options that say how DATA is read."""
    options = (
        click.option(
            "--format", "file_format", default="auto", show_default=True, help="File format."
        ),
        click.option("--user-column", help="Name or position of the user column."),
        click.option("--item-column", help="Name or position of the item column."),
        click.option("--rating-column", help="Name or position of the rating column."),
        click.option("--timestamp-column", help="Name or position of the timestamp column."),
        click.option("--min-rating", type=float, help="Keep ratings of at least this value."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def split_options(function: F) -> F:
    """Add the options that say which part of DATA is meant."""
    options = (
        click.option(
            "--split",
            "method",
            type=click.Choice(SPLITS),
            default="none",
            show_default=True,
            help="How DATA is split into train, validation and test.",
        ),
        click.option(
            "--fractions", default="0.8,0.1,0.1", show_default=True, help="Shares of the parts."
        ),
        click.option("--split-seed", default=0, show_default=True, help="Seed of a random split."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_data(
    source: str,
    file_format: str,
    *columns: str | None,
    min_rating: float | None = None,
) -> Any:
    """A Dataset from a file, a folder or the name of a known data set."""
    from hashrec_fast import data

    if Path(source).exists() or "/" in source or "." in source:
        names = dict(zip(("user", "item", "rating", "timestamp"), columns, strict=True))
        given: dict[str, Any] = {
            k: int(v) if v.isdigit() else v for k, v in names.items() if v is not None
        }
        return data.read(source, format=file_format, min_rating=min_rating, **given)
    dataset = data.load(source)
    if min_rating is not None:
        if dataset.ratings is None:
            raise ValueError(f"{source} has no ratings, so --min-rating cannot be used")
        dataset = dataset.select(dataset.ratings.data >= min_rating)
    return dataset


def split_data(dataset: Any, method: str, fractions: str, seed: int) -> tuple[Any, Any, Any]:
    """Train, validation and test; all of it is train with method "none"."""
    from hashrec_fast import data

    if method == "none":
        nothing = dataset.select(np.zeros(dataset.n_interactions, dtype=bool))
        return dataset, nothing, nothing
    try:
        shares = tuple(float(share) for share in fractions.split(","))
    except ValueError:
        raise ValueError(
            f"--fractions must be numbers like 0.8,0.1,0.1, got {fractions!r}"
        ) from None
    parts: tuple[Any, Any, Any] = data.split(dataset, method, shares, random_state=seed)
    return parts


def parse_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """``key=value`` pairs; values are JSON where they can be, else strings."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or not key:
            raise ValueError(f"--set takes key=value, got {pair!r}")
        try:
            found[key] = json.loads(text.replace("None", "null") if text == "None" else text)
        except json.JSONDecodeError:
            found[key] = text
    return found


def show(rows: Any, as_json: bool, text: str) -> None:
    """Print ``rows`` as JSON or the ready ``text``."""
    click.echo(json.dumps(rows, indent=2) if as_json else text)


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Left column to the left, the others to the right."""
    cells = [list(header), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        line = [row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(line).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"
    return str(value)


# Labels of users and items travel in the model file as UTF-8 text, one label a line.


def labels_to_bytes(labels: NDArray[Any]) -> NDArray[np.uint8]:
    """JSON text of the labels as uint8."""
    return np.frombuffer(json.dumps(np.asarray(labels).tolist()).encode(), dtype=np.uint8).copy()


def labels_from_bytes(content: NDArray[np.uint8]) -> list[str]:
    """Labels as strings."""
    return [str(label) for label in json.loads(content.tobytes().decode())]
