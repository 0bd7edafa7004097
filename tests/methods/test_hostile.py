# SPDX-License-Identifier: Apache-2.0
"""Files and parts that are not what they should be are refused before anything is computed."""

import dataclasses
import json

import numpy as np
import pytest
from checkerboards import checkerboard, shared
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import hashrec_fast as hf
from hashrec_fast.losses import MSE, SoftPositives, WholeDataSquare


def edited(tmp_path, name="dcf", *, arrays=None, header=None, settings=None):
    """A saved model with some arrays, header entries or settings changed."""
    model, _, _ = shared(name)
    model.save(tmp_path / "model")
    with safe_open(tmp_path / "model", framework="numpy") as tensors:
        found = dict(tensors.metadata())
    if settings is not None:
        found["settings"] = json.dumps({**json.loads(found["settings"]), **settings})
    found |= header or {}
    content = load_file(tmp_path / "model")
    for key, change in (arrays or {}).items():
        content[key] = np.ascontiguousarray(change(content[key].copy()))
    save_file(content, tmp_path / "edited", metadata=found)
    return tmp_path / "edited"


def with_value(place, value):
    def change(array):
        array[place] = value
        return array

    return change


ARRAYS = [
    {"seen_indptr": with_value(5, 10**9)},
    {"seen_indptr": lambda a: a[::-1]},
    {"seen_indices": with_value(0, 10**6)},
    {"seen_indices": with_value(0, -1)},
    {"seen_data": with_value(0, np.nan)},
    {"user": lambda a: a.astype(np.float32)},
    {"user": lambda a: a.astype(np.int64)},
    {"user": lambda a: a[:, 0]},
    {"item": lambda a: np.hstack([a, a])},
    {"item": lambda a: a[:3]},
    {"item": with_value((0, 0), 2**63)},
]


@pytest.mark.parametrize("arrays", ARRAYS, ids=lambda a: next(iter(a)))
def test_damaged_arrays(tmp_path, arrays):
    with pytest.raises(ValueError, match="edited cannot be read"):
        hf.load(edited(tmp_path, arrays=arrays))


@pytest.mark.parametrize(
    "header",
    [
        {"settings": "null"},
        {"settings": '"x"'},
        {"settings": "[" * 100_000},
        {"settings": "{"},
        {"facts": "[]"},
        {"facts": "null"},
        {"history": "null"},
        {"kind": "factors"},
        {"kind": "what"},
        {"version": "-1"},
        {"version": "x"},
        {"version": ""},
    ],
    ids=str,
)
def test_damaged_headers(tmp_path, header):
    with pytest.raises(ValueError, match="edited"):
        hf.load(edited(tmp_path, header=header))


@pytest.mark.parametrize(
    "settings",
    [
        {"n_bits": "x"},
        {"n_bits": None},
        {"n_bits": 65},
        {"n_bits": 8},
        {"random_state": "q"},
        {"device": 5},
        {"index_kind": "tree"},
        {"nonsense": 1},
        {"recipe": 3},
        {"recipe": {"part": "hashrec_fast.losses:MSE"}},
    ],
    ids=str,
)
def test_damaged_settings(tmp_path, settings):
    with pytest.raises(ValueError, match="edited cannot be read"):
        hf.load(edited(tmp_path, settings=settings))


def test_a_term_that_stands_twice_is_not_lost():
    for name in ("bccf", "ch", "dlcf", "dpr", "drmf", "pph", "lightfr", "sdmf", "wdcf"):
        first = hf.create(name).recipe.objective[0]
        with pytest.raises(ValueError, match=r"together with|another term has set"):
            hf.create(name, objective=(first, first))
    for more in (WholeDataSquare(rest_weight=0.9), SoftPositives(weight=9.0)):
        terms = hf.create("wdcf").recipe.objective
        with pytest.raises(ValueError, match="which another term has set"):
            hf.create("wdcf", objective=(*terms, more))


def test_a_class_holds_what_its_recipe_yields():
    codes, factors = hf.create("dcf").recipe, hf.create("ials").recipe
    data = checkerboard()[0]
    for model in (hf.HashRecommender(factors), hf.FloatRecommender(codes)):
        with pytest.raises(ValueError, match="makes a model of the right class"):
            model.fit(data, show_progress=False)
    with pytest.raises(ValueError, match="yields factors"):
        hf.create("dcf").set_params(recipe=factors)
    with pytest.raises(TypeError, match="recipe must be a Recipe, got 'x'"):
        hf.HashRecommender("x").fit(data)
    assert "HashRecommender(x" in repr(hf.HashRecommender("x"))


@pytest.mark.parametrize("wrong", ["similarity", "tower", "reranker", "teacher"])
def test_parts_in_the_place_of_others(wrong):
    for name in ("dcf", "hashrec", "wdcf"):
        with pytest.raises((TypeError, ValueError), match=rf"{wrong}|has no use for"):
            hf.create(name, **{wrong: MSE()})


def test_facts_of_a_recipe():
    recipe = hf.create("dcf").recipe
    for fidelity in ("faithfully wrong", "own goal", "simplified: ", "", None):
        with pytest.raises(ValueError, match="fidelity must be"):
            dataclasses.replace(recipe, fidelity=fidelity)
    with pytest.raises(ValueError, match="feedback must be"):
        dataclasses.replace(recipe, feedback="both")
    with pytest.raises(TypeError, match="name must be a text"):
        dataclasses.replace(recipe, name=None)


@pytest.mark.parametrize("device", ["banana", "tpu", "cuda:x", ""])
def test_devices_are_checked_when_the_model_is_made(device):
    with pytest.raises(ValueError, match="device must be 'cpu' or 'cuda'"):
        hf.create("wdcf", device=device)


def test_rows_are_chosen_one_by_one():
    rows = hf.data.EventRows(checkerboard()[0])
    for key in (None, [[0, 1]], np.zeros((1, 2), int)):
        with pytest.raises(IndexError, match="rows are chosen by"):
            rows[key]
