# SPDX-License-Identifier: Apache-2.0
"""Methods and parts of other packages: registered, announced, referred to; trusted when loaded."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkerboards import checkerboard

import hashrec_fast as hf
from hashrec_fast.methods import _registry
from hashrec_fast.recipe_json import from_json, to_json

MODULE = """
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hashrec_fast.losses import Loss
from hashrec_fast.methods.dcf import RECIPE as DCF
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers.data_terms import PairSum


@dataclass(frozen=True, kw_only=True)
class Plain(Loss):
    quadratic: ClassVar[bool] = True
    target: float = 1.0

    def pair_sum(self, rows, request):
        targets = np.where(rows.data > 3, self.target, -self.target)
        return PairSum(pairs=rows, targets=targets)


@dataclass(frozen=True, kw_only=True)
class Parts:
    @dataclass(frozen=True, kw_only=True)
    class Inner(Plain):
        pass


RECIPE = replace(DCF, name="Outside", objective=(Plain(),), fidelity="own")
NOT_ONE = 7
"""
METADATA = "Metadata-Version: 2.1\nName: outside-methods\nVersion: 1.0\n"


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A module with a recipe and a loss of its own, on the path of this process."""
    (tmp_path / "outside_methods.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("outside_methods", None)


@pytest.fixture
def registered():
    before = dict(_registry._registered)
    yield
    _registry._registered.clear()
    _registry._registered.update(before)


def run(code, path, *arguments):
    """Run code, or the command line for ``None``, in a process that sees ``path`` first."""
    head = ["-c", code] if code is not None else ["-m", "hashrec_fast"]
    command = [sys.executable, *head, *map(str, arguments)]
    places = [str(path), str(Path(hf.__file__).parent.parent)]
    import os

    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def ratings():
    return checkerboard(explicit=True)[0]


def test_a_recipe_is_created_without_a_name():
    recipe = hf.create("dcf").recipe
    model = hf.create(recipe, n_bits=16, random_state=0, solver__rounds=3)
    assert model.recipe.strategy.solver.rounds == 3
    assert hf.describe(recipe)["label"] == "DCF"
    assert hf.parameters(recipe) == hf.parameters("dcf")


@pytest.mark.usefixtures("registered")
def test_a_registered_recipe_is_a_method(outside):
    import outside_methods

    name = hf.register(outside_methods.RECIPE)
    assert name == "outside"
    assert name in hf.available_methods()
    model = hf.create(name, n_bits=16, random_state=0, plain__target=0.5)
    model.fit(ratings(), show_progress=False)
    assert hf.describe(name)["objective"] == ["Plain"]
    assert hf.register(outside_methods.RECIPE) == name  # once more is no fault
    other = dataclasses.replace(outside_methods.RECIPE, year=1999)
    with pytest.raises(ValueError, match="registered for another recipe; give replace=True"):
        hf.register(other)
    hf.register(other, replace=True)
    assert hf.describe(name)["year"] == 1999


@pytest.mark.usefixtures("registered")
def test_what_cannot_be_registered():
    recipe = hf.create("dcf").recipe
    with pytest.raises(ValueError, match="'dcf' is a method already"):
        hf.register(recipe)
    with pytest.raises(ValueError, match="'edcf' is a method already"):
        hf.register(recipe, "edcf")
    for name in ("", "a b", "x:y", "../x"):
        with pytest.raises(ValueError, match="letters, digits and underscores"):
            hf.register(recipe, name)
    with pytest.raises(TypeError, match="must be a Recipe, got str"):
        hf.register("dcf")
    assert hf.available_methods() == list(_registry.own_methods())


def test_a_recipe_is_reached_by_reference(outside):
    model = hf.create("outside_methods:RECIPE", n_bits=8, random_state=0)
    assert model.recipe.name == "Outside"
    model.fit(ratings(), show_progress=False)
    for wrong, message in (
        ("outside_methods:NOT_ONE", "is no Recipe, but int"),
        ("outside_methods:GONE", "cannot be loaded: .*GONE"),
        ("no_such_module_x:RECIPE", "cannot be loaded: .*No module named"),
        (":RECIPE", "cannot be loaded"),
        ("outside_methods:", "cannot be loaded"),
    ):
        with pytest.raises(ValueError, match=message):
            hf.create(wrong)
    with pytest.raises(TypeError, match="a name or a Recipe, got int"):
        hf.create(3)


def test_an_announced_method_is_found(outside):
    info = outside / "outside_methods-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    entries = "[hashrec_fast.methods]\noutside_one = outside_methods:RECIPE\n"
    entries += "broken_one = outside_methods:GONE\ndcf = outside_methods:RECIPE\n"
    (info / "entry_points.txt").write_text(entries)
    code = """
import json, warnings
import hashrec_fast as hf
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    names = hf.available_methods()
found = {"names": names, "warnings": [str(w.message) for w in seen]}
found["label"] = hf.create("outside_one", n_bits=8).recipe.name
found["dcf"] = hf.create("dcf").recipe.name
try:
    hf.create("broken_one")
except ValueError as error:
    found["broken"] = str(error)
print(json.dumps(found))
"""
    done = run(code, outside)
    found = json.loads(done.stdout)
    assert {"outside_one", "broken_one", "wdcf"} <= set(found["names"])
    assert found["label"] == "Outside"
    assert found["dcf"] == "DCF"
    assert "'broken_one' of another package" in found["broken"]
    assert any("has a name that is taken" in text for text in found["warnings"])
    listed = run(None, outside, "methods")
    assert listed.returncode == 0, listed.stderr
    assert "outside_one" in listed.stdout
    assert "cannot be loaded" in listed.stdout


def test_the_command_line_takes_a_reference(outside, tmp_path):
    data = tmp_path / "events.csv"
    matrix = ratings().tocoo()
    rows = zip(matrix.row, matrix.col, matrix.data, strict=True)
    data.write_text("user,item,rating\n" + "".join(f"{u},{i},{r:g}\n" for u, i, r in rows))
    model = tmp_path / "model.safetensors"
    done = run(
        None,
        outside,
        *("fit", data, "--out", model, "--bits", "8", "--quiet"),
        *("--method", "outside_methods:RECIPE"),
    )
    assert done.returncode == 0, done.stderr
    assert "Outside" in done.stdout
    shown = run(None, outside, "methods", "outside_methods:RECIPE")
    assert "plain__target" in shown.stdout
    refused = run(None, outside, "recommend", model, "--user", "1")
    assert refused.returncode == 2
    assert "trust" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 3
    trusted = run(None, outside, "recommend", model, "--user", "1", "--trust", "outside_methods")
    assert trusted.returncode == 0, trusted.stderr
    wrong = run(None, outside, "fit", data, "--out", model, "--method", "outside_methods:GONE")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


# --- files of models made of outsiders' parts -----------------------------------------------


def test_parts_of_outsiders_need_trust(outside, tmp_path):
    model = hf.create("outside_methods:RECIPE", n_bits=8, random_state=0)
    model.fit(ratings(), show_progress=False).save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"outside_methods:Plain.*trust=\('outside_methods',\)"):
        hf.load(tmp_path / "model")
    with pytest.raises(ValueError, match="trust="):
        hf.load(tmp_path / "model", trust=("outside",))
    loaded = hf.load(tmp_path / "model", trust=("outside_methods",))
    np.testing.assert_array_equal(loaded.item_codes_, model.item_codes_)
    assert loaded.recipe == model.recipe
    np.testing.assert_array_equal(
        loaded.encode_users(ratings()[:3]), model.encode_users(ratings()[:3])
    )


def test_trust_is_a_list_of_names(outside, tmp_path):
    model = hf.create("outside_methods:RECIPE", n_bits=8, random_state=0)
    model.fit(ratings(), show_progress=False).save(tmp_path / "model")
    with pytest.raises(TypeError, match="trust must be a sequence of module names, got str"):
        hf.load(tmp_path / "model", trust="outside_methods")


def test_nested_parts_are_found_again(outside):
    import outside_methods

    part = outside_methods.Parts.Inner(target=0.25)
    value = to_json(part)
    assert value["part"] == "outside_methods:Parts.Inner"
    assert from_json(value, ("outside_methods",)) == part


def test_parts_that_cannot_be_found_again_are_not_saved(tmp_path):
    from hashrec_fast.losses import MSE

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Local(MSE):
        pass

    model = hf.create("dcf", objective=(Local(),), n_bits=8, random_state=0)
    model.fit(ratings(), show_progress=False)
    with pytest.raises(ValueError, match=r"Local.*cannot be found again"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_parts_of_a_script_are_not_saved(tmp_path):
    code = """
import dataclasses, sys
import numpy as np, scipy.sparse as sp
import hashrec_fast as hf
from hashrec_fast.losses import MSE
@dataclasses.dataclass(frozen=True, kw_only=True)
class Mine(MSE):
    pass
model = hf.create("dcf", objective=(Mine(),), n_bits=8, random_state=0)
model.fit(sp.csr_matrix(np.eye(9) + 1), show_progress=False)
try:
    model.save(sys.argv[1])
except ValueError as error:
    print(error)
"""
    done = run(code, tmp_path, tmp_path / "model")
    assert "Mine of __main__ cannot be found again" in done.stdout, done.stderr
