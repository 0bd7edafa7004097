# SPDX-License-Identifier: Apache-2.0
"""Parquet tables, by way of pyarrow (an optional part)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import DataError
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.columns import dataset_from_codes
from hashrec_fast.data.readers.delimited import Column, find_columns


def read_parquet(
    path: Path,
    chosen: dict[str, Column],
    *,
    min_rating: float | None = None,
    duplicates: Duplicates = "last",
) -> Dataset:
    """Read the chosen columns of a parquet file; see ``read`` for the rules.

    Raises
    ------
    ImportError
        pyarrow is not installed.
    DataError
        Not a parquet file, a column is missing, or holds nulls or values of another kind; rows
        are counted from 0.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise ImportError(
            "reading parquet needs pyarrow: pip install hashrec-fast[parquet]"
        ) from error
    try:
        file = parquet.ParquetFile(path)
        names = list(file.schema_arrow.names)
        places = find_columns(path, 1, names, len(names), chosen)
        table = file.read(columns=[names[place] for place in places.values()])
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a readable parquet file ({error})") from None
    if not table.num_rows:
        raise DataError(f"{path}: no rows, wanted at least one interaction")
    columns = {role: table.column(names[place]) for role, place in places.items()}
    for role, column in columns.items():
        if column.null_count:
            row = int(np.flatnonzero(column.is_null().to_numpy())[0])
            raise DataError(f"{path}, row {row}: {role} is null")
    users, items = (_labels(path, role, columns.pop(role), arrow) for role in ("user", "item"))
    values = {role: _numbers(path, role, column, arrow) for role, column in columns.items()}
    return dataset_from_codes(
        path, users, items, values, min_rating=min_rating, duplicates=duplicates
    )


def _labels(path: Path, role: str, column: Any, arrow: Any) -> tuple[NDArray[np.int64], Any]:
    kind = column.type
    if arrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if arrow.types.is_integer(kind):
        known, codes = np.unique(column.to_numpy(), return_inverse=True)
        if known[0] < 0:
            row = int(np.flatnonzero(codes == 0)[0])
            raise DataError(f"{path}, row {row}: {role} must not be negative, got {known[0]}")
        return codes, known.astype(np.int64)
    if not (arrow.types.is_string(kind) or arrow.types.is_large_string(kind)):
        raise DataError(f"{path}: {role} must be integers or strings, got {kind}")
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    texts = np.array(encoded.dictionary.to_pylist())
    empty = np.flatnonzero(texts == "")
    if empty.size:
        row = int(np.flatnonzero(codes == empty[0])[0])
        raise DataError(f"{path}, row {row}: {role} is empty, wanted an id")
    return codes, texts


def _numbers(path: Path, role: str, column: Any, arrow: Any) -> NDArray[Any]:
    kind = column.type
    if role == "timestamp" and arrow.types.is_timestamp(kind):
        nanoseconds = column.cast(arrow.timestamp("ns", kind.tz)).cast(arrow.int64()).to_numpy()
        return np.asarray(nanoseconds // 1_000_000_000)
    if not (arrow.types.is_integer(kind) or arrow.types.is_floating(kind)):
        raise DataError(f"{path}: {role} must be numbers, got {kind}")
    values = column.to_numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise DataError(
            f"{path}, row {bad[0]}: {role} must be a finite number, got {values[bad[0]]}"
        )
    return np.asarray(np.floor(values).astype(np.int64) if role == "timestamp" else values)
