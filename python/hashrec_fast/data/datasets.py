# SPDX-License-Identifier: Apache-2.0
"""Public data sets by name, from a folder on this machine."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hashrec_fast._utils import DataError
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.readers.npz import read_npz
from hashrec_fast.data.registry import REGISTRY
from hashrec_fast.types import PathLike


def data_folders(data_home: PathLike | None = None) -> list[Path]:
    """Return the folders that are searched, in order.

    They are ``data_home`` alone if given; else the folder named by the environment variable
    ``HASHREC_DATA`` and then ``hashrec_fast`` in ``XDG_CACHE_HOME`` (``~/.cache``).
    """
    if data_home is not None:
        return [Path(data_home)]
    named = os.environ.get("HASHREC_DATA")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [*([Path(named)] if named else []), cache / "hashrec_fast"]


def available(data_home: PathLike | None = None) -> list[str]:
    """List the registered data sets that are present, in the order of the registry."""
    folders = data_folders(data_home)
    return [
        name
        for name in REGISTRY
        if any((folder / name / "interactions.npz").is_file() for folder in folders)
    ]


def load(
    name: str,
    *,
    data_home: PathLike | None = None,
    verify: bool = False,
    split_column: str = "split",
) -> Dataset:
    """Load a data set by name; nothing is downloaded.

    Parameters
    ----------
    name : str
        A registered name (``registry.REGISTRY``), or any sub-folder in the format of
        ``readers.npz``. Outfit sets, which have no users, are not covered.
    data_home : path, optional
        Folder with one sub-folder per data set, see ``data_folders``.
    verify : bool
        Compare the SHA-256 of ``interactions.npz`` with the registry.
    split_column : str
        Which array holds the publisher's split: MovieLens 1M also has ``"split_loo"``.

    Raises
    ------
    FileNotFoundError
        The data set is in none of the folders; the message says where to put it.
    ValueError
        The name is neither registered nor a folder, or ``verify`` was asked for an unregistered
        set.
    DataError
        The file is damaged, or not the registered one.

    Examples
    --------
    >>> load("gowalla")  # doctest: +SKIP
    Dataset('gowalla', 29858 users, 40981 items, 1027370 interactions, split)
    """
    if not name or Path(name).name != name:
        raise ValueError(f"name must be the name of a data set, got {name!r}")
    folders = data_folders(data_home)
    for folder in folders:
        file = folder / name / "interactions.npz"
        if file.is_file():
            if verify:
                _verify(name, file)
            return read_npz(folder / name, split_column=split_column)
    if name not in REGISTRY:
        raise ValueError(f"unknown data set {name!r}; registered are {', '.join(REGISTRY)}")
    raise FileNotFoundError(
        f"data set {name!r} is not on this machine and is not downloaded: set HASHREC_DATA to a "
        f"folder that holds {name}/interactions.npz, or put the file at "
        f"{folders[-1] / name / 'interactions.npz'}"
    )


def _verify(name: str, file: Path) -> None:
    if name not in REGISTRY:
        raise ValueError(f"{name!r} is not registered, there is no checksum to compare with")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != REGISTRY[name].sha256:
        raise DataError(f"{file}: SHA-256 is {found}, wanted {REGISTRY[name].sha256}")
