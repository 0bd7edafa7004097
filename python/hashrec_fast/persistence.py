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
from hashrec_fast.kernels.packing import check_codes
from hashrec_fast.recipe_json import recipe_from, to_json
from hashrec_fast.recipe_parameters import check_own_parameters

FORMAT = "hashrec_fast.model"
VERSION = 2
"""2: parts by import path, settings of the fit; 1 (release 0.1) is read too."""
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
    """The fit in a file; ``trust`` names modules whose parts it may be made of.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`hashrec_fast.load`.
    """
    file = Path(path)
    header, arrays = _read_tensors(file)
    if header.get("format") != FORMAT:
        raise ValueError(f"{file} is not a hashrec_fast model (format {header.get('format')!r})")
    version = header.get("version", "")
    if not version.isdecimal() or int(version) < 1:
        raise ValueError(f"{file} is damaged: format version {version!r}")
    if int(version) > VERSION:
        raise ValueError(f"{file} has format version {version}, this package reads up to {VERSION}")
    try:
        fitted = _fitted(header, arrays, int(version), trust)
        _check(fitted)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        text = repr(error) if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{file} cannot be read: {text}") from error
    return fitted


def _fitted(
    header: dict[str, str], arrays: dict[str, NDArray[Any]], version: int, trust: Sequence[str]
) -> Fitted:
    """The fit of a header and arrays, not yet checked."""
    settings = json.loads(header["settings"])
    if version == 1:
        from hashrec_fast.recipe_json_v1 import upgraded  # noqa: PLC0415 - old files only

        settings["recipe"] = upgraded(settings["recipe"])
        settings["index_kind"] = settings.pop("index")
    user, item = arrays["user"], arrays["item"]
    seen = sp.csr_matrix(
        (arrays["seen_data"], arrays["seen_indices"], arrays["seen_indptr"]),
        shape=(len(user), len(item)),
    )
    return Fitted(
        user=user,
        item=item,
        arrays={k[6:]: v for k, v in arrays.items() if k.startswith("extra_")},
        facts=json.loads(header["facts"]),
        history=json.loads(header["history"]),
        kind=header["kind"],
        user_items=seen,
        recipe=recipe_from(settings.pop("recipe"), trust),
        **settings,
    )


def _check(fitted: Fitted) -> None:
    """Raise for what a fit of this package cannot be, before anything is computed with it."""
    recipe = fitted.recipe
    if fitted.kind != recipe.kind:
        raise ValueError(f"its kind is {fitted.kind!r}, but {recipe.name} yields {recipe.kind}")
    own = {name: getattr(fitted, name) for name in SETTINGS if name != "index_kind"}
    check_own_parameters(recipe.name, recipe.index_kinds, {**own, "index": fitted.index_kind})
    if not isinstance(fitted.facts, dict) or not isinstance(fitted.history, list):
        raise ValueError("facts and history must be a mapping and a list")
    for side, rows in (("user", fitted.user), ("item", fitted.item)):
        if fitted.kind == "codes":
            check_codes(rows, fitted.n_bits, f"{side} codes")
        elif rows.dtype != np.float32 or rows.ndim != 2 or not np.isfinite(rows).all():
            raise ValueError(f"{side} factors must be finite float32 (n, n_factors)")
    if fitted.user.shape[1] != fitted.item.shape[1]:
        raise ValueError(f"users have {fitted.user.shape[1]} columns, items {fitted.item.shape[1]}")
    if not np.isfinite(fitted.user_items.data).all():
        raise ValueError("the training matrix holds NaN or infinity")
    fitted.user_items.check_format(full_check=True)


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
