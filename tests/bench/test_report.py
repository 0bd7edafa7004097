# SPDX-License-Identifier: Apache-2.0
"""The report of a made-up run; nothing is timed here."""

import importlib
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).parents[2] / "bench"
MODULES = ("cases", "checks", "contest", "data_kinds", "machine", "records", "report_page")

pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="bench/ is not with the tests")


@pytest.fixture
def bench(monkeypatch):
    """Imports a module of bench/, which is a folder of scripts and no package."""
    monkeypatch.syspath_prepend(str(BENCH))
    yield importlib.import_module
    for name in (*MODULES, "report", "figure", "peers"):
        sys.modules.pop(name, None)


@pytest.fixture
def content(bench):
    cases = bench("cases")
    base = cases.groups()[0].cases[0]

    def entry(case, member, family, seconds, number, n_queries=1000):
        info = {"case": asdict(case), "member": member, "family": family, "remark": ""}
        info |= {"n_items": case.n_items, "n_queries": n_queries, "pass_number": number}
        return {"extra_info": info, "stats": {"min": seconds}}

    lists = replace(base, exclude="50 random")
    machine = {"cpu": "Some CPU", "cores": 2, "level": "avx2", "levels": ["scalar", "avx2"]}
    machine |= {"threads": 1, "quick": False, "passes": 2}
    machine["versions"] = {"hashrec_fast": "9", "faiss-cpu": "8", "torch": "7"}
    return {
        "datetime": "2026-01-02T03:04:05",
        "machine_info": {"hashrec": machine},
        "benchmarks": [
            entry(base, "torch @, topk", "float", 1.0, 0, n_queries=200),
            entry(base, "LinearScan avx2", "scan", 0.125, 0),
            entry(base, "faiss BinaryFlat (heap, 32)", "faiss", 0.6, 0),
            entry(base, "faiss BinaryFlat (count, 1000)", "faiss", 0.55, 0),
            entry(base, "LinearScan avx2", "scan", 0.1, 1),
            entry(base, "faiss BinaryFlat (count, 1000)", "faiss", 0.5, 1),
            entry(lists, "LinearScan avx2", "scan", 0.125, 0),
        ],
    }


BASE_TABLE = """\
| member | queries | ms | Gpair/s | × faiss | × float |
| --- | ---: | ---: | ---: | ---: | ---: |
| LinearScan avx2 | 1,000 | 100 | 10.0 | 5.00 | 50.00 |
| faiss BinaryFlat (count, 1000) | 1,000 | 500 | 2.00 | 1.00 | 10.00 |
| torch @, topk | 200 | 1,000 | 0.200 | 0.10 | 1.00 |
"""
EXCLUDE_TABLE = """\
1,000,000 codes, 64 bits, 1,000 queries, k = 100, random, 1 thread.

| case | member | queries | ms | Gpair/s | relative to none |
| --- | --- | ---: | ---: | ---: | ---: |
| nothing excluded | LinearScan avx2 | 1,000 | 100 | 10.0 | 1.00 |
| 50 random excluded | LinearScan avx2 | 1,000 | 125 | 8.00 | 0.80 |
"""


def test_runs_are_joined(bench, content):
    joined = bench("records").joined([content, content])
    assert joined["machine_info"]["hashrec"]["passes"] == 4
    numbers = {entry["extra_info"]["pass_number"] for entry in joined["benchmarks"]}
    assert numbers == {0, 1, 2, 3}
    assert len(content["benchmarks"]) * 2 == len(joined["benchmarks"])
    other = json.loads(json.dumps(content))
    other["machine_info"]["hashrec"]["cpu"] = "Another CPU"
    with pytest.raises(ValueError, match="differ in machine"):
        bench("records").joined([content, other])


def test_page(bench, content):
    text = bench("report_page").page(content, "picture.png")
    assert "on 2026-01-02: Some CPU, 2 cores; SIMD level avx2 of scalar, avx2; 1 thread(s)" in text
    assert "in each of 2 passes" in text
    assert "Between passes faiss differed by up to 10%." in text
    assert f"![Rates of the base case](picture.png)\n\n{BASE_TABLE}" in text
    assert f"## Ids excluded per query\n\n{EXCLUDE_TABLE}" in text
    for group in bench("cases").groups():
        assert f"## {group.title}\n" in text
    assert "## Hash tables\n" in text
    assert text == bench("report_page").page(content, "picture.png")


def test_groups_without_figures_say_so(bench, content):
    content["benchmarks"] = []
    text = bench("report_page").page(content, None)
    assert text.count("Not measured in this run.") == len(bench("cases").groups())
    assert "Between passes" not in text


def test_readme_and_picture(bench, content, tmp_path):
    pytest.importorskip("matplotlib")
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- benchmark:begin -->\nold\n<!-- benchmark:end -->\nz\n")
    bench("report").write(content, tmp_path / "docs" / "benchmarks.md", readme)
    text = readme.read_text()
    assert text.startswith("a\n<!-- benchmark:begin -->\nMeasured on Some CPU (SIMD level avx2)")
    assert BASE_TABLE in text
    assert "[docs/benchmarks.md](docs/benchmarks.md)" in text
    assert text.endswith("<!-- benchmark:end -->\nz\n")
    assert "old" not in text
    assert (tmp_path / "docs" / "benchmarks.png").read_bytes().startswith(b"\x89PNG")
    assert "(benchmarks.png)" in (tmp_path / "docs" / "benchmarks.md").read_text()
    json.dumps(content)


@pytest.mark.parametrize("text", ["", "<!-- benchmark:end --><!-- benchmark:begin -->"])
def test_a_readme_without_markers_is_refused(bench, text):
    with pytest.raises(ValueError, match="must hold <!-- benchmark:begin -->"):
        bench("report_page").filled(text, "block")


def test_the_readme_has_the_markers(bench):
    readme = BENCH.parent / "README.md"
    if not readme.is_file():
        pytest.skip("the README is not with the tests")
    assert "\nblock\n" in bench("report_page").filled(readme.read_text(encoding="utf-8"), "block")


def test_benchmarks_of_the_base_case_pass():
    """Every member's answer, each called once; members that are not there are skipped."""
    pytest.importorskip("threadpoolctl")
    pytest.importorskip("pytest_benchmark")
    command = [sys.executable, "-m", "pytest", "bench", "--quick", "--benchmark-disable", "-q"]
    command += ["-p", "no:cacheprovider", "-k", "20000-64-100-100-random-none-1-all"]
    done = subprocess.run(command, cwd=BENCH.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize("kind", ["clustered", "sorted clusters", "duplicates", "adverse"])
def test_wrong_answers_are_not_timed(bench, kind):
    case = bench("cases").Case(n_items=500, n_bits=100, n_queries=5, k=7, kind=kind)
    checks, (codes, queries) = bench("checks"), bench("data_kinds").data_of(case)
    rows = np.bitwise_count(queries[:, None, :] ^ codes[None, :, :]).sum(axis=2, dtype=np.int32)
    ids = np.argsort(rows, axis=1, kind="stable")[:, :7]
    distances = np.take_along_axis(rows, ids, axis=1)
    assert checks.check_exact(case, (distances, ids)) == ""
    assert checks.check_found(case, (distances, ids)) == "recall 1.00 of 5 queries"
    for row in (0, 4):  # checked by the reference, and by the sum of distances alone
        wrong = distances.copy()
        wrong[row, -1] += 1
        with pytest.raises(AssertionError):
            checks.check_exact(case, (wrong, ids))
    with pytest.raises(AssertionError):
        checks.check_exact(case, (distances, ids[:, ::-1]))
