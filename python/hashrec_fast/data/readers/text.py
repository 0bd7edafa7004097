# SPDX-License-Identifier: Apache-2.0
"""Lines of separated fields, cut into columns with whole-array operations.

A file is read in blocks of whole lines. In a block without quotes, all separators are found at
once and must form a rectangle; the first line that breaks it is named in the error. A file with
quotes goes through the ``csv`` module, which is slower and knows the rules of quoting.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import DataError

_BLOCK = 1 << 24  # bytes read at a time: bounds memory for files of any size
_WIDE = 64  # fields wider than this are sliced one by one, lest one long field blow up the block
_ROWS = 200_000  # lines the csv module hands over at a time
_MARK = b"\xef\xbb\xbf"  # some spreadsheets write it at the start of UTF-8 text


@dataclass(frozen=True)
class Block:
    """Some columns of consecutive lines: the text of every field, and the line numbers."""

    columns: list[list[bytes]]
    lines: NDArray[np.int64]


def error_at(path: Path, line: int, message: str) -> DataError:
    """Make the error that names the file and the line."""
    return DataError(f"{path}, line {line}: {message}")


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacking it when its name ends in ``.gz``.

    Raises
    ------
    DataError
        While reading, if the file is no valid gzip file.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast(IO[bytes], stream)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: not a valid gzip file ({error})") from None


def first_lines(path: Path, n: int = 2) -> list[tuple[int, bytes]]:
    """Return number and text of the first ``n`` lines that are not blank.

    Raises
    ------
    DataError
        The file holds no such line, or it is no valid gzip file.
    """
    with open_bytes(path) as stream:
        numbered = ((i, line.strip(b"\r\n")) for i, line in enumerate(stream, 1))
        found = list(islice(((i, line) for i, line in numbered if line.strip()), n))
    if not found:
        raise DataError(f"{path}, line 1: the file is empty, wanted lines of user and item")
    text = found[0][1].removeprefix(_MARK)
    return [(found[0][0], text), *found[1:]]


def read_blocks(
    path: Path,
    separator: bytes,
    columns: list[int],
    *,
    n_columns: int,
    skip: int = 0,
    quotes: bool = True,
) -> Iterator[Block]:
    """Yield the chosen columns of all lines after the first ``skip``; blank lines are left out.

    Raises
    ------
    DataError
        A line has another number of fields than ``n_columns``, quotes that do not close, or
        bytes that are not UTF-8.
    """
    line, quoted = 1, False
    with open_bytes(path) as stream:
        for raw in _whole_lines(stream):
            if quotes and len(separator) == 1 and b'"' in raw:
                quoted = True
                break
            lines = _Lines(path, raw, separator, line)
            line += lines.n_lines
            yield lines.cut(columns, n_columns, skip)
    if quoted:
        yield from _read_quoted(path, separator, columns, n_columns, max(skip, line - 1))


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK):
        head, newline, tail = block.rpartition(b"\n")
        if not newline:
            rest += block
            continue
        yield rest + head + newline
        rest = tail
    if rest:
        yield rest + b"\n"


class _Lines:
    """The places of all line ends and separators in one block."""

    def __init__(self, path: Path, raw: bytes, separator: bytes, first_line: int) -> None:
        if len(separator) > 1:
            if b"\x1f" in raw:
                raise DataError(f"{path}: holds control characters (0x1f), wanted plain text")
            raw, separator = raw.replace(separator, b"\x1f"), b"\x1f"
        self.path, self.raw = path, raw
        self.buffer = np.frombuffer(raw, np.uint8)
        self.stops = np.flatnonzero(self.buffer == 10)
        self.n_lines = len(self.stops)
        self.starts = np.concatenate(([0], self.stops[:-1] + 1))
        self.stops = self.stops - ((self.stops > self.starts) & (self.buffer[self.stops - 1] == 13))
        if first_line == 1 and raw.startswith(_MARK):
            self.starts[0] = 3
        self.lines = np.arange(first_line, first_line + self.n_lines)
        self.separators = np.flatnonzero(self.buffer == separator[0])

    def cut(self, columns: list[int], n_columns: int, skip: int) -> Block:
        begin = 0
        if self.lines[0] <= skip:
            begin = min(skip - int(self.lines[0]) + 1, self.n_lines)
        keep = self.stops > self.starts
        keep[:begin] = False
        starts, stops, lines = self.starts[keep], self.stops[keep], self.lines[keep]
        low = np.searchsorted(self.separators, starts)
        counts = np.searchsorted(self.separators, stops) - low + 1
        wrong = np.flatnonzero(counts != n_columns)
        if wrong.size:
            at = wrong[0]
            text = self.raw[starts[at] : stops[at]][:80].decode(errors="replace")
            raise error_at(
                self.path,
                int(lines[at]),
                f"{counts[at]} columns, wanted {n_columns} as in the first line; got {text!r}",
            )
        fields = self.separators[low[0] :] if len(low) else self.separators[:0]
        grid = fields[: len(lines) * (n_columns - 1)].reshape(len(lines), n_columns - 1)
        chosen = []
        for column in columns:
            left = starts if column == 0 else grid[:, column - 1] + 1
            right = stops if column == n_columns - 1 else grid[:, column]
            chosen.append(self._texts(left, right, lines))
        return Block(chosen, lines)

    def _texts(
        self, left: NDArray[np.int64], right: NDArray[np.int64], lines: NDArray[np.int64]
    ) -> list[bytes]:
        sizes = right - left
        width = int(sizes.max(initial=1))
        if width > _WIDE:
            return [
                self.raw[a:b].strip() for a, b in zip(left.tolist(), right.tolist(), strict=True)
            ]
        width = max(width, 1)
        places = left[:, None] + np.arange(width)
        np.minimum(places, len(self.buffer) - 1, out=places)
        table = self.buffer[places]
        inside = np.arange(width) < sizes[:, None]
        nul = np.flatnonzero(((table == 0) & inside).any(axis=1))
        if nul.size:
            raise error_at(self.path, int(lines[nul[0]]), "a NUL byte, wanted plain text")
        table[~inside] = 0
        texts: list[bytes] = table.view(f"S{width}").ravel().tolist()
        if (table[:, 0] <= 32).any() or (table == 32).any():
            texts = [text.strip() for text in texts]
        return texts


def _decoded(path: Path, stream: IO[bytes], skip: int) -> Iterator[str]:
    for line, raw in enumerate(stream, 1):
        if line <= skip:
            continue
        if b"\0" in raw:
            raise error_at(path, line, "a NUL byte, wanted plain text")
        try:
            yield raw.removeprefix(_MARK).decode() if line == 1 else raw.decode()
        except UnicodeDecodeError:
            raise error_at(path, line, "not UTF-8 text") from None


def _read_quoted(
    path: Path, separator: bytes, columns: list[int], n_columns: int, skip: int
) -> Iterator[Block]:
    with open_bytes(path) as stream:
        reader = csv.reader(_decoded(path, stream, skip), delimiter=separator.decode(), strict=True)
        while True:
            texts: list[list[bytes]] = [[] for _ in columns]
            lines: list[int] = []
            try:
                for row in islice(reader, _ROWS):
                    if not row:
                        continue
                    line = skip + reader.line_num
                    if len(row) != n_columns:
                        message = f"{len(row)} columns, wanted {n_columns} as in the first line"
                        raise error_at(path, line, message)
                    lines.append(line)
                    for column, out in zip(columns, texts, strict=True):
                        out.append(row[column].strip().encode())
            except csv.Error as error:
                raise error_at(path, skip + reader.line_num, str(error)) from None
            if not lines:
                return
            yield Block(texts, np.array(lines, np.int64))


def split_line(path: Path, line: int, text: bytes, separator: bytes) -> list[str]:
    """Cut a single line, such as a header, into its fields."""
    try:
        decoded = text.decode()
        if b'"' in text and len(separator) == 1:
            fields = list(chain.from_iterable(csv.reader([decoded], delimiter=separator.decode())))
        else:
            fields = decoded.split(separator.decode())
    except UnicodeDecodeError:
        raise error_at(path, line, "not UTF-8 text") from None
    except csv.Error as error:
        raise error_at(path, line, str(error)) from None
    return [field.strip() for field in fields]
