# SPDX-License-Identifier: Apache-2.0
"""Options that say how DATA is read and split, the same for every command that does so."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np

if TYPE_CHECKING:
    from hashrec_fast.data import Dataset
    from hashrec_fast.data.readers import FileFormat
    from hashrec_fast.data.splits import SplitMethod

SPLITS = ("none", "random", "per_user", "leave_one_out", "time", "time_exact", "upstream")
ROLES = ("user", "item", "rating", "timestamp")


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Values of the options; field names are their parameter names."""

    file_format: FileFormat
    user_column: str | None
    item_column: str | None
    rating_column: str | None
    timestamp_column: str | None
    min_rating: float | None
    split: SplitMethod | Literal["none"]
    fractions: str
    split_seed: int

    def read(self, source: str) -> Dataset:
        """A Dataset from a file, a folder or the name of a known data set."""
        from hashrec_fast import data

        if Path(source).exists() or "/" in source or "." in source:
            named = {role: getattr(self, f"{role}_column") for role in ROLES}
            given: dict[str, Any] = {
                role: int(column) if column.isdigit() else column
                for role, column in named.items()
                if column is not None
            }
            return data.read(source, format=self.file_format, min_rating=self.min_rating, **given)
        dataset = data.load(source)
        if self.min_rating is not None:
            if dataset.ratings is None:
                raise ValueError(f"{source} has no ratings, so --min-rating cannot be used")
            dataset = dataset.select(dataset.ratings.data >= self.min_rating)
        return dataset

    def parts(self, dataset: Dataset) -> tuple[Dataset, Dataset, Dataset]:
        """Train, validation and test; all of it is train with ``--split none``."""
        from hashrec_fast import data

        if self.split == "none":
            nothing = dataset.select(np.zeros(dataset.n_interactions, dtype=bool))
            return dataset, nothing, nothing
        try:
            shares = tuple(float(share) for share in self.fractions.split(","))
        except ValueError:
            raise ValueError(
                f"--fractions must be numbers like 0.8,0.1,0.1, got {self.fractions!r}"
            ) from None
        return data.split(dataset, self.split, shares, random_state=self.split_seed)


_OPTIONS = (
    click.option("--format", "file_format", default="auto", show_default=True, help="File format."),
    click.option("--user-column", help="Name or position of the user column."),
    click.option("--item-column", help="Name or position of the item column."),
    click.option("--rating-column", help="Name or position of the rating column."),
    click.option("--timestamp-column", help="Name or position of the timestamp column."),
    click.option("--min-rating", type=float, help="Keep ratings of at least this value."),
    click.option(
        "--split",
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


def data_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command, which gets them as one argument ``options``."""

    @functools.wraps(function)
    def command(**arguments: Any) -> None:
        names = [field.name for field in dataclasses.fields(DataOptions)]
        options = DataOptions(**{name: arguments.pop(name) for name in names})
        function(options=options, **arguments)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command
