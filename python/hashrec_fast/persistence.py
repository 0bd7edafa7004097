# SPDX-License-Identifier: Apache-2.0
"""Models as single safetensors files: plain arrays, JSON in the header, no pickles."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from hashrec_fast._utils import atomic_write
from hashrec_fast.contracts import Fitted

FORMAT = "hashrec_fast.model"
VERSION = 1


def write_model(
    path: str | os.PathLike[str],
    fitted: Fitted,
    user_items: sp.csr_matrix,
    kind: str,
    settings: dict[str, Any],
) -> None:
    """Write a fitted model; a crash on the way leaves the old file untouched."""
    from safetensors.numpy import save  # noqa: PLC0415 - import time

    arrays = {
        "user": fitted.user,
        "item": fitted.item,
        "seen_indptr": user_items.indptr.astype(np.int64),
        "seen_indices": user_items.indices.astype(np.int32),
        "seen_data": user_items.data.astype(np.float32),
        **{f"extra_{name}": array for name, array in fitted.arrays.items()},
    }
    header = {
        "format": FORMAT,
        "version": str(VERSION),
        "kind": kind,
        "settings": json.dumps(settings),
        "facts": json.dumps(fitted.facts),
        "history": json.dumps(fitted.history),
    }
    content = save({k: np.asarray(v, order="C") for k, v in arrays.items()}, metadata=header)
    with atomic_write(path) as stream:
        stream.write(content)


def read_model(
    path: str | os.PathLike[str],
) -> tuple[str, dict[str, Any], Fitted, sp.csr_matrix]:
    """Read what :func:`write_model` wrote: (kind, settings, fitted, user_items)."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - import time

    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"no model file at {file}")
    try:
        with safe_open(file, framework="numpy") as tensors:
            header = tensors.metadata() or {}
            arrays = {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{file} is not a whole safetensors file: {error}") from None
    if header.get("format") != FORMAT:
        raise ValueError(f"{file} is not a hashrec_fast model (format {header.get('format')!r})")
    if int(header["version"]) > VERSION:
        raise ValueError(
            f"{file} has format version {header['version']}, this package reads up to {VERSION}"
        )
    try:
        user_items = sp.csr_matrix(
            (arrays["seen_data"], arrays["seen_indices"], arrays["seen_indptr"]),
            shape=(len(arrays["user"]), len(arrays["item"])),
        )
        fitted = Fitted(
            arrays["user"],
            arrays["item"],
            {k[6:]: v for k, v in arrays.items() if k.startswith("extra_")},
            json.loads(header["facts"]),
            json.loads(header["history"]),
        )
        return header["kind"], json.loads(header["settings"]), fitted, user_items
    except (KeyError, ValueError) as error:
        raise ValueError(f"{file} is damaged: {error!r}") from None
