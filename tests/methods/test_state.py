# SPDX-License-Identifier: Apache-2.0
"""State belongs to the fit: parameters of a fitted model are wishes for its next fit."""

import copy
import json

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboards import checkerboard, shared

import hashrec_fast as hf
from hashrec_fast.losses import MSE
from hashrec_fast.retrieval.similarities import Biased, LayerScaled, Projected

NAMES = ("wdcf", "dcf", "ials", "ccsr", "bgch", "vhphd", "cigar")
WISHES = {
    "n_bits": 128,
    "index": "linear_scan",
    "random_state": 5,
    "num_threads": 1,
    "objective": (MSE(),),
}


def answers(model):
    """All that a fitted model can be asked for."""
    data = checkerboard(explicit=model.fitted_.recipe.feedback == "explicit")[0]
    held_out = sp.csr_matrix(data.toarray()[::-1] * (data.toarray() == 0))
    return [
        *model.recommend(np.arange(5), N=4),
        *model.similar_items([1, 2], N=3),
        *model.similar_users([1, 2], N=3),
        model.encode_users(data[:3]),
        model.encode_items(data.T.tocsr()[:3]),
        np.array(list(hf.evaluate(model, data, held_out, metrics=("recall@10",)).values())),
    ]


def equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", NAMES)
def test_wishes_change_nothing_that_was_fitted(name, tmp_path):
    model, _, _ = shared(name)
    before = answers(model)
    recipe = model.recipe
    wishes = dict(WISHES)
    if name not in {"dcf", "wdcf"}:  # others cannot do without their own terms
        del wishes["objective"]
    elif name == "wdcf":
        wishes["objective"] = recipe.objective[:1]
    model.set_params(**wishes)
    equal(answers(model), before)
    model.save(tmp_path / "model")
    loaded = hf.load(tmp_path / "model")
    equal(answers(loaded), before)
    assert loaded.n_bits == 32
    assert loaded.recipe == recipe


@pytest.mark.parametrize("name", ["wdcf", "ials"])
def test_attributes_are_wishes_too(name):
    model, _, _ = shared(name)
    before = answers(model)
    model.n_bits, model.recipe, model.index = 7, hf.create("dcf").recipe, "hash_table"
    equal(answers(model), before)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_bits": 64, "nonsense": 1},
        {"n_bits": 64, "index": "no such index"},
        {"random_state": 1, "n_bits": 0},
        {"num_threads": 2, "objective": ()},
        {"n_bits": 64, "random_state": "seed"},
    ],
)
def test_parameters_are_set_all_or_none(wrong):
    model = hf.create("wdcf", n_bits=32, random_state=0)
    before = model.get_params()
    with pytest.raises((ValueError, TypeError)):
        model.set_params(**wrong)
    assert model.get_params() == before


def test_a_failed_fit_leaves_the_last_one():
    model, _, _ = shared("dcf")
    before = answers(model)

    def stop(row):
        raise RuntimeError("enough")

    data = checkerboard(explicit=True)[0]
    model.set_params(n_bits=16)
    with pytest.raises(RuntimeError):
        model.fit(data, show_progress=False, callback=stop)
    equal(answers(model), before)


def test_a_copy_is_not_changed_by_the_original():
    model, _, _ = shared("dcf")
    other = copy.copy(model)
    before = answers(other)
    model.set_params(n_bits=8).fit(checkerboard(explicit=True)[0], show_progress=False)
    equal(answers(other), before)


@pytest.mark.parametrize("similarity", [Biased(), LayerScaled()], ids=lambda s: s.label)
@pytest.mark.parametrize("name", ["dcf", "wdcf", "bccf"])
def test_a_similarity_without_its_arrays_is_refused_when_the_model_is_made(name, similarity):
    with pytest.raises(ValueError, match=r"ranks by .* does not learn"):
        hf.create(name, similarity=similarity)


def test_a_file_without_the_arrays_of_its_similarity_is_refused(tmp_path):
    from safetensors.numpy import load_file, save_file

    model, _, _ = shared("bgch")
    model.save(tmp_path / "whole")
    arrays = load_file(tmp_path / "whole")
    del arrays["extra_item_scales"]
    from safetensors import safe_open

    with safe_open(tmp_path / "whole", framework="numpy") as tensors:
        header = tensors.metadata()
    save_file(arrays, tmp_path / "lacking", metadata=header)
    with pytest.raises(ValueError, match="ranks by item_scales"):
        hf.load(tmp_path / "lacking")


def test_codes_of_any_method_may_be_projected():
    assert hf.create("dcf", similarity=Projected()).recipe.index_kinds == ("linear_scan",)
    with pytest.raises(ValueError, match="ranks codes only"):
        hf.create("ials", similarity=Projected())


def test_a_teacher_nobody_follows_is_refused_when_the_model_is_made():
    teacher = hf.create("wdcf").recipe.teacher
    with pytest.raises(ValueError, match="DCD has no use for a teacher"):
        hf.create("dcf", teacher=teacher)


# --- files ----------------------------------------------------------------------------------


def header_of(path):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as tensors:
        return tensors.metadata()


def test_parts_are_saved_by_import_path(tmp_path):
    model, _, _ = shared("wdcf")
    model.save(tmp_path / "model")
    text = header_of(tmp_path / "model")["settings"]
    assert '"hashrec_fast.losses:SquaredHinge"' in text
    assert header_of(tmp_path / "model")["version"] == "2"


def with_parts_of(path, old, new, out):
    from safetensors.numpy import load_file, save_file

    header = header_of(path)
    header["settings"] = header["settings"].replace(old, new)
    save_file(load_file(path), out, metadata=header)


@pytest.mark.parametrize("module", ["os", "subprocess", "hashrec_fast.cli", "antigravity", ""])
def test_a_file_never_decides_what_is_imported(tmp_path, module, monkeypatch):
    model, _, _ = shared("dcf")
    model.save(tmp_path / "model")
    with_parts_of(tmp_path / "model", "hashrec_fast.losses:MSE", f"{module}:MSE", tmp_path / "evil")
    import importlib

    asked, plain = [], importlib.import_module
    monkeypatch.setattr(
        importlib, "import_module", lambda name, *rest: (asked.append(name), plain(name, *rest))[1]
    )
    with pytest.raises(ValueError, match="no part of this package"):
        hf.load(tmp_path / "evil")
    assert module not in asked


def test_only_parts_are_built(tmp_path):
    model, _, _ = shared("dcf")
    model.save(tmp_path / "model")
    for name in ("all_pairs_square", "__doc__", "NoSuchLoss"):
        with_parts_of(
            tmp_path / "model",
            "hashrec_fast.losses:MSE",
            f"hashrec_fast.losses:{name}",
            tmp_path / "odd",
        )
        with pytest.raises(ValueError, match="unknown part"):
            hf.load(tmp_path / "odd")


def test_settings_are_those_of_the_fit(tmp_path):
    model, _, _ = shared("dcf")
    model.set_params(n_bits=99)
    model.save(tmp_path / "model")
    assert json.loads(header_of(tmp_path / "model")["settings"])["n_bits"] == 32
