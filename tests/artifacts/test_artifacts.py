# SPDX-License-Identifier: Apache-2.0
"""Files of every version that is out load, and answer what that version answered."""

import json
import shutil
import tarfile
from pathlib import Path

import make
import numpy as np
import pytest
import subjects

import hashrec_fast as hf

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.glob("v*"))
EXPECTED = {v: json.loads((HERE / v / "expected.json").read_text("utf-8")) for v in VERSIONS}


def of(part):
    """All (version, name) of one part of what is expected."""
    return [(version, name) for version, facts in EXPECTED.items() for name in facts[part]]


def numbers(values):
    return np.array([[np.nan if v is None else v for v in row] for row in values])


def assert_answers(found, wanted):
    """Equal but for the rounding of real numbers, which is the machine's own."""
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        if name == "scores" or (name == "encode_users" and wanted["kind"] == "FloatRecommender"):
            np.testing.assert_allclose(numbers(found[name]), numbers(value), rtol=1e-5, atol=1e-6)
        else:
            assert found[name] == value, name


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Where the model files of every version were unpacked."""
    folder = tmp_path_factory.mktemp("models")
    for version in VERSIONS:
        (folder / version).mkdir()
        with tarfile.open(HERE / version / "models.tar.xz") as archive:
            for entry in archive:
                (folder / version / entry.name).write_bytes(archive.extractfile(entry).read())
    return folder


def test_there_are_files_of_the_first_version():
    assert "v0.1" in VERSIONS
    assert len(of("models")) >= 66


@pytest.mark.parametrize(("version", "name"), of("models"))
def test_models(version, name, models, tmp_path):
    wanted = EXPECTED[version]["models"][name]
    model = hf.load(models / version / f"{name}.safetensors")
    assert_answers(make.model_answers(name, model), wanted)
    model.save(tmp_path / "again")
    assert_answers(make.model_answers(name, hf.load(tmp_path / "again")), wanted)


def test_no_model_file_is_left_out(models):
    for version in VERSIONS:
        files = {path.stem for path in (models / version).iterdir()}
        assert files == EXPECTED[version]["models"].keys()


@pytest.mark.parametrize(("version", "name"), of("models"))
def test_recipes_in_files_have_the_parameters_they_were_saved_with(version, name, models):
    """They are those of a model made today, as long as no default is changed on purpose."""
    found = hf.load(models / version / f"{name}.safetensors").get_params()
    wanted = subjects.unfitted(name).get_params()
    found.pop("recipe")  # holds the facts of the paper too, which may be put better
    wanted.pop("recipe")
    assert found == wanted


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["wdcf", "wdcf_without_teacher", "wdcf_multi_index"])
def test_the_recipe_in_a_file_learns_the_same_codes(version, name, models):
    """Of a method whose codes are the same on every machine."""
    model = hf.load(models / version / f"{name}.safetensors")
    users, items = model.user_codes_, model.item_codes_
    model.fit(model.user_items_, show_progress=False)
    np.testing.assert_array_equal(model.user_codes_, users)
    np.testing.assert_array_equal(model.item_codes_, items)


@pytest.mark.parametrize(("version", "name"), of("indexes"))
@pytest.mark.parametrize("mmap", [False, True])
def test_indexes(version, name, mmap, tmp_path):
    wanted = EXPECTED[version]["indexes"][name]
    index = hf.load_index(HERE / version / "indexes" / f"{name}.safetensors", mmap=mmap)
    index.save(tmp_path / "again")
    assert make.index_answers(index) == wanted
    assert make.index_answers(hf.load_index(tmp_path / "again")) == wanted


@pytest.mark.parametrize("version", VERSIONS)
def test_training_goes_on(version, tmp_path):
    wanted = EXPECTED[version]["training"]
    state = Path(shutil.copy(HERE / version / "training.safetensors", tmp_path))
    assert make.training_answers(state, epochs=4) == wanted
    assert make.training_answers(tmp_path / "none", epochs=4)["rounds"] != wanted["rounds"]


def assert_same_dataset(found, wanted):
    assert found.kg.relation_names.tolist() == wanted.kg.relation_names.tolist()
    for field in ("head", "relation", "tail", "item_entity", "n_entities", "n_relations"):
        np.testing.assert_array_equal(getattr(found.kg, field), getattr(wanted.kg, field))
    for field in ("user_ids", "item_ids"):
        np.testing.assert_array_equal(getattr(found, field), getattr(wanted, field))
    of_pairs = ("user_items", "ratings", "timestamps", "positions", "split")
    for field in (*of_pairs, "item_features", "user_features", "social", "item_graph"):
        first, second = getattr(found, field), getattr(wanted, field)
        assert first.shape == second.shape
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first.toarray(), second.toarray())


@pytest.mark.parametrize("version", VERSIONS)
def test_data_sets(version):
    assert_same_dataset(hf.data.read(HERE / version / "dataset"), subjects.dataset())


def test_the_script_works_on_this_version(tmp_path):
    names = ["ials", "wdcf_without_teacher"]
    make.write(tmp_path / "now", names)
    expected = json.loads((tmp_path / "now" / "expected.json").read_text("utf-8"))
    assert expected["version"] == hf.__version__
    assert list(expected["models"]) == names
    for name, wanted in expected["indexes"].items():
        index = hf.load_index(tmp_path / "now" / "indexes" / f"{name}.safetensors")
        assert make.index_answers(index) == wanted
    state = tmp_path / "now" / "training.safetensors"
    assert make.training_answers(state, epochs=4) == expected["training"]
    assert_same_dataset(hf.data.read(tmp_path / "now" / "dataset"), subjects.dataset())
