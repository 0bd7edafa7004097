# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
from click.testing import CliRunner

import hashrec_fast as hf
from hashrec_fast.cli import main
from hashrec_fast.cli.common import parse_settings

SMALL = ("--users", "150", "--items", "120", "--mean", "15")


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result.output


def run_json(*arguments):
    return json.loads(run(*arguments, "--json"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    run("generate", folder / "events.csv", *SMALL)
    run(
        "fit",
        folder / "events.csv",
        "--out",
        folder / "model.st",
        "--split",
        "random",
        "--quiet",
        "--bits",
        "16",
        "--threads",
        "1",
    )
    return folder


def test_help_teaches():
    text = run("--help")
    assert "\n    hashrec generate events.csv\n" in text  # a line of its own
    assert "\b" not in text
    assert "\\b" not in text
    for name in ("info", "methods", "generate", "fit", "evaluate", "recommend", "search", "bench"):
        assert name in text
        assert "Usage" in run(name, "--help")
    assert hf.__version__ in run("--version")


def test_info():
    found = run_json("info")
    assert found["simd_level"] in found["simd_levels"]
    assert found["packages"]["numpy"] == np.__version__
    assert found["simd_level"] in run("info")


def test_methods():
    listed = {row["name"]: row["fidelity"] for row in run_json("methods")}
    missing = {name for name, fidelity in listed.items() if fidelity.startswith("not implemented")}
    assert missing == {"edcf", "h_sage"}
    assert listed.keys() - missing == set(hf.available_methods())
    assert "reviews" in run("methods", "edcf")
    with pytest.raises(ValueError, match="EDCF is not implemented: no source"):
        hf.create("edcf")
    assert "Discrete Collaborative Filtering" in run("methods", "dcf")
    rows = {row["name"]: row for row in run_json("methods", "wdcf")["parameters"]}
    assert rows["squared_hinge__weight"]["default"] == 0.3
    assert rows["squared_hinge__weight"]["range"] == ">= 0"
    assert rows["teacher"]["default"] == "Teacher(...)"
    assert rows["n_bits"]["matters"]
    text = run("methods", "wdcf")
    most, others = (text.index(f"{words}:\n") for words in ("those that matter most", "the others"))
    assert most < text.index("n_bits = 64  ") < others < text.index("num_threads = 0  ")
    assert "unknown method 'x'" in run("methods", "x", code=2)


@pytest.mark.parametrize("suffix", ["csv", "npz"])
def test_generated_files_hold_the_generated_data(tmp_path, suffix):
    path = tmp_path / f"events.{suffix}"
    found = run_json("generate", path, *SMALL, "--seed", 5)
    expected = hf.data.generate(150, 120, mean_interactions=15, random_state=5)
    assert found["interactions"] == expected.n_interactions
    read = hf.data.read(path)
    assert read.n_interactions == expected.n_interactions


def test_fit_evaluate_recommend_agree_with_python(folder):
    model = hf.load(folder / "model.st")
    dataset = hf.data.read(folder / "events.csv")
    train, validation, test = hf.data.split(dataset, "random", (0.8, 0.1, 0.1), random_state=0)
    expected = hf.create("wdcf", n_bits=16, random_state=0, num_threads=2)
    expected.fit(train, validation=validation, show_progress=False)
    np.testing.assert_array_equal(model.user_codes_, expected.user_codes_)
    found = run_json(
        "evaluate",
        folder / "model.st",
        folder / "events.csv",
        "--split",
        "random",
        "--metrics",
        "recall@10, ndcg@10",
    )
    assert found == hf.evaluate(
        expected, train, test, metrics=("recall@10", "ndcg@10"), mask=validation
    )
    user = str(dataset.user_ids[3])
    got = run_json("recommend", folder / "model.st", "--user", user, "-n", 4)[0]
    ids, scores = expected.recommend(3, N=4)
    assert got["user"] == user
    assert [entry["item"] for entry in got["items"]] == [str(dataset.item_ids[i]) for i in ids]
    assert [entry["score"] for entry in got["items"]] == scores.tolist()
    assert user in run("recommend", folder / "model.st", "--user", user)


def test_settings_from_file_and_options(folder, tmp_path):
    config = tmp_path / "fit.toml"
    config.write_text('method = "dcf"\nn_bits = 24\nbalance_decorrelation__alpha = 0.5\n')
    out = tmp_path / "model.st"
    run(
        "fit",
        folder / "events.csv",
        "--out",
        out,
        "--config",
        config,
        "--bits",
        12,
        "--quiet",
        "--set",
        "start=random",
    )
    model = hf.load(out)
    assert model.recipe.name == "DCF"
    assert model.n_bits == 12
    assert model.recipe.constraints[0].alpha == 0.5
    assert model.recipe.strategy.solver.start == "random"
    run("fit", folder / "events.csv", "--out", out, "--quiet", "--bits", 8, "--set", "teacher=none")
    assert hf.load(out).recipe.teacher is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("none", None),
        ("None", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("3", 3),
        ("-1e-3", -1e-3),
        (".5", 0.5),
        ("32,16", (32, 16)),
        ("(32,)", (32,)),
        ("[32, 16]", [32, 16]),
        ("random", "random"),
        ('"3"', "3"),
        ("recall@10", "recall@10"),
        ("a=b", "a=b"),
        ("", ""),
        ("1+2j", "1+2j"),
        ("[" * 3000, "[" * 3000),
    ],
)
def test_values_of_settings(text, value):
    found = parse_settings([f"x={text}"])["x"]
    assert found == value
    assert type(found) is type(value)


def test_search(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2**20, (50, 1), dtype=np.uint64)
    np.save(tmp_path / "codes.npy", codes)
    np.save(tmp_path / "queries.npy", codes[:3])
    found = run_json(
        "search", tmp_path / "codes.npy", tmp_path / "queries.npy", "--bits", 20, "-k", 2
    )
    assert [row[0] for row in found["distances"]] == [0, 0, 0]
    for kind in ("linear_scan", "multi_index", "hash_table"):
        arguments = ("--bits", 20, "-k", 2, "--index", kind)
        other = run_json("search", tmp_path / "codes.npy", tmp_path / "queries.npy", *arguments)
        assert [row[0] for row in other["ids"]] == [row[0] for row in found["ids"]]
        if kind != "hash_table":
            assert other == found


def test_bench_reports_ratios():
    found = run_json("bench", "--items", "500,2000", "--queries", 5, "-k", 3, "--threads", 1)
    assert [row["items"] for row in found] == [500, 2000]
    for row in found:
        assert row["speedup"] == pytest.approx(
            row["float_ms_per_query"] / row["hamming_ms_per_query"]
        )


def test_demo(tmp_path):
    found = run_json("demo", "--out", tmp_path / "demo", "--users", 300, "--items", 200,
                     "--bits", 32, "--bench-items", "500,1000")  # fmt: skip
    recall = {row["method"].split()[0]: row["recall@20"] for row in found["quality"]}
    assert list(recall) == ["popularity", "random", "wdcf", "ials"]
    assert recall["wdcf"] > 1.2 * recall["random"]
    assert len(found["recommendations"]) == 3
    assert hf.load(found["model"]).n_bits == 32
    if found["plot"] is not None:
        from pathlib import Path

        assert Path(found["plot"]).read_bytes().startswith(b"\x89PNG")
    text = run("demo", "--out", tmp_path / "demo", "--users", 300, "--items", 200,
               "--bench-items", "500")  # fmt: skip
    assert "Hamming ms/query" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fit", "nothing.csv", "--out", "m"), "nothing.csv"),
        (("fit", "EMPTY", "--out", "m"), "empty"),
        (("fit", "EVENTS", "--out", "/no/such/folder/m"), "does not exist"),
        (("fit", "EVENTS", "--out", "m", "--method", "nope"), "unknown method 'nope'"),
        (("fit", "EVENTS", "--out", "m", "--bits", "0"), "n_bits must be at least 1"),
        (("fit", "EVENTS", "--out", "m", "--set", "novalue"), "key=value"),
        (
            ("fit", "EVENTS", "--out", "m", "--set", "squared_hing__weight=1"),
            "'squared_hing__weight' of wdcf; did you mean 'squared_hinge__weight'",
        ),
        (
            ("fit", "EVENTS", "--out", "m", "--set", "squared_hinge__weight=abc"),
            "squared_hinge__weight must be a number of at least 0, got 'abc'",
        ),
        (("fit", "EVENTS", "--out", "m", "--set", "teacher=nobody"), "teacher must be None or a"),
        (("fit", "EVENTS", "--out", "m", "--set", "nonsense=1"), "unknown parameter 'nonsense'"),
        (("fit", "EVENTS", "--out", "m", "--set", "a"), "key=value"),
        (("fit", "EVENTS", "--out", "m", "--set", "n_bits=abc"), "n_bits must be an integer"),
        (("fit", "EVENTS", "--out", "m", "--set", "schedule__sweeps=0"), "schedule__sweeps must"),
        (
            ("fit", "EVENTS", "--out", "m", "--split", "random", "--fractions", "a,b"),
            "numbers like",
        ),
        (("fit", "no-such-set", "--out", "m"), "no-such-set"),
        (("evaluate", "MODEL", "EVENTS"), "needs --split"),
        (
            ("evaluate", "MODEL", "EVENTS", "--split", "random", "--split-seed", "1"),
            "not fitted to the train part",
        ),
        (("evaluate", "MODEL", "EVENTS", "--split", "random", "--metrics", "nope@3"), "nope"),
        (("evaluate", "EVENTS", "EVENTS", "--split", "random"), "not a whole safetensors file"),
        (("recommend", "MODEL", "--user", "nobody"), "'nobody' is not in the training data"),
        (("search", "a.npy", "b.npy", "--bits", "8"), "no file"),
        (("bench", "--items", "x"), "numbers like"),
        (("generate", "out.txt"), "must end in .csv or .npz"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(folder, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    places = {"EVENTS": folder / "events.csv", "MODEL": folder / "model.st", "EMPTY": "empty.csv"}
    result = CliRunner().invoke(main, [str(places.get(a, a)) for a in arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    import re

    assert re.search(message, result.output)
    errors = [line for line in result.output.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert not (tmp_path / "m").exists()
