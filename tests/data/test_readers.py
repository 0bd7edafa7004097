# SPDX-License-Identifier: Apache-2.0
import gzip
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashrec_fast.data import Dataset, read
from hashrec_fast.data.readers import text as text_module

ROWS = [(7, 30, 4.5, 100), (2, 5, 0.0, 0), (7, 5, 1.0, 90)]  # a rating and a time of zero


def table(rows, separator=",", header=None):
    lines = [separator.join(map(str, row)) for row in rows]
    return "\n".join(([header] if header else []) + lines) + "\n"


def check_rows(ds, labels=(2, 7), items=(5, 30)):
    assert ds.user_ids.tolist() == list(labels)
    assert ds.item_ids.tolist() == list(items)
    assert ds.user_items.toarray().tolist() == [[1, 0], [1, 1]]
    assert ds.ratings.data.tolist() == [0, 1, 4.5]
    assert ds.timestamps.data.tolist() == [0, 90, 100]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", table(ROWS)),
        ("a.csv", table(ROWS).replace("\n", "\r\n")),
        ("a.csv", table(ROWS).rstrip("\n")),
        ("a.csv", "\n\n" + table(ROWS).replace("\n", "\n\n")),
        ("a.csv", "\ufeff" + table(ROWS)),
        ("a.csv", table(ROWS).replace(",", " , ")),
        ("a.csv", "\ufeff" + table(ROWS, header="user_id,item_id,rating,timestamp")),
        ("a.csv", table(ROWS, ";", "userId;movieId;rating;timestamp")),
        ("a.csv", table([(f'"{u}"', *r) for u, *r in ROWS])),
        ("a.csv", table([(r[0], r[3], r[2], r[1]) for r in ROWS], header="user,time,score,item")),
        ("a.tsv", table(ROWS, "\t")),
        ("u.data", table(ROWS, "\t")),
        ("ratings.dat", table(ROWS, "::")),
        (
            "a.inter",
            table(ROWS, "\t", "user_id:token\titem_id:token\trating:float\ttimestamp:float"),
        ),
    ],
)
def test_same_rows_from_every_text(tmp_path, name, content):
    file = tmp_path / name
    file.write_text(content, newline="")
    check_rows(read(file))
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    check_rows(read(packed, "recbole" if name.endswith(".inter") else "auto"))


def test_movielens_folder_and_header(tmp_path):
    (tmp_path / "ratings.csv").write_text(table(ROWS, header="userId,movieId,rating,timestamp"))
    check_rows(read(tmp_path))
    check_rows(read(tmp_path / "ratings.csv", "movielens"))


def test_columns_by_name_and_by_place(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(table([("x", *row) for row in ROWS], header="z,who,what,stars,when"))
    check_rows(read(file, user="who", item="what", rating="stars", timestamp="when"))
    check_rows(read(file, user=1, item=2, rating=3, timestamp=4, header=True))
    assert read(file, user="who", item="what").ratings is None
    bare = tmp_path / "b.csv"
    bare.write_text(table(ROWS))
    swapped = read(bare, user=1, item=0)
    assert swapped.user_ids.tolist() == [5, 30]
    assert swapped.ratings is None  # once a column is chosen, none is guessed by place
    check_rows(read(bare, header=False))


def test_text_labels(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('user,item\nzoë,"a, ""b"""\n007,-3\nzoë,nan\n', encoding="utf-8")
    ds = read(file)
    assert ds.user_ids.tolist() == ["007", "zoë"]
    assert ds.item_ids.tolist() == ["-3", 'a, "b"', "nan"]
    file.write_text("user,item\n07,1\n7,1\n")
    assert read(file).user_ids.tolist() == ["07", "7"]  # not the same label


def test_times_with_fractions_and_large_integers(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("user,item,timestamp\n1,1,1.5e9\n1,2,978300760.75\n1,3,1700000000123456789\n")
    assert read(file).timestamps.data.tolist() == [1_500_000_000, 978_300_760, 1700000000123456789]


def test_min_rating_drops_rows_first(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("user,item,rating\na,x,5\nb,x,1\na,y,2\na,x,1\n")
    ds = read(file, min_rating=2)
    assert ds.user_ids.tolist() == ["a"]
    assert ds.ratings.toarray().tolist() == [[5, 2]]
    assert read(file).n_duplicates == 1
    assert read(file, duplicates="first").ratings.data.tolist() == [5, 2, 1]


def test_blocks_do_not_change_the_answer(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    rng = np.random.default_rng(0)
    rows = [(f"u{u}", i, t) for u, i, t in rng.integers(0, 500, (400, 3)).tolist()]
    rows[50] = ("w" * 300, 3, 4)  # wider than what is cut at once
    file.write_text(table(rows, header="user,item,timestamp").replace("\nu1", "\n\nu1"))
    whole = read(file)
    rows[200] = (f'"{rows[200][0]}"', *rows[200][1:])  # from here on the csv module reads
    quoted = tmp_path / "q.csv"
    quoted.write_text(table(rows, header="user,item,timestamp"))
    for size in (7, 64, 1000):
        monkeypatch.setattr(text_module, "_BLOCK", size)
        monkeypatch.setattr(text_module, "_ROWS", 11)
        for other in (read(file), read(quoted)):
            assert (other.timestamps != whole.timestamps).nnz == 0
            np.testing.assert_array_equal(other.user_ids, whole.user_ids)


LABEL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(LABEL.map("u".__add__), LABEL.map("i".__add__)), min_size=1, max_size=9))
def test_any_label_survives_csv(tmp_path, rows):
    import csv

    file = tmp_path / "a.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("user", "item"), *rows])
    ds = read(file)
    coo = ds.user_items.tocoo()
    found = zip(ds.user_ids[coo.row].tolist(), ds.item_ids[coo.col].tolist(), strict=True)
    assert sorted(found) == sorted(set(rows))


def test_lightgcn_file_and_folder(tmp_path):
    (tmp_path / "train.txt").write_text("0 3 1\n2 0\n4\n\n")
    (tmp_path / "test.txt").write_text("0 2 1 \n3 3\n")  # (0, 1) is in train too
    ds = read(tmp_path / "train.txt")
    assert ds.user_items.toarray().tolist() == [[0, 1, 0, 1], [0] * 4, [1, 0, 0, 0]]
    for duplicates in ("last", "first"):
        both = read(tmp_path, duplicates=duplicates)
        assert both.user_items.shape == (4, 4)
        assert both.split.toarray()[0].tolist() == [0, 0, 1, 0]
        assert both.split.data.tolist() == [0, 1, 0, 0, 1]
        assert both.n_duplicates == 1
    (tmp_path / "valid.txt").write_text("1 1\n")
    assert read(tmp_path).split[1, 1] == 2


def test_recbole_other_columns(tmp_path):
    file = tmp_path / "a.inter"
    file.write_text('who:token\titem_id:token\tword:token_seq\n"a\tx\ta b\n')  # quotes are text
    ds = read(file, user="who")
    assert ds.user_ids.tolist() == ['"a']


@pytest.fixture
def write_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def write(columns):
        parquet.write_table(arrow.table(columns), tmp_path / "a.parquet")
        return tmp_path / "a.parquet"

    return write


def test_parquet(write_parquet):
    import pyarrow as pa

    columns = dict(
        zip(("user_id", "item_id", "rating", "timestamp"), zip(*ROWS, strict=True), strict=True)
    )
    columns = {name: list(values) for name, values in columns.items()}
    check_rows(read(write_parquet(columns)))
    columns["user_id"] = pa.array(["b", "a", "b"]).dictionary_encode()
    columns["timestamp"] = pa.array([100_000, 0, 90_500], pa.timestamp("ms"))
    columns["rating"] = [4.5, 0.0, 1.0]
    check_rows(read(write_parquet(columns)), labels=("a", "b"))
    chosen = read(write_parquet(columns), user="item_id", item="user_id")
    assert chosen.item_ids.tolist() == ["a", "b"]


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install hashrec-fast\[parquet\]"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"user": [1, None], "item": [1, 2]}, "row 1: user is null"),
        ({"user": ["a", ""], "item": [1, 2]}, "row 1: user is empty"),
        ({"user": [1, -2], "item": [1, 2]}, "row 1: user must not be negative, got -2"),
        ({"user": [1.5], "item": [1]}, "user must be integers or strings, got double"),
        ({"user": [1], "item": [1], "rating": ["x"]}, "rating must be numbers, got string"),
        ({"user": [1], "item": [1], "rating": [float("inf")]}, "row 0: rating must be a finite"),
        ({"user": [1], "thing": [1]}, r"no column for item, got \['user', 'thing'\]"),
    ],
)
def test_parquet_errors(write_parquet, columns, message):
    from hashrec_fast._utils import DataError

    file = write_parquet(columns)
    with pytest.raises(DataError, match=rf"a\.parquet.*{message}"):
        read(file)


def test_import_is_cheap():
    import subprocess

    code = "import sys, hashrec_fast.data as d; d.__dir__(); print('scipy' in sys.modules, d.split)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False <function split")
    import hashrec_fast.data

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hashrec_fast.data.nothing


def test_a_dataset_is_what_comes_back(tmp_path):
    (tmp_path / "a.csv").write_text("1,2\n")
    assert isinstance(read(str(tmp_path / "a.csv")), Dataset)
