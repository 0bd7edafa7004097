# SPDX-License-Identifier: Apache-2.0
"""Base of all indexes: codes with ids that grow, shrink, merge, and go to files and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import atomic_write, check_int
from hashrec_fast.retrieval import index_file
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.types import PathLike


class StoredIndex:
    """Base of all indexes; a subclass names its own parameters in ``_PARAMETERS``.

    Parameters
    ----------
    n_bits : int
        Length of the codes, 1 to 4096.
    num_threads : int
        Threads that are used, 0 = all.
    """

    _PARAMETERS: ClassVar[tuple[str, ...]] = ()
    """Names of attributes that are also keyword arguments; they are saved with the codes."""

    def __init__(self, n_bits: int = 64, num_threads: int = 0) -> None:
        self._store = CodeStore(n_bits)
        self.num_threads = check_int(num_threads, "num_threads", minimum=0, maximum=4096)

    @classmethod
    def from_store(cls, store: CodeStore, num_threads: int = 0, **parameters: Any) -> Self:
        """An index over a store, which it then owns; ``parameters`` as for the class."""
        index = cls(n_bits=store.n_bits, num_threads=num_threads, **parameters)
        index._store = store
        return index

    @classmethod
    def from_saved(cls, saved: index_file.Saved, num_threads: int = 0) -> Self:
        """An index from the content of a file.

        Raises
        ------
        ValueError
            If the file's parameters are not those of this class.
        """
        unknown = set(saved.parameters) - set(cls._PARAMETERS)
        if unknown:
            raise ValueError(
                f"{saved.source} is a damaged or newer index file: unknown parameters "
                f"{sorted(unknown)}"
            )
        try:
            return cls.from_store(saved.store, num_threads, **saved.parameters)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{saved.source} is a damaged or newer index file: {error}") from None

    @classmethod
    def from_bytes(cls, content: bytes, num_threads: int = 0) -> Self:
        """An index from ``bytes(index)``.

        Parameters
        ----------
        content : bytes
            What ``bytes(index)`` gave.
        num_threads : int
            Threads that searches use, 0 = all.

        Raises
        ------
        ValueError
            If the bytes are no such index.
        """
        saved = index_file.from_bytes(content, "content")
        if saved.kind != cls.__name__:
            raise ValueError(f"content must be a {cls.__name__}, got a {saved.kind}")
        return cls.from_saved(saved, num_threads)

    @property
    def parameters(self) -> dict[str, index_file.Parameter]:
        """Parameters of this kind of index, as given, by name."""
        return {name: getattr(self, name) for name in self._PARAMETERS}

    @property
    def n_bits(self) -> int:
        """Length of the codes."""
        return self._store.n_bits

    @property
    def ntotal(self) -> int:
        """Number of codes."""
        return len(self._store)

    def __len__(self) -> int:
        return self.ntotal

    def __repr__(self) -> str:
        own = "".join(f"{name}={value!r}, " for name, value in self.parameters.items())
        return f"{type(self).__name__}(n_bits={self.n_bits}, {own}ntotal={self.ntotal})"

    def _chunks(self) -> list[bytes | memoryview]:
        return index_file.chunks(type(self).__name__, self._store, self.parameters)

    def __bytes__(self) -> bytes:
        return b"".join(self._chunks())

    def __reduce__(self) -> tuple[Callable[[bytes, int], Self], tuple[bytes, int]]:
        return type(self).from_bytes, (bytes(self), self.num_threads)

    def save(self, path: PathLike) -> None:
        """Write the index as a safetensors file, read again by :func:`load_index`.

        Codes, ids and parameters are written; tables are not, they are built again. A crash on
        the way leaves an old file untouched.

        Parameters
        ----------
        path : str or path-like
            The file; its folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        with atomic_write(path) as stream:
            for chunk in self._chunks():
                stream.write(chunk)

    def _changed(self) -> None:
        """Called after every change of the codes."""

    def add(self, codes: NDArray[np.uint64], ids: ArrayLike | None = None) -> None:
        """Add codes. If an argument is wrong, nothing is added.

        Parameters
        ----------
        codes : ndarray of uint64, shape (n, n_words)
            Packed codes, C-contiguous, padding bits zero; copied.
        ids : array_like of int, shape (n,), optional
            Own ids, >= 0, unique. By default ids continue after the largest one ever given out,
            which is ``ntotal`` as long as nothing was removed.

        Raises
        ------
        TypeError
            If ``codes`` is not an array or ids are no integers.
        ValueError
            If dtype, shape or memory order are wrong, padding bits are set, or an id is negative,
            repeated or already there.
        """
        self._store.add(codes, ids)
        self._changed()

    def merge(self, other: StoredIndex) -> None:
        """Add all codes of another index, of any kind; that index stays as it is.

        Own ids of the other index are kept. If it never had any, its codes get following ids.

        Parameters
        ----------
        other : LinearScan, HashTable or MultiIndex
            An index of the same ``n_bits``.

        Raises
        ------
        TypeError
            If ``other`` is no such index.
        ValueError
            If its ``n_bits`` differs or an own id is already there; then nothing is added.

        Examples
        --------
        >>> import hashrec_fast as hf
        >>> one, other = hf.LinearScan(n_bits=8), hf.MultiIndex(n_bits=8)
        >>> one.add(np.array([[1], [2]], np.uint64))
        >>> other.add(np.array([[3]], np.uint64), ids=[40])
        >>> one.merge(other)
        >>> one.search(np.array([[3]], np.uint64), k=3)[1]
        array([[40,  0,  1]])
        """
        if not isinstance(other, StoredIndex):
            raise TypeError(f"other must be an index, got {type(other).__name__}")
        if other.n_bits != self.n_bits:
            raise ValueError(f"other must have n_bits={self.n_bits}, got {other.n_bits}")
        store = other._store
        self.add(store.codes, store.id_map.all_ids() if store.id_map.has_own_ids else None)

    def remove(self, ids: ArrayLike) -> int:
        """Remove codes by id; the other ids stay as they are.

        Parameters
        ----------
        ids : array_like of int, shape (n,)
            Ids in the index, each once.

        Returns
        -------
        int
            How many codes were removed.

        Raises
        ------
        TypeError
            If ids are no integers.
        ValueError
            If an id is unknown or repeated.
        """
        n_removed = self._store.remove(ids)
        self._changed()
        return n_removed

    def reconstruct(self, ids: ArrayLike) -> NDArray[np.uint64]:
        """Codes of ids.

        Parameters
        ----------
        ids : array_like of int, shape (n,)
            Ids in the index, in any order, repeats allowed.

        Returns
        -------
        ndarray of uint64, shape (n, n_words)
            A copy.

        Raises
        ------
        TypeError
            If ids are no integers.
        ValueError
            If an id is unknown.
        """
        return self._store.codes[self._store.id_map.known_rows(ids, "ids")]
