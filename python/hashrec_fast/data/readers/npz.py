# SPDX-License-Identifier: Apache-2.0
"""The package's own format: ``interactions.npz`` and files of side information beside it.

``interactions.npz`` holds integer arrays ``user`` and ``item``, scalars ``n_users`` and
``n_items`` and, where known, ``rating``, ``timestamp``, ``position`` and ``split``. Beside it may
lie ``item_features.npz`` and ``user_features.npz`` (``scipy.sparse.save_npz``), ``social.npz`` and
``item_graph.npz`` (``src``, ``dst``), ``kg.npz`` (the fields of ``KnowledgeGraph``), and
``user_ids.npz`` and ``item_ids.npz`` (one array of labels). Nothing is pickled.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from hashrec_fast._utils import DataError, atomic_write
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.columns import ratings_at_least
from hashrec_fast.data.side_info import KnowledgeGraph, adjacency
from hashrec_fast.types import PathLike

_COLUMNS = {
    "ratings": "rating",
    "timestamps": "timestamp",
    "positions": "position",
    "split": "split",
}
_SIDE_FILES = ("item_features", "user_features", "social", "item_graph", "kg")


def read_npz(
    path: Path,
    *,
    min_rating: float | None = None,
    duplicates: Duplicates = "last",
    split_column: str = "split",
) -> Dataset:
    """Read ``interactions.npz`` alone, or a folder with its files of side information.

    A file written by ``scipy.sparse.save_npz`` is taken too; its values become ratings unless
    all are one. ``split_column`` names the array that holds the publisher's split. Row numbers
    are kept: with ``min_rating`` users and items may be left without interactions.

    Raises
    ------
    DataError
        Not a zip file, a missing array, arrays of different lengths, ids out of range, or a
        value that is not finite; rows are counted from 0.
    """
    folder = path if path.is_dir() else None
    file = path / "interactions.npz" if folder else path
    if not file.is_file():
        raise FileNotFoundError(f"{file} does not exist")
    arrays = _arrays(file)
    name = folder.name if folder else file.stem
    try:
        if "indptr" in arrays:
            ds = Dataset.from_csr(_matrix(arrays), name=name)
            return ds if min_rating is None else _filter(file, ds, min_rating)
        if split_column != "split":
            _get(arrays, split_column)
        ds = Dataset.from_pairs(
            _ids(arrays, "user"),
            _ids(arrays, "item"),
            arrays.get("rating"),
            arrays.get("timestamp"),
            positions=arrays.get("position"),
            split=arrays.get(split_column),
            n_users=_scalar(arrays, "n_users"),
            n_items=_scalar(arrays, "n_items"),
            user_ids=_labels(folder, "user_ids"),
            item_ids=_labels(folder, "item_ids"),
            duplicates=duplicates,
            name=name,
        )
    except ValueError as error:
        raise error if isinstance(error, DataError) else DataError(f"{file}, {error}") from None
    if min_rating is not None:
        ds = _filter(file, ds, min_rating)
    return _with_side_files(ds, folder) if folder else ds


def _filter(file: Path, ds: Dataset, min_rating: float) -> Dataset:
    ratings = None if ds.ratings is None else ds.ratings.data
    return ds.select(ratings_at_least(file, ratings, min_rating))


def _arrays(file: Path) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(file):
        raise DataError(f"{file}: not a zip file, wanted the .npz format")
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return dict(archive)
    except Exception as error:  # a damaged archive may fail anywhere in zipfile, zlib or numpy
        raise DataError(f"{file}: damaged or not of plain arrays ({error})") from error


def _get(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    if name not in arrays:
        raise ValueError(f"no array {name!r}, got {sorted(arrays)}")
    return arrays[name]


def _ids(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    array = _get(arrays, name)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be a row of integers, got {array.dtype} {array.shape}")
    return array


def _scalar(arrays: dict[str, NDArray[Any]], name: str) -> int:
    array = _get(arrays, name)
    if array.shape != () or array.dtype.kind not in "iu" or array < 0:
        raise ValueError(f"{name} must be one integer from 0, got {array.dtype} {array.shape}")
    return int(array)


def _matrix(arrays: dict[str, NDArray[Any]]) -> csr_matrix:
    parts = tuple(_get(arrays, name) for name in ("data", "indices", "indptr"))
    shape = _get(arrays, "shape")
    kind = _get(arrays, "format").item()
    if kind not in (b"csr", "csr"):
        raise ValueError(f"the matrix must be in CSR format, got {kind!r}")
    matrix = csr_matrix(parts, shape=tuple(int(n) for n in shape))
    matrix.check_format(full_check=True)
    return matrix


def _labels(folder: Path | None, field: str) -> NDArray[Any] | None:
    if folder is None or not (folder / f"{field}.npz").is_file():
        return None
    return next(iter(_arrays(folder / f"{field}.npz").values()), None)


def _with_side_files(ds: Dataset, folder: Path) -> Dataset:
    for field in _SIDE_FILES:
        file = folder / f"{field}.npz"
        if not file.is_file():
            continue
        arrays = _arrays(file)
        try:
            if field == "kg":
                value: Any = _knowledge_graph(arrays)
            elif field in ("social", "item_graph"):
                n = ds.n_users if field == "social" else ds.n_items
                value = adjacency(_ids(arrays, "src"), _ids(arrays, "dst"), n)
            else:
                value = _matrix(arrays)
            ds = replace(ds, **{field: value})
        except ValueError as error:
            raise DataError(f"{file}, {error}") from None
    return ds


def _knowledge_graph(arrays: dict[str, NDArray[Any]]) -> KnowledgeGraph:
    return KnowledgeGraph(
        head=_ids(arrays, "head"),
        relation=_ids(arrays, "relation"),
        tail=_ids(arrays, "tail"),
        item_entity=_ids(arrays, "item_entity"),
        n_entities=_scalar(arrays, "n_entities"),
        n_relations=_scalar(arrays, "n_relations"),
        relation_names=arrays.get("relation_names"),
    )


def save(ds: Dataset, folder: PathLike) -> Path:
    """Write a data set as a folder that ``read`` and ``load`` take; returns the folder.

    Every file is written under a temporary name and renamed.

    Raises
    ------
    ValueError
        Labels are of a kind that needs pickling.
    FileNotFoundError
        The folder that shall hold the new one does not exist.
    """
    target = Path(folder)
    target.mkdir(exist_ok=True)
    coo = ds.user_items.tocoo()
    columns = {
        column: getattr(ds, field).data
        for field, column in _COLUMNS.items()
        if getattr(ds, field) is not None
    }
    sizes = {"n_users": np.int64(ds.n_users), "n_items": np.int64(ds.n_items)}
    _write(target / "interactions.npz", user=coo.row, item=coo.col, **sizes, **columns)
    _write(target / "user_ids.npz", id=ds.user_ids)
    _write(target / "item_ids.npz", id=ds.item_ids)
    for field in _SIDE_FILES:
        value = getattr(ds, field)
        if value is None:
            (target / f"{field}.npz").unlink(missing_ok=True)
        elif isinstance(value, KnowledgeGraph):
            arrays = {name: array for name, array in vars(value).items() if array is not None}
            _write(target / f"{field}.npz", **arrays)
        elif field in ("social", "item_graph"):
            edges = value.tocoo()
            _write(target / f"{field}.npz", src=edges.row, dst=edges.col)
        else:
            csr = csr_matrix(value)
            _write(
                target / f"{field}.npz",
                format=np.array(b"csr"),
                shape=np.array(csr.shape),
                data=csr.data,
                indices=csr.indices,
                indptr=csr.indptr,
            )
    return target


def _write(file: Path, **arrays: Any) -> None:
    if any(np.asarray(array).dtype.hasobject for array in arrays.values()):
        raise ValueError(f"{file.name}: labels must be numbers or strings, got Python objects")
    with atomic_write(file) as stream:
        np.savez_compressed(stream, **arrays)
