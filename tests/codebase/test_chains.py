# SPDX-License-Identifier: Apache-2.0
"""The walks through the code that CONTRIBUTING.md shows: each file leads to the next, none is long.

The Python part is run: the files on the stack where the core is called must be those of the walk.
In C++ each step is a name that one file calls and the next one defines.
"""

import itertools
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.kernels import rows, search
from hashrec_fast.methods import wdcf

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
PACKAGE = Path(hf.__file__).parent
STEP = re.compile(r"^\d\. `([\w/.]+)`", re.MULTILINE)

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not with the tests")


def walks():
    """The numbered lists of the section, as names of files."""
    text = PAGE.read_text(encoding="utf-8")
    section = text[text.index("## Two walks") :].split("\n## ")[0]
    found = []
    for match in STEP.finditer(section):
        if match[0].startswith("1."):
            found.append([])
        found[-1].append(match[1])
    return found


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def files_on_stack(monkeypatch, module, function, call):
    """Files of the package on the way to a function of the core, called by ``module``."""
    found = []

    def spy(*arguments, **options):
        if not found:
            frame = sys._getframe(1)
            while frame is not None:
                path = Path(frame.f_code.co_filename)
                if PACKAGE in path.parents and (not found or found[-1] != path):
                    found.append(path)
                frame = frame.f_back
        return getattr(core, function)(*arguments, **options)

    core = module._core
    monkeypatch.setattr(module, "_core", SimpleNamespace(**{**vars(core), function: spy}))
    call()
    return [path.relative_to(PACKAGE).as_posix() for path in reversed(found)]


def python_part(walk):
    folder = "python/hashrec_fast/"
    return [name.removeprefix(folder) for name in walk if name.startswith(folder)]


def test_walks_are_short_and_their_files_are_there():
    method, index = walks()
    assert len(method) <= 8
    assert len(index) <= 6
    for walk in (method, index):
        assert len(set(walk)) == len(walk)
        assert all((ROOT / name).is_file() for name in walk)
        assert walk[-1].startswith("cpp/src/kernels/")


def test_a_fit_walks_from_its_strategy_to_the_core(monkeypatch):
    recipe, *walk = python_part(walks()[0])
    assert recipe == Path(wdcf.__file__).relative_to(PACKAGE).as_posix()
    strategy = wdcf.RECIPE.strategy
    for part in (type(strategy), type(strategy.solver)):
        assert re.search(rf"\b{part.__name__}\(", text_of("python/hashrec_fast/" + recipe))
    likes = sp.csr_matrix((np.random.default_rng(0).random((30, 20)) < 0.3).astype(float))
    model = hf.create("wdcf", n_bits=8, random_state=0)
    stack = files_on_stack(
        monkeypatch, rows, "row_pass", lambda: model.fit(likes, show_progress=False)
    )
    assert stack == ["estimator.py", *walk]


def test_a_search_walks_to_the_core(monkeypatch):
    index = hf.LinearScan(n_bits=8)
    index.add(np.arange(4, dtype=np.uint64)[:, None])
    queries = np.zeros((1, 1), np.uint64)
    stack = files_on_stack(monkeypatch, search, "scan_search", lambda: index.search(queries, k=2))
    assert stack == python_part(walks()[1])


CALLS = {
    # (file, what it calls) -> what the next file must define
    ("cpp/bindings/bind_solvers.cpp", r"return run_row_pass\(pass\)"): (
        r"^std::size_t run_row_pass\(const RowPass& pass\) \{"
    ),
    ("cpp/src/solvers/row_pass.cpp", r"kernels_\.entry_gram\("): r"^void entry_gram_avx512\(",
    ("cpp/bindings/bind_search.cpp", r"LinearScan\(codes, [\w.]+, num_threads\)\s+\.search\("): (
        r"^void LinearScan::search\("
    ),
    ("cpp/src/index/linear_scan.cpp", r"\bjob\.run\("): r"^void ScanJob::run\(",
    ("cpp/src/index/scan_job.cpp", r"kernels_\.scan\("): r"^void scan_avx512\(",
}


def test_files_of_the_core_call_one_another():
    steps = [
        (first, second)
        for walk in walks()
        for first, second in itertools.pairwise(walk)
        if first.startswith("cpp/")
    ]
    assert sorted(first for first, _ in steps) == sorted(name for name, _ in CALLS)
    for first, second in steps:
        ((call, definition),) = [(c, d) for (name, c), d in CALLS.items() if name == first]
        assert re.search(call, text_of(first)), (first, call)
        assert re.search(definition, text_of(second), re.MULTILINE), (second, definition)


@pytest.mark.parametrize("number", [0, 1])
def test_the_core_binds_what_the_typed_face_calls(number):
    walk = walks()[number]
    face = [name for name in walk if name.startswith("python/hashrec_fast/kernels/")][-1]
    binding = walk[walk.index(face) + 1]
    called = set(re.findall(r"_core\.(\w+)\(", text_of(face)))
    bound = set(re.findall(r'module\.def\(\s*"(\w+)"', text_of(binding)))
    assert {"row_pass", "scan_search"} & called & bound


@pytest.mark.parametrize(("number", "name"), [(0, "entry_gram"), (1, "scan")])
def test_the_kernel_is_in_the_table_of_its_level(number, name):
    kernel = walks()[number][-1]
    family, level = Path(kernel).stem.split("_")
    assert re.search(rf"\(\*{name}\)\(", text_of(f"cpp/src/kernels/{family}_kernels.hpp"))
    table = text_of(kernel).split(f"{family}_{level} = {{")[1]
    assert f"{name}_{level}" in table
