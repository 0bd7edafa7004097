# SPDX-License-Identifier: Apache-2.0
"""``read``: one door to all file formats."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers import movielens
from hashrec_fast.data.readers.delimited import Column, check_chosen, read_delimited
from hashrec_fast.data.readers.lightgcn import read_lightgcn
from hashrec_fast.data.readers.npz import read_npz
from hashrec_fast.data.readers.parquet import read_parquet
from hashrec_fast.data.readers.recbole import read_recbole
from hashrec_fast.types import PathLike

FileFormat = Literal["auto", "csv", "tsv", "parquet", "movielens", "lightgcn", "recbole", "npz"]
FORMATS = get_args(FileFormat)
_SUFFIXES = {
    ".npz": "npz",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".inter": "recbole",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}


def read(
    path: PathLike,
    format: FileFormat = "auto",
    *,
    user: Column = None,
    item: Column = None,
    rating: Column = None,
    timestamp: Column = None,
    min_rating: float | None = None,
    separator: str | None = None,
    header: bool | None = None,
    duplicates: Duplicates = "last",
) -> Dataset:
    r"""Read interactions from a file or a folder.

    Parameters
    ----------
    path : path
        Text files may be packed with gzip (``.gz``).
    format : str
        ``"csv"``, ``"tsv"``, ``"parquet"``, ``"movielens"`` (``u.data``, ``ratings.dat``,
        ``ratings.csv``), ``"lightgcn"`` (``user item item ...``, or a folder with ``train.txt``),
        ``"recbole"`` (``.inter``), ``"npz"`` (file or folder, see ``readers.npz``), or ``"auto"``:
        by the name of the file.
    user, item, rating, timestamp : str or int, optional
        Columns by name or by place from 0 (csv, tsv, parquet, recbole). Without them, columns
        with common names are taken (``user_id``, ``userId``, ``item``, ``movieId``, ...); without
        a header, columns 0 to 3 in this order.
    min_rating : float, optional
        Drop rows below it, and with them users and items that have no other row (the numbered
        formats ``npz`` keeps them as empty rows and columns).
    separator : str, optional
        Of csv and tsv; by default the first of tab, ``::``, comma, semicolon, bar and blank that
        the first line holds (tab for ``"tsv"``).
    header : bool, optional
        Whether the first line holds names; by default it does if a column is chosen by name or
        it names a user and an item.
    duplicates : {"last", "first", "error"}
        Which row of a repeated pair counts, see ``Dataset.from_pairs``.

    Returns
    -------
    Dataset
        Users and items are numbered in sorted order of their labels. A column of ids that are all
        plain integers gives int64 labels and must not be negative; any other non-empty text is a
        label (so ``007`` is), and one such label makes the column a column of texts.
        Blank lines are skipped; blanks around a field are dropped.

    Raises
    ------
    DataError
        The content is not what was wanted; the message names file and line (row for parquet
        and npz).
    FileNotFoundError
        There is no such file.
    ValueError
        ``format`` is unknown or cannot be told, or an option does not fit it.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "events.csv")
    >>> _ = file.write_text("who,what,stars\nann,tea,5\nbob,tea,3\n")
    >>> read(file, user="who", item="what", rating="stars")
    Dataset('events', 2 users, 1 items, 2 interactions, ratings)
    """
    file = Path(path)
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    if not file.exists():
        raise FileNotFoundError(f"{file} does not exist")
    kind = detect_format(file) if format == "auto" else format
    if file.is_dir() and kind not in ("npz", "lightgcn", "movielens"):
        raise ValueError(f"{file} is a folder; format {kind!r} is a file")
    chosen = {"user": user, "item": item, "rating": rating, "timestamp": timestamp}
    if kind in ("csv", "tsv"):
        return read_delimited(
            file,
            chosen,
            separator="\t" if kind == "tsv" and separator is None else separator,
            header=header,
            min_rating=min_rating,
            duplicates=duplicates,
        )
    if separator is not None or header is not None:
        raise ValueError(f"separator and header are for csv and tsv, the format is {kind!r}")
    if kind == "parquet":
        return read_parquet(file, chosen, min_rating=min_rating, duplicates=duplicates)
    if kind == "recbole":
        return read_recbole(file, chosen, min_rating=min_rating, duplicates=duplicates)
    check_chosen(chosen, kind)
    if kind == "movielens":
        return movielens.read_movielens(file, min_rating=min_rating, duplicates=duplicates)
    if kind == "npz":
        return read_npz(file, min_rating=min_rating, duplicates=duplicates)
    if min_rating is not None:
        raise ValueError("format 'lightgcn' has no ratings, min_rating cannot be used")
    return read_lightgcn(file, duplicates=duplicates)


def detect_format(path: Path) -> str:
    """Tell the format from the name of a file, or from what a folder holds.

    Raises
    ------
    ValueError
        The name tells nothing.
    """
    if path.is_dir():
        if (path / "interactions.npz").is_file():
            return "npz"
        if (path / "train.txt").is_file():
            return "lightgcn"
        if any((path / name).is_file() for name in movielens.FILES):
            return "movielens"
        raise ValueError(f"{path} holds neither interactions.npz nor train.txt; pass a file")
    name = path.name.removesuffix(".gz")
    if name in movielens.FILES[:2]:
        return "movielens"
    if name in ("train.txt", "test.txt", "valid.txt"):
        return "lightgcn"
    suffix = Path(name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(
            f"cannot tell the format of {path} by its name; "
            "give format=... (--format on the command line)"
        )
    return _SUFFIXES[suffix]
