# SPDX-License-Identifier: Apache-2.0
import os

import numpy as np
import pytest

from hashrec_fast._utils import DataError
from hashrec_fast.data import available, generate, load, save, split
from hashrec_fast.data.registry import REGISTRY

REAL = os.environ.get("HASHREC_DATA", "")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("HASHREC_DATA", raising=False)
    (tmp_path / "cache" / "hashrec_fast").mkdir(parents=True)
    return tmp_path


def test_an_absent_set_says_what_to_do(home):
    wanted = home / "cache" / "hashrec_fast" / "gowalla" / "interactions.npz"
    with pytest.raises(FileNotFoundError, match="set HASHREC_DATA to a folder") as caught:
        load("gowalla")
    assert str(wanted) in str(caught.value)
    assert available() == []
    with pytest.raises(ValueError, match="unknown data set 'nope'; registered are gowalla, "):
        load("nope")
    for name in ("", "../gowalla", "a/b", "."):
        with pytest.raises(ValueError, match="name must be the name of a data set"):
            load(name)


def test_folders_are_searched_in_order(home, monkeypatch):
    save(generate(5, 6, random_state=1), home / "cache" / "hashrec_fast" / "gowalla")
    assert load("gowalla").n_users == 5
    monkeypatch.setenv("HASHREC_DATA", str(home / "mine"))
    (home / "mine").mkdir()
    assert load("gowalla").n_users == 5
    save(generate(7, 6), home / "mine" / "gowalla")
    save(generate(4, 4), home / "mine" / "own")
    assert load("gowalla").n_users == 7
    assert load("own").name == "own"
    assert available() == ["gowalla"]
    assert available(home) == []
    assert load("gowalla", data_home=home / "mine").n_users == 7
    with pytest.raises(DataError, match=r"SHA-256 is .*, wanted b2fbbc31"):
        load("gowalla", verify=True)
    with pytest.raises(ValueError, match="'own' is not registered"):
        load("own", verify=True)


def test_registry_is_well_formed():
    for entry in REGISTRY.values():
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert entry.n_interactions <= entry.n_users * entry.n_items
        assert entry.title
        assert entry.terms


@pytest.mark.realdata
@pytest.mark.skipif(not REAL, reason="HASHREC_DATA is not set")
class TestRealData:
    @pytest.mark.parametrize("name", list(REGISTRY))
    def test_counts_and_checksum(self, name):
        if name not in available():
            pytest.skip(f"{name} is not in {REAL}")
        ds = load(name, verify=True)
        entry = REGISTRY[name]
        found = (ds.n_users, ds.n_items, ds.n_interactions, ds.n_duplicates)
        assert found == (entry.n_users, entry.n_items, entry.n_interactions, 0)

    @pytest.mark.parametrize(
        ("name", "column", "n_train", "n_test"),
        [
            ("gowalla", "split", 810_128, 217_242),
            ("ml-1m", "split", 797_758, 202_451),
            ("ml-1m", "split_loo", 994_169, 6_040),
            ("ml-100k", "split", 80_000, 20_000),
        ],
    )
    def test_published_splits(self, name, column, n_train, n_test):
        if name not in available():
            pytest.skip(f"{name} is not in {REAL}")
        train, validation, test = split(load(name, split_column=column), "upstream")
        counts = [part.n_interactions for part in (train, validation, test)]
        assert counts == [n_train, 0, n_test]

    def test_side_information_of_movielens(self):
        if "ml-100k" not in available():
            pytest.skip(f"ml-100k is not in {REAL}")
        ds = load("ml-100k")
        assert ds.item_features.shape == (1682, 27)
        assert ds.user_features.shape == (943, 30)
        assert (len(ds.kg), ds.kg.n_entities, ds.kg.n_relations) == (91_631, 34_628, 24)
        assert np.unique(ds.ratings.data).tolist() == [1, 2, 3, 4, 5]
        assert split(ds, "leave_one_out")[2].n_interactions == 943
