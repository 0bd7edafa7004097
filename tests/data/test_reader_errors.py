# SPDX-License-Identifier: Apache-2.0
import gzip
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashrec_fast._utils import DataError
from hashrec_fast.data import read

HEAD = "user,item,rating,timestamp\n"
INTER = "user_id:token\titem_id:token\trating:float\n"


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        (
            "a.csv",
            HEAD + "1,2,3,4\n1,2,3\n",
            3,
            "3 columns, wanted 4 as in the first line; got '1,2,3'",
        ),
        ("a.csv", HEAD + "1,2,3,4\n\n1,2,3,4,5\n", 4, "5 columns, wanted 4"),
        # one field too many and one too few: the total is right
        ("a.csv", "1,2,3\n1,2\n1,2,3,4\n", 2, "2 columns, wanted 3"),
        ("a.csv", HEAD + '"1",2,3,4\n1,2,3\n', 3, "3 columns, wanted 4"),
        ("a.csv", HEAD + '1,2,3,4\n"1,2,3,4\n', 3, "unexpected end of data"),
        ("a.csv", HEAD + "1,2,x,4\n", 2, "rating must be a finite number, got 'x'"),
        ("a.csv", HEAD + "1,2,3,4\n1,3,nan,4\n", 3, "rating must be a finite number, got 'nan'"),
        ("a.csv", HEAD + "1,2,-inf,4\n", 2, "rating must be a finite number, got '-inf'"),
        ("a.csv", HEAD + "1,2,1e39,4\n", 2, "rating must be a finite number, got '1e39'"),
        ("a.csv", HEAD + "1,2,1_0,4\n", 2, "rating must be a finite number, got '1_0'"),
        ("a.csv", HEAD + "1,2,,4\n", 2, "rating must be a finite number, got ''"),
        ("a.csv", HEAD + "1,2,3,noon\n", 2, "timestamp must be a finite number, got 'noon'"),
        ("a.csv", HEAD + "1,2,3,1e300\n", 2, "timestamp must be a finite number, got '1e300'"),
        ("a.csv", HEAD + "1,2,3,4\n,2,3,4\n", 3, "user is empty, wanted an id"),
        ("a.csv", HEAD + "1,2,3,4\n1, ,3,4\n", 3, "item is empty, wanted an id"),
        ("a.csv", HEAD + "1,2,3,4\n\n\n-5,2,3,4\n", 5, "user must not be negative, got -5"),
        ("a.csv", HEAD + "1,2\x00,3,4\n", 2, "a NUL byte"),
        ("a.csv", HEAD.encode() + b"1,\xff,3,4\n", 2, "item is not UTF-8 text"),
        ("a.csv", HEAD.encode() + b'1,"\xff",3,4\n', 2, "not UTF-8 text"),
        ("a.csv", HEAD, 1, "no interactions, wanted at least one row"),
        ("a.csv", "", 1, "the file is empty"),
        ("a.csv", "\n \n", 1, "the file is empty"),
        ("a.csv", "buyer,product\n1,2\n", 1, "looks like a header without known names"),
        ("a.csv", "1\n2\n", 1, "no column for item, got 1 columns"),
        ("a.tsv", "1\t2\n1 2\n", 2, "1 columns, wanted 2"),
        ("u.data", "1\t2\t3\t4\n1\t2\t3\n", 2, "3 columns, wanted 4"),
        ("u.data", "1 2 3 4\n", 1, "no tab, '::' or comma"),
        ("u.data", "1\t2\t3\n", 1, "3 columns, wanted user, item, rating and time"),
        ("u.data", "1\t2\t3\t4\nx\t2\t3\t4\n", 2, "user must be an integer, got 'x'"),
        ("u.data", "1\t2\t3\t4\n1\t-2\t3\t4\n", 2, "item must not be negative, got -2"),
        ("ratings.dat", "1::2::3::4\n1::2:3::4\n", 2, "3 columns, wanted 4"),
        ("train.txt", "0 1 2\n1 x\n", 2, "wanted 'user item item ...' as numbers, got 'x'"),
        ("train.txt", "0 1 2\n1 3 -4\n", 2, "ids must not be negative, got -4"),
        ("train.txt", "0 1\n1 1.5\n", 2, "as numbers, got '1.5'"),
        ("train.txt", "0 1\n1 99999999999\n", 2, "number 99999999999 in a file of 2 pairs"),
        ("train.txt", "", 1, "no interactions"),
        ("train.txt", "0\n1\n", 1, "no interactions"),
        ("a.inter", "user\titem\n1\t2\n", 1, "header field 'user', wanted name:type"),
        ("a.inter", "user_id:token\titem_id:word\n", 1, "header field 'item_id:word'"),
        ("a.inter", "user_id:token\titem_id:float\n", 1, "'item_id' for item is of type float"),
        ("a.inter", "user_id:token\tb:token\n", 1, "no column for item, got ['user_id', 'b']"),
        ("a.inter", INTER + "1\t2\t3\n1\t2\n", 3, "2 columns, wanted 3"),
        ("a.inter", INTER + "1\t2\tgood\n", 2, "rating must be a finite number, got 'good'"),
        ("a.inter", INTER, 1, "no interactions"),
        ("a.inter", "", 1, "the file is empty"),
    ],
)
def test_errors_name_file_and_line(tmp_path, name, content, line, message):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(
        DataError, match=re.escape(f"{name}, line {line}: ") + ".*" + re.escape(message)
    ):
        read(file)


def test_line_numbers_count_over_blocks(tmp_path, monkeypatch):
    from hashrec_fast.data.readers import text

    monkeypatch.setattr(text, "_BLOCK", 50)
    file = tmp_path / "a.csv"
    file.write_text(HEAD + "1,2,3,4\n" * 40 + "1,2,bad,4\n" + "1,2,3,4\n" * 5)
    with pytest.raises(DataError, match="line 42: rating must"):
        read(file)
    file.write_text(HEAD + "1,2,3,4\n" * 40 + '1,"2",3,4\n1,2,bad,4\n')
    with pytest.raises(DataError, match="line 43: rating must"):
        read(file)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user": "buyer"}, r"line 1: no column 'buyer' for user, got \['user', 'item'\]"),
        ({"rating": "stars"}, "line 1: no column 'stars' for rating"),
        ({"user": 0, "item": 5}, "line 1: no column 5 for item, got 2"),
        ({"user": "user", "item": "user"}, "two roles share a column"),
        ({"user": "user", "header": False}, "names a column, but header=False"),
        ({"min_rating": 3}, "min_rating=3 needs ratings, and .*a.csv has none"),
        ({"format": "xls"}, "format must be one of auto, csv, .*, got 'xls'"),
        ({"format": "npz", "user": "user"}, "format 'npz' has fixed columns; user cannot be"),
        ({"format": "lightgcn", "separator": ","}, "separator and header are for csv and tsv"),
        ({"format": "lightgcn", "min_rating": 1}, "'lightgcn' has no ratings"),
        ({"duplicates": "error"}, "2 repeated pairs"),
    ],
)
def test_bad_options(tmp_path, options, message):
    file = tmp_path / "a.csv"
    file.write_text("user,item\n" + "1,2\n" * 3)
    with pytest.raises(ValueError, match=message):
        read(file, **options)


def test_nothing_reaches_min_rating(tmp_path):
    (tmp_path / "a.csv").write_text(HEAD + "1,2,3,4\n")
    with pytest.raises(DataError, match=r"a\.csv: no rating reaches min_rating=9"):
        read(tmp_path / "a.csv", min_rating=9)


def test_missing_and_nameless_files(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv does not exist"):
        read(tmp_path / "gone.csv")
    with pytest.raises(ValueError, match=r"holds neither interactions\.npz nor train\.txt"):
        read(tmp_path)
    with pytest.raises(ValueError, match="is a folder; format 'csv' is a file"):
        read(tmp_path, "csv")
    for kind, message in (
        ("npz", "interactions.npz does not exist"),
        ("lightgcn", "has no train.txt"),
        ("movielens", "holds none of u.data, ratings.dat, ratings.csv"),
    ):
        with pytest.raises(FileNotFoundError, match=message):
            read(tmp_path, kind)
    (tmp_path / "notes.doc").write_text("1,2")
    with pytest.raises(ValueError, match=r"cannot tell the format of .*notes\.doc"):
        read(tmp_path / "notes.doc")


def test_damaged_gzip(tmp_path):
    packed = gzip.compress(b"user,item\n" + b"1,2\n" * 1000)
    for content in (b"no gzip", packed[:-9], packed[:20] + b"???" + packed[23:]):
        (tmp_path / "a.csv.gz").write_bytes(content)
        with pytest.raises(DataError, match=r"a\.csv\.gz"):
            read(tmp_path / "a.csv.gz")
    (tmp_path / "train.txt.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match=r"train\.txt\.gz: not a valid gzip file"):
        read(tmp_path / "train.txt.gz")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(st.binary(max_size=60), st.text('0123,"\t:\n\r -.x', max_size=60).map(str.encode)),
    st.sampled_from(["csv", "tsv", "movielens", "lightgcn", "recbole", "npz", "parquet"]),
)
def test_junk_never_does_worse_than_a_value_error(tmp_path, content, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "junk").write_bytes(content)
    try:
        ds = read(tmp_path / "junk", kind)
    except ValueError:
        return
    assert ds.n_interactions > 0
