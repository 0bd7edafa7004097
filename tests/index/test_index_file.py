# SPDX-License-Identifier: Apache-2.0
"""Files of indexes: what they hold, older ones, damaged ones."""

import json

import numpy as np
import pytest

from hashrec_fast.retrieval import HashTable, LinearScan, MultiIndex, load_index
from hashrec_fast.testing import reference_search as reference


@pytest.fixture
def codes(rng):
    return reference.codes_of_kind("random", 200, 33, rng)


@pytest.fixture
def index(codes):
    index = LinearScan(n_bits=33, num_threads=1)
    index.add(codes)
    return index


def test_safetensors_can_read_it(index, codes, tmp_path):
    from safetensors import safe_open

    index.save(tmp_path / "x")
    with safe_open(tmp_path / "x", framework="numpy") as tensors:
        assert tensors.metadata()["n_bits"] == "33"
        np.testing.assert_array_equal(tensors.get_tensor("codes"), codes)


def edited(content, change):
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


@pytest.mark.parametrize("mmap", [False, True])
def test_damaged_files(index, tmp_path, mmap):
    content = bytes(index)
    path = tmp_path / "x"

    def check(new, words):
        path.write_bytes(new)
        with pytest.raises(ValueError, match=words):
            load_index(path, mmap=mmap)

    for length in (0, 4, 8, 60):
        check(content[:length], "is not a hashrec_fast index")
    for length in (len(content) - 1, len(content) - 800):
        check(content[:length], "damaged")
    check(b"\xff" * 200, "not a hashrec_fast index")
    check(content[:-1] + b"\xff", "beyond n_bits=33")
    facts = "__metadata__"
    changes = {
        "newer": lambda h: h[facts].update(version="2"),
        "n_bits=65": lambda h: h[facts].update(n_bits="65"),
        "at most 4096": lambda h: h[facts].update(n_bits="5000"),
        "unknown kind": lambda h: h[facts].update(kind="Tree"),
        "next_id": lambda h: h[facts].update(next_id="7"),
        "format": lambda h: h[facts].update(format="other"),
        "does not fit": lambda h: h["codes"].update(shape=[201, 1]),
        "fit bytes": lambda h: h["codes"].update(shape=[-200, -1]),
        "damaged": lambda h: h["codes"].update(dtype="F32"),
        "codes": lambda h: h.pop("codes"),
        "ids must": lambda h: h.update(ids=h["codes"] | {"dtype": "I64"}),
    }
    for words, change in changes.items():
        check(edited(content, change), words)
    with pytest.raises(FileNotFoundError):
        load_index(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        index.save(tmp_path / "none" / "x")


TABLES = [
    (HashTable, {"key_bits": 12, "max_radius": 4, "n_candidates": 77, "key": "spread"}),
    (MultiIndex, {"n_tables": 3, "strategy": "tables"}),
    (MultiIndex, {"n_tables": None, "strategy": "auto"}),
]


@pytest.mark.parametrize(("kind", "parameters"), TABLES)
def test_parameters_are_saved(kind, parameters, codes, tmp_path):
    index = kind(33, num_threads=1, **parameters)
    index.add(codes)
    index.save(tmp_path / "x")
    loaded = load_index(tmp_path / "x", num_threads=2)
    assert type(loaded) is kind
    assert loaded.parameters == index.parameters == parameters
    assert loaded.num_threads == 2
    assert repr(loaded) == repr(index)


@pytest.mark.parametrize(("kind", "parameters"), TABLES)
def test_files_without_parameters(kind, parameters, codes, tmp_path):
    index = kind(33, num_threads=1, **parameters)
    index.add(codes)
    old = edited(bytes(index), lambda h: h["__metadata__"].pop("parameters"))
    (tmp_path / "x").write_bytes(old)
    assert load_index(tmp_path / "x").parameters == kind(33).parameters
    assert kind.from_bytes(old).parameters == kind(33).parameters


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("{", "damaged"),
        ("[1]", "parameters must be an object"),
        ('{"key_bits": 0}', "key_bits must be at least 1"),
        ('{"key_bits": "many"}', "key_bits must be an integer"),
        ('{"key": [3]}', "key must be one of"),
        ('{"colour": 3}', "unknown parameters"),
        ('{"n_bits": 3}', "unknown parameters"),
    ],
)
def test_damaged_parameters(parameters, words, codes, tmp_path):
    index = HashTable(33)
    index.add(codes)
    content = edited(bytes(index), lambda h: h["__metadata__"].update(parameters=parameters))
    (tmp_path / "x").write_bytes(content)
    for read in (load_index, lambda path: HashTable.from_bytes(path.read_bytes())):
        with pytest.raises(ValueError, match=words):
            read(tmp_path / "x")


def test_kinds_are_told_apart(index):
    with pytest.raises(ValueError, match="must be a HashTable, got a LinearScan"):
        HashTable.from_bytes(bytes(index))
