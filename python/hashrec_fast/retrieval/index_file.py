# SPDX-License-Identifier: Apache-2.0
"""Indexes as single safetensors files: plain arrays, text in the header, no pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.packing import check_codes, check_n_bits
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.id_map import IdMap
from hashrec_fast.types import PathLike

FORMAT = "hashrec_fast.index"
VERSION = 1
Parameter = int | str | None
"""A parameter of an index, as it is saved."""
_DTYPES = {"U64": np.dtype("<u8"), "I64": np.dtype("<i8")}


class Saved(NamedTuple):
    """Content of an index file; ``source`` names it in errors."""

    kind: str
    store: CodeStore
    parameters: dict[str, Parameter]
    source: str


def chunks(
    kind: str, store: CodeStore, parameters: dict[str, Parameter]
) -> list[bytes | memoryview]:
    """The content of an index file in pieces, the arrays not copied.

    The safetensors layout is written here and not by its library, whose header order is random:
    equal indexes give equal files.
    """
    arrays: dict[str, NDArray[Any]] = {"codes": np.ascontiguousarray(store.codes)}
    if store.id_map.ids is not None:
        arrays["ids"] = store.id_map.ids
    header: dict[str, Any] = {
        "__metadata__": {
            "format": FORMAT,
            "version": str(VERSION),
            "kind": kind,
            "n_bits": str(store.n_bits),
            "next_id": str(store.id_map.next_id),
            "has_own_ids": str(int(store.id_map.has_own_ids)),
        }
    }
    if parameters:
        header["__metadata__"]["parameters"] = json.dumps(parameters)
    end = 0
    for name, array in arrays.items():
        dtype = "U64" if array.dtype == np.uint64 else "I64"
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays are aligned
    return [len(text).to_bytes(8, "little"), text, *(array.data for array in arrays.values())]


def from_bytes(content: bytes | bytearray | memoryview, source: str) -> Saved:
    """Content of an index; ``source`` names the origin in errors."""
    saved = _parse(np.frombuffer(content, dtype=np.uint8), source)
    store = saved.store
    return saved._replace(store=CodeStore(store.n_bits, store.codes.copy(), store.id_map))


def read_file(path: PathLike, *, mmap: bool) -> Saved:
    """Kind and content of an index file; with ``mmap`` the codes stay on disk until used."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"no index file at {file}")
    if not mmap or file.stat().st_size == 0:  # an empty file cannot be mapped
        return from_bytes(file.read_bytes(), str(file))
    return _parse(np.memmap(file, dtype=np.uint8, mode="r"), str(file))


def _parse(buffer: NDArray[np.uint8], source: str) -> Saved:
    """Views of the arrays in a safetensors buffer, all checked.

    Layout: 8 bytes header length, a JSON header, then the arrays at the offsets named there.
    """
    try:
        length = int.from_bytes(buffer[:8].tobytes(), "little")
        if len(buffer) < 8 or length > len(buffer) - 8:
            raise ValueError("the header is cut off")
        header = json.loads(buffer[8 : 8 + length].tobytes())
        facts = header["__metadata__"]
        if facts["format"] != FORMAT:
            raise ValueError(f"its format is {facts['format']!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{source} is not a hashrec_fast index: {error}") from None
    try:
        if int(facts["version"]) > VERSION:
            raise ValueError(f"version {facts['version']} is newer than {VERSION}")
        data = buffer[8 + length :]
        n_bits, next_id = check_n_bits(int(facts["n_bits"])), int(facts["next_id"])
        codes = check_codes(_array(data, header["codes"]), n_bits, "codes")
        ids = _array(data, header["ids"]).astype(np.int64) if "ids" in header else None
        id_map = IdMap(len(codes), ids, next_id, facts["has_own_ids"] == "1")
        if ids is not None and (
            ids.shape != (len(codes),) or np.any(np.diff(ids) <= 0) or np.any(ids[:1] < 0)
        ):
            raise ValueError("ids must ascend, one per code")
        if id_map.last_id >= next_id:
            raise ValueError(f"next_id {next_id} is not beyond id {id_map.last_id}")
        store = CodeStore(n_bits, codes, id_map)
        return Saved(facts["kind"], store, _parameters(facts), source)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{source} is a damaged or newer index file: {error}") from None


def _parameters(facts: dict[str, str]) -> dict[str, Parameter]:
    """Parameters of the index; files of a LinearScan have none."""
    parameters = json.loads(facts.get("parameters", "{}"))
    if not isinstance(parameters, dict):
        raise ValueError(f"parameters must be an object, got {facts['parameters']}")
    return parameters


def _array(data: NDArray[np.uint8], entry: dict[str, Any]) -> NDArray[Any]:
    dtype = _DTYPES[entry["dtype"]]
    shape = tuple(int(extent) for extent in entry["shape"])
    begin, end = entry["data_offsets"]
    n_bytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if min(shape, default=0) < 0 or not 0 <= begin <= end <= len(data) or end - begin != n_bytes:
        raise ValueError(f"an array of shape {shape} does not fit bytes {begin}..{end}")
    array = np.frombuffer(data[begin:end], dtype=dtype).reshape(shape)
    return array if array.flags.aligned else array.copy()
