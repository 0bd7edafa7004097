# SPDX-License-Identifier: Apache-2.0
"""Write one small file of every format this version saves, and what it answers when read.

Run it once for every release, with that release installed::

    python tests/artifacts/make.py

It writes the folder ``v<major>.<minor>`` beside itself. Files of a version that is out are never
made again: they stand for those that users have.
"""

import contextlib
import json
import shutil
import sys
import tarfile
from pathlib import Path

import numpy as np
import subjects

import hashrec_fast as hf


def _hex(codes):
    return [row.tobytes().hex() for row in np.ascontiguousarray(codes, dtype="<u8")]


def _rows(rows):
    """Codes as hexadecimal digits, factors as numbers."""
    return _hex(rows) if rows.dtype == np.uint64 else _floats(rows)


def _floats(values):
    """Numbers with the digits that float32 has, ``null`` for what is infinite."""
    return [[float(f"{v:.7g}") if np.isfinite(v) else None for v in row] for row in values]


def model_answers(name, model):
    """What a model says about the users it knows, and codes of rows like theirs."""
    n_users, n_items = model.user_items_.shape
    ids, scores = model.recommend(np.arange(n_users), N=5)
    near, _ = model.similar_items(np.arange(n_items), N=3)
    found = {
        "kind": type(model).__name__,
        "method": model.recipe.name,
        "n_bits": model.n_bits,
        "ids": ids.tolist(),
        "scores": _floats(scores),
        "similar_items": near.tolist(),
        "rounds": len(model.history_),
        "encode_users": _rows(model.encode_users(model.user_items_[:4])),
    }
    if "item_features" in hf.describe(subjects.method_of(name))["side_info"]["uses"]:
        with contextlib.suppress(ValueError):  # of a method that uses them in training only
            found["encode_items"] = _rows(model.encode_items(features=subjects.NEW_ITEMS))
    return found


def index_answers(index):
    """What an index finds for three queries, and the id it gives to a code that is added."""
    queries = subjects.queries(index.n_bits)
    distances, ids = index.search(queries, k=5)
    indptr, within, of_ids = index.within(queries, index.n_bits // 3)
    found = {
        "repr": repr(index),
        "distances": distances.tolist(),
        "ids": ids.tolist(),
        "within": [indptr.tolist(), within.tolist(), of_ids.tolist()],
    }
    index.add(queries[:1])
    return found | {"next_id": int(index.search(queries[:1], k=1)[1][0, 0])}


def training_answers(path, epochs):
    """Rounds and codes of a training that goes on from a state, or begins where there is none."""
    model, train, validation = subjects.resumable(epochs)
    rounds = []
    model.fit(
        train,
        validation=validation,
        show_progress=False,
        checkpoint=path,
        callback=lambda row: rounds.append(row["round"]),
    )
    codes = {"user_codes": _hex(model.user_codes_), "item_codes": _hex(model.item_codes_)}
    return {"rounds": rounds, "history": len(model.history_), **codes}


def _text(expected):
    """JSON with a line for every file."""
    lines = []
    for part, value in expected.items():
        if part in ("models", "indexes"):
            body = [f"  {json.dumps(name)}: {json.dumps(facts)}" for name, facts in value.items()]
            lines.append(f" {json.dumps(part)}: {{\n" + ",\n".join(body) + "\n }")
        else:
            lines.append(f" {json.dumps(part)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _nobodys(entry):
    """An entry of the archive without the owner and the time of its file."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def write(folder, names):
    """Write the models of ``names`` and everything that is not a model into a new folder."""
    (folder / "indexes").mkdir(parents=True)
    expected = {"version": hf.__version__, "models": {}, "indexes": {}}
    with tarfile.open(folder / "models.tar.xz", "w:xz") as archive:
        for name in names:
            model = subjects.fitted(name)
            file = folder / f"{name}.safetensors"
            model.save(file)
            archive.add(file, file.name, filter=_nobodys)
            file.unlink()
            expected["models"][name] = model_answers(name, model)
    for name, index in subjects.indexes().items():
        index.save(folder / "indexes" / f"{name}.safetensors")
        expected["indexes"][name] = index_answers(index)
    training_answers(folder / "training.safetensors", epochs=2)
    copy = Path(shutil.copy(folder / "training.safetensors", folder / "copy"))
    expected["training"] = training_answers(copy, epochs=4)
    copy.unlink()
    hf.data.save(subjects.dataset(), folder / "dataset")
    (folder / "expected.json").write_text(_text(expected), encoding="utf-8")


if __name__ == "__main__":
    version = "v" + ".".join(hf.__version__.split(".")[:2])
    target = Path(__file__).parent / version
    if target.exists():
        sys.exit(f"{target} is there already; files of a version are written once")
    write(target, subjects.model_names())
