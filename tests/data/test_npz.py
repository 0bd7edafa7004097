# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array, save_npz

from hashrec_fast._utils import DataError
from hashrec_fast.data import Dataset, KnowledgeGraph, generate, read, save

GOOD = {
    "user": np.array([0, 0, 2], np.int32),
    "item": np.array([1, 3, 0], np.int32),
    "n_users": np.int32(3),
    "n_items": np.int32(4),
}


def write(folder, name="interactions.npz", **changes):
    arrays = {key: value for key, value in (GOOD | changes).items() if value is not None}
    np.savez(folder / name, **arrays)
    return folder / name


def test_folder_round_trip(tmp_path):
    rng = np.random.default_rng(0)
    n = 60
    ds = Dataset.from_pairs(
        rng.integers(0, 9, n),
        [f"i{j}" for j in rng.integers(0, 12, n)],
        ratings=rng.integers(0, 5, n),
        timestamps=rng.integers(0, 3, n),
        positions=rng.integers(0, 9, n),
        split=rng.integers(0, 3, n),
    )
    features = csr_matrix(random_array((ds.n_items, 5), density=0.4, rng=rng, dtype=np.float32))
    links = csr_matrix((np.ones(2, np.float32), ([0, 1], [1, 0])), shape=(ds.n_users, ds.n_users))
    graph = KnowledgeGraph(
        head=np.array([0, 1]),
        relation=np.array([0, 0]),
        tail=np.array([1, 2]),
        item_entity=np.r_[0, np.full(ds.n_items - 1, -1)],
        n_entities=3,
        n_relations=1,
        relation_names=np.array(["likes"]),
    )
    parts = {field: getattr(ds, field) for field in ("ratings", "timestamps", "positions", "split")}
    full = Dataset(
        user_items=ds.user_items,
        user_ids=ds.user_ids,
        item_ids=ds.item_ids,
        item_features=features,
        social=links,
        kg=graph,
        **parts,
    )
    back = read(save(full, tmp_path / "mine"))
    assert back.name == "mine"
    for field in ("user_items", *parts):
        first, second = getattr(full, field), getattr(back, field)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first.indices, second.indices)
        np.testing.assert_array_equal(first.indptr, second.indptr)
        np.testing.assert_array_equal(first.data, second.data)
    np.testing.assert_array_equal(full.user_ids, back.user_ids)
    np.testing.assert_array_equal(full.item_ids, back.item_ids)
    assert (back.item_features != features).nnz == 0
    assert (back.social != links).nnz == 0
    assert back.kg.tail.tolist() == [1, 2]
    assert back.kg.relation_names.tolist() == ["likes"]
    assert (back.kg.n_entities, len(back.kg), repr(back.kg)) == (3, 2, repr(graph))
    assert save(ds, tmp_path / "mine") == tmp_path / "mine"  # stale side files go
    assert read(tmp_path / "mine").kg is None


def test_numbers_are_kept(tmp_path):
    ds = read(write(tmp_path, rating=np.array([1, 5, 3], np.float32)))
    assert ds.user_items.shape == (3, 4)
    kept = read(tmp_path / "interactions.npz", min_rating=3)
    assert kept.user_items.shape == (3, 4)
    assert kept.ratings.data.tolist() == [5, 3]


def test_scipy_matrix(tmp_path):
    matrix = csr_matrix(([2.0, 0.0, 1.0], [1, 0, 2], [0, 2, 3]), shape=(2, 3))
    save_npz(tmp_path / "m.npz", matrix)
    ds = read(tmp_path / "m.npz")
    assert ds.ratings.data.tolist() == [0, 2, 1]
    assert read(tmp_path / "m.npz", min_rating=1).n_interactions == 2
    save_npz(tmp_path / "m.npz", matrix.tocsc())
    with pytest.raises(DataError, match=r"m\.npz, the matrix must be in CSR format"):
        read(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item": np.array([1, 3])}, "users and items must be of one length, got 3 and 2"),
        ({"item": np.array([1, 4, 0])}, "row 1: items must be from 0 to 3, got 4"),
        ({"user": np.array([0, 1, -1])}, "row 2: users must be from 0 to 2, got -1"),
        ({"user": np.array([0.0, 1.0, 2.0])}, "user must be a row of integers, got float64"),
        ({"user": None}, "no array 'user', got"),
        ({"n_items": None}, "no array 'n_items', got"),
        ({"n_users": np.array([3])}, "n_users must be one integer from 0"),
        ({"n_users": np.int64(-3)}, "n_users must be one integer from 0"),
        ({"rating": np.array([1, np.nan, 2])}, "row 1: ratings must be finite, got nan"),
        ({"rating": np.array([1.0])}, r"ratings must have shape \(3,\), got \(1,\)"),
        ({"split": np.array([0, 1, 3])}, "row 2: split must be from 0 to 2, got 3"),
        ({"user": np.array([{}, 1, 2])}, "damaged or not of plain arrays"),
    ],
)
def test_bad_arrays(tmp_path, changes, message):
    file = write(tmp_path, **changes)
    with pytest.raises(DataError, match=rf"interactions\.npz.*{message}"):
        read(file)


def test_bad_side_files(tmp_path):
    write(tmp_path)
    np.savez(tmp_path / "social.npz", src=[0, 9], dst=[1, 1])
    with pytest.raises(DataError, match=r"social\.npz, row 1: src must be from 0 to 2, got 9"):
        read(tmp_path)
    (tmp_path / "social.npz").unlink()
    save_npz(tmp_path / "item_features.npz", csr_matrix((3, 2), dtype=np.float32))
    with pytest.raises(DataError, match=r"item_features\.npz, item_features must be of shape \(4"):
        read(tmp_path)


def test_every_cut_and_every_flipped_byte_is_noticed_or_harmless(tmp_path):
    file = write(tmp_path)
    whole = file.read_bytes()
    right = read(file).user_items.toarray()
    (tmp_path / "x.npz").write_bytes(b"plain text")
    with pytest.raises(DataError, match=r"x\.npz: not a zip file"):
        read(tmp_path / "x.npz")
    rng = np.random.default_rng(0)
    for _ in range(150):
        at = int(rng.integers(len(whole)))
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]):
            file.write_bytes(content)
            try:
                found = read(file)
            except DataError:
                continue
            np.testing.assert_array_equal(found.user_items.toarray(), right)


def test_save_refuses_python_objects(tmp_path):
    ds = generate(3, 3, n_features=0)
    objects = Dataset(user_items=ds.user_items, user_ids=np.array([1, "a", None], object))
    with pytest.raises(ValueError, match=r"user_ids\.npz: labels must be numbers or strings"):
        save(objects, tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        save(ds, tmp_path / "no" / "x")
