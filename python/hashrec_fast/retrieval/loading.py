# SPDX-License-Identifier: Apache-2.0
"""Reading a saved index of any kind."""

from __future__ import annotations

import os

from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.retrieval.index_file import read_file
from hashrec_fast.retrieval.registry import INDEX_KINDS
from hashrec_fast.types import PathLike

_CLASSES = {kind.__name__: kind for kind in INDEX_KINDS.values()}


def load_index(path: PathLike, mmap: bool = False, *, num_threads: int = 0) -> CodeIndex:
    """Read an index written by its ``save``.

    Parameters
    ----------
    path : str or path-like
        The file.
    mmap : bool
        Leave the codes on disk and let the system load them page by page. The file must not change
        while the index lives; to add or remove codes copies them to memory first.
    num_threads : int
        Threads that searches use, 0 = all.

    Returns
    -------
    LinearScan, HashTable or MultiIndex
        An index of the kind saved, with the same codes, ids and parameters.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not an index, is damaged, or has a newer format version.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from hashrec_fast.retrieval import LinearScan
    >>> index = LinearScan(n_bits=64)
    >>> index.add(np.array([[3], [5]], np.uint64))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index.save(pathlib.Path(folder) / "items.index")
    ...     len(load_index(pathlib.Path(folder) / "items.index"))
    2
    """
    saved = read_file(path, mmap=bool(mmap))
    if saved.kind not in _CLASSES:
        raise ValueError(f"{os.fspath(path)} holds an index of unknown kind {saved.kind!r}")
    return _CLASSES[saved.kind].from_saved(saved, num_threads)
