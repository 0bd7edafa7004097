# SPDX-License-Identifier: Apache-2.0
"""Models as single safetensors files: plain arrays, JSON in the header, no pickles."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import atomic_write
from hashrec_fast.fitted import Fitted
from hashrec_fast.recipe_json import recipe_from, to_json

FORMAT = "hashrec_fast.model"
VERSION = 2
"""2: parts by import path, settings of the fit; 1 (release 0.1) is read too."""
KINDS = ("codes", "factors")
SETTINGS = ("n_bits", "index_kind", "random_state", "num_threads", "device")


def write_model(path: str | os.PathLike[str], fitted: Fitted) -> None:
    """Write a fit; a crash on the way leaves the old file untouched."""
    from safetensors.numpy import save  # noqa: PLC0415 - import time

    seen = fitted.user_items
    arrays = {
        "user": fitted.user,
        "item": fitted.item,
        "seen_indptr": seen.indptr.astype(np.int64),
        "seen_indices": seen.indices.astype(np.int32),
        "seen_data": seen.data.astype(np.float32),
        **{f"extra_{name}": array for name, array in fitted.arrays.items()},
    }
    settings = {name: getattr(fitted, name) for name in SETTINGS}
    if not isinstance(settings["random_state"], int | None):
        settings["random_state"] = None  # a generator has no form in a file
    header = {
        "format": FORMAT,
        "version": str(VERSION),
        "kind": fitted.kind,
        "settings": json.dumps({**settings, "recipe": to_json(fitted.recipe)}),
        "facts": json.dumps(fitted.facts),
        "history": json.dumps(fitted.history),
    }
    content = save({k: np.asarray(v, order="C") for k, v in arrays.items()}, metadata=header)
    with atomic_write(path) as stream:
        stream.write(content)


def read_model(path: str | os.PathLike[str], trust: Sequence[str] = ()) -> Fitted:
    """The fit in a file; ``trust`` names modules whose parts it may be made of."""
    file = Path(path)
    header, arrays = _read_tensors(file)
    if header.get("format") != FORMAT:
        raise ValueError(f"{file} is not a hashrec_fast model (format {header.get('format')!r})")
    version = int(header["version"])
    if version > VERSION:
        raise ValueError(f"{file} has format version {version}, this package reads up to {VERSION}")
    if header.get("kind") not in KINDS:
        raise ValueError(f"{file}: unknown kind of model {header.get('kind')!r}")
    try:
        settings = json.loads(header["settings"])
        facts, history = json.loads(header["facts"]), json.loads(header["history"])
        user, item = arrays["user"], arrays["item"]
        seen = sp.csr_matrix(
            (arrays["seen_data"], arrays["seen_indices"], arrays["seen_indptr"]),
            shape=(len(user), len(item)),
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"{file} is damaged: {error!r}") from None
    if version == 1:
        from hashrec_fast.recipe_json_v1 import upgraded  # noqa: PLC0415 - old files only

        settings["recipe"] = upgraded(settings["recipe"])
        settings["index_kind"] = settings.pop("index")
    try:
        return Fitted(
            user=user,
            item=item,
            arrays={k[6:]: v for k, v in arrays.items() if k.startswith("extra_")},
            facts=facts,
            history=history,
            kind=header["kind"],
            user_items=seen,
            recipe=recipe_from(settings.pop("recipe"), trust),
            **settings,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error


def _read_tensors(file: Path) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Header and arrays of a safetensors file."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - import time

    if not file.is_file():
        raise FileNotFoundError(f"no model file at {file}")
    try:
        with safe_open(file, framework="numpy") as tensors:
            header = tensors.metadata() or {}
            arrays = {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{file} is not a whole safetensors file: {error}") from None
    return header, arrays
