# SPDX-License-Identifier: Apache-2.0
"""Published tables made again: exact printed numbers, protocols on toy data, resumable runs."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import hashrec_fast as hf

BENCH = Path(__file__).parents[2] / "bench"
REAL = os.environ.get("HASHREC_DATA", "")
pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="bench/ is not with the tests")


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    import paper_cases
    import paper_page
    import paper_plan
    import paper_run
    import paper_tables

    yield SimpleNamespace(
        cases=paper_cases, page=paper_page, plan=paper_plan, run=paper_run, tables=paper_tables
    )
    sys.path.remove(str(BENCH))


PRINTED = [
    ("srloss", "gowalla", "Proposed", 64, "recall@50", ".23082"),
    ("srloss", "gowalla", "Proposed", 64, "ndcg@100", ".17424"),
    ("srloss", "gowalla", "BGCH", 64, "recall@100", ".26590"),
    ("srloss", "gowalla", "HashGNN", 64, "ndcg@50", ".05112"),
    ("srloss", "gowalla", "HashRec", 64, "recall@50", ".12060"),
    ("srloss", "yelp2018", "HashRec", 64, "ndcg@100", ".05134"),
    ("ccsr", "ml-1m", "CCSR-S", 40, "ndcg@2", ".7402"),
    ("ccsr", "ml-1m", "CCSR-S", 5, "ndcg@10", ".7371"),
    ("ccsr", "ml-1m", "CF-S", 40, "ndcg@2", ".5833"),
    ("ccsr", "ml-1m", "CFcodeReg", 10, "ndcg@6", ".6303"),
    ("ccsr", "ml-1m", "DJSRH-SST", 20, "ndcg@10", ".6835"),
    ("ccsr", "ml-1m", "Random", 0, "ndcg@6", "0.0091"),
    ("ccsr", "ichiba", "CCSR-SST", 40, "ndcg@10", ".9369"),
    ("hcfrec", "ml-100k", "HCFRec", 16, "ndcg@2", ".4599"),
    ("hcfrec", "ml-100k", "BiVAEB", 64, "map@10", ".0139"),
    ("hcfrec", "ml-1m", "DPR", 64, "ndcg@10", ".3614"),
    ("hcfrec", "ml-1m random", "HCFRec/no.C", 64, "map@10", ".0369"),
    ("hcfrec", "amazon-toys", "HCFRec", 64, "map@10", ".0064"),
]


@pytest.mark.parametrize(("table", "data", "line", "bits", "metric", "value"), PRINTED)
def test_published_numbers_are_the_printed_ones(bench, table, data, line, bits, metric, value):
    assert bench.plan.printed_line(table, data, line, bits)[metric] == value


def test_every_line_finds_its_published_numbers(bench):
    for table in bench.plan.TABLES.values():
        for data in table.cases:
            for row in (row for row in table.rows if row.printed):
                for bits in table.bits:
                    printed = bench.plan.printed_line(table.name, data, row.printed, bits)
                    assert {name for name in table.columns.values() if name} <= set(printed)


def test_every_grid_can_be_set(bench):
    for table in bench.plan.TABLES.values():
        assert len({row.name for row in table.rows}) == len(table.rows)
        for row in table.rows:
            settings = [one for bits in table.bits for one in row.settings(bits)]
            for setting in settings if row.method() else ():
                model = hf.create(row.method(), **setting)
                assert setting.items() <= model.get_params().items()


@pytest.fixture
def toy(monkeypatch):
    """A generated data set with ratings and times, under any name."""
    ds = hf.data.generate(80, 60, random_state=0)
    rng = np.random.default_rng(0)
    users, items = ds.user_items.nonzero()
    ds = hf.data.Dataset.from_pairs(
        users, items, rng.integers(1, 6, len(users)), rng.integers(0, 50, len(users))
    )
    monkeypatch.setattr(hf.data, "load", lambda *_: ds)
    return ds


def toy_table(bench, case, **changes):
    plan = bench.plan
    facts = {
        "name": "hcfrec",
        "title": "Toy",
        "text": "A protocol.",
        "cases": {"ml-100k toy": lambda: case},
        "bits": (16,),
        "rows": (
            plan.row("dcf", printed="DCF", grid=[{}, {"balance_decorrelation__alpha": 1.0}]),
            plan.row("dcf", printed="DCF", drawn=2),
            plan.row("ials", kind="float"),
            plan.row("no_such_method", printed="HCFRec"),
        ),
        "columns": {"ndcg@10": "ndcg@10", "map_of_all@10": "map@10"},
    }
    return plan.Table(**{**facts, **changes})


def hcfrec_case(bench, monkeypatch, ds):
    monkeypatch.setattr(hf.data, "frequent", lambda ds, *_: ds)
    return bench.cases.hcfrec("toy", "time")


def test_runs_resume_and_skip_what_is_absent(bench, toy, monkeypatch, tmp_path, capsys):
    case = hcfrec_case(bench, monkeypatch, toy)
    fits = []
    fit = bench.run.fit

    def counted(*arguments):
        fits.append(arguments[0].name)
        return fit(*arguments)

    monkeypatch.setattr(bench.run, "fit", counted)
    options = {"methods": None, "bits": None, "threads": 1, "rows": tmp_path / "rows.json"}
    table = toy_table(bench, case)
    done = {}
    bench.tables.run_case(table, "ml-100k toy", SimpleNamespace(seeds=1, **options), done)
    assert fits == ["dcf", "dcf", "dcf", "dcf_drawn", "ials"]  # two settings, then one seed
    assert "skipped, not in this package: no_such_method" in capsys.readouterr().out
    assert json.loads((tmp_path / "rows.json").read_text()) == done
    again = json.loads((tmp_path / "rows.json").read_text())
    bench.tables.run_case(table, "ml-100k toy", SimpleNamespace(seeds=1, **options), again)
    assert len(fits) == 5
    bench.tables.run_case(table, "ml-100k toy", SimpleNamespace(seeds=2, **options), again)
    assert fits[5:] == ["dcf", "dcf_drawn", "ials"]
    assert [run["seed"] for run in again["ml-100k toy/dcf/16"]["runs"]] == [0, 1]

    text = bench.page.page(table, again, "A note.")
    lines = text.splitlines()
    assert "A note." in lines
    dcf = next(line for line in lines if line.startswith("| DCF [DCF] | 16 |"))
    assert "(.2854)" in dcf
    assert "(.0427)" in dcf
    assert " ± " in dcf
    assert any(line.startswith("| DCF, 2 drawn zeros per rating [DCF] | 16 |") for line in lines)
    lost = next(line for line in lines if line.startswith("| no_such_method [HCFRec] | 16 |"))
    assert "not run (.3997)" in lost
    assert "Not run: no_such_method 16." in lines
    tried = next(line for line in lines if line.startswith("| ml-100k toy, dcf, 16 |"))
    assert "defaults: " in tried
    assert "alpha 1: " in tried


def test_a_better_setting_replaces_the_runs(bench, toy, monkeypatch):
    case = hcfrec_case(bench, monkeypatch, toy)
    better = {"balance_decorrelation__alpha": 1.0}
    row = bench.plan.row("dcf", grid=[{}, better])
    old = {
        "tried": [{"setting": {}, "validation": -1.0}],
        "setting": {},
        "runs": [{"validation": {}, "test": {}}],
    }
    assert bench.run.missing(old, row, 16, 1)
    *_, cell = bench.run.steps(row, case, 16, old, seeds=1, threads=1)
    assert cell["setting"] == better
    assert cell["runs"][0]["test"]
    assert not bench.run.missing(cell, row, 16, 1)


def test_results_under_old_names_are_known(bench, toy, monkeypatch):
    """Files of results are kept for years; a run goes on from them after names have changed."""
    case = hcfrec_case(bench, monkeypatch, toy)
    row = bench.plan.row("dcf", grid=[{}, {"balance_decorrelation__alpha": 1.0}])
    old = {
        "method": "dcf",
        "tried": [
            {"setting": {}, "validation": 0.0},
            {"setting": {"constraints__0__alpha": 1.0}, "validation": 1.0},
        ],
        "setting": {"constraints__0__alpha": 1.0},
        "runs": [{"seed": 0, "validation": {}, "test": {}}],
    }
    assert not bench.run.missing(old, row, 16, 1)
    *_, cell = bench.run.steps(row, case, 16, old, seeds=2, threads=1)
    assert [run["seed"] for run in cell["runs"]] == [0, 1]
    assert cell["setting"] == {"balance_decorrelation__alpha": 1.0}


def test_hcfrec_protocol(bench, toy, monkeypatch):
    case = hcfrec_case(bench, monkeypatch, toy)
    times = [part.timestamps.data for part in (case.train, case.validation, case.test)]
    assert len(times[0]) == toy.n_interactions // 2
    assert times[0].max() <= times[1].min()
    assert times[1].max() <= times[2].min()
    assert (np.bincount(case.train.user_items.indices, minlength=case.train.n_items) > 0).all()
    popular = bench.cases.baselines(case)["popularity"]
    wanted = hf.evaluate(
        popular, case.train, case.test, "map_of_all@10", mask=case.validation.user_items
    )
    assert case.measure(popular, "test")["map_of_all@10"] == wanted["map_of_all@10"]


def test_ccsr_protocol(bench, toy):
    case = bench.cases.ccsr("toy")
    counts = np.diff(toy.user_items.indptr)
    np.testing.assert_array_equal(np.diff(case.test.user_items.indptr), counts // 5)
    left = counts - counts // 5
    np.testing.assert_array_equal(np.diff(case.validation.user_items.indptr), left // 10)
    assert (case.train.ratings.data < 4).any()
    implicit = case.learned_from(case.train, explicit=False)
    assert implicit.nnz == (case.train.ratings.data > 3).sum()
    assert case.learned_from(case.train, explicit=True) is case.train
    chance = case.measure(bench.cases.baselines(case)["chance"], "test")
    rng = np.random.default_rng(0)
    drawn = [case.measure((rng.random((80, 8)), rng.random((60, 8)) - 0.5), "test")]
    for label in ("ndcg@2", "liked ndcg@10"):
        assert abs(chance[label] - drawn[0][label]) < 0.1
    assert chance["ndcg@2"] != chance["liked ndcg@2"]


def test_drawn_zeros(bench, toy):
    drawn = bench.cases.with_zeros(toy, 2, 0)
    ones = drawn.select(drawn.ratings.data == 1)
    assert (ones.user_items != toy.user_items).nnz == 0
    counts = np.diff(toy.user_items.indptr)
    wanted = np.minimum(3 * counts, toy.n_items)
    np.testing.assert_array_equal(np.diff(drawn.user_items.indptr), wanted)


@pytest.mark.realdata
@pytest.mark.skipif(not REAL, reason="HASHREC_DATA is not set")
def test_chance_of_the_ccsr_protocol(bench):
    """By gains 2^r - 1 the published CF-S is at chance, by likes it would be far below."""
    if "ml-1m" not in hf.data.available():
        pytest.skip("ml-1m is not there")
    case = bench.cases.ccsr("ml-1m")
    assert case.test.n_interactions + case.train.n_interactions < 1_000_209
    chance = case.measure(bench.cases.baselines(case)["chance"], "test")
    printed = float(bench.plan.printed_line("ccsr", "ml-1m", "CF-S", 5)["ndcg@2"])
    assert chance["ndcg@2"] == pytest.approx(printed, abs=0.01)
    assert chance["liked ndcg@2"] > printed + 0.05
