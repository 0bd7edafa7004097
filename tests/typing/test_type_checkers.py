# SPDX-License-Identifier: Apache-2.0
"""What mypy and pyright make of code that uses the package: right uses, wrong ones, the pages.

A line of a ``wrong_*.py`` that must be refused ends in ``# error: CODE``, mypy's code of the error
(codes between bars: any of them), or ``# error: pyright`` where mypy cannot know.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hashrec_fast

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RIGHT = sorted(file.name for file in HERE.glob("right_*.py"))
WRONG = sorted(file.name for file in HERE.glob("wrong_*.py"))
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
MARK = re.compile(r"# error: ([\w|-]+)")
SOURCE = Path(hashrec_fast.__file__).parents[1]

# scipy and scikit-learn have no types; torch has too many to be read again in every run.
MYPY_SETTINGS = """
[mypy]
strict = True
[mypy-hashrec_fast.*]
follow_imports = silent
[mypy-scipy.*,sklearn.*]
ignore_missing_imports = True
[mypy-torch.*]
follow_imports = skip
"""


def needs(module):
    found = importlib.util.find_spec(module) is not None
    reason = f"{module} is not installed; it is in the dependency group lint"
    return pytest.mark.skipif(not found, reason=reason)


checkers = pytest.mark.parametrize(
    "checker",
    [pytest.param("mypy", marks=needs("mypy")), pytest.param("pyright", marks=needs("pyright"))],
)


def examples(page):
    """Blocks of a page by the file they become, which a block that is a module names itself."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    modules = [re.match(r"# (\w+\.py)\n", code) for code in blocks]
    return {
        module[1] if module else f"page_{page.stem}_{i}.py": code
        for i, (module, code) in enumerate(zip(modules, blocks, strict=True))
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All files in a folder of their own, where no settings of this project hold."""
    folder = tmp_path_factory.mktemp("typing")
    for name in (*RIGHT, *WRONG):
        shutil.copy(HERE / name, folder)
    for page in filter(Path.is_file, PAGES):
        for name, code in examples(page).items():
            (folder / name).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def mypy(folder, pytestconfig):
    """Errors as (file, line, code)."""
    kept = getattr(pytestconfig, "cache", None)  # later runs take a second where it is there
    cache = folder / "cache" if kept is None else kept.mkdir("mypy")
    (folder / "mypy.ini").write_text(MYPY_SETTINGS)
    from_source = {} if "site-packages" in SOURCE.parts else {"MYPYPATH": str(SOURCE)}
    output = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(cache), "--no-error-summary", "."],
        cwd=folder,
        env={**os.environ, **from_source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.returncode in (0, 1), output.stdout + output.stderr
    found = re.findall(r"^(\S+?):(\d+): error: .*?\[([\w-]+)\]$", output.stdout, re.MULTILINE)
    return {(file, int(line), code) for file, line, code in found}


@pytest.fixture(scope="module")
def pyright(folder):
    """Errors as (file, line, rule)."""
    settings = {"extraPaths": [str(SOURCE)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    output = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"],
        cwd=folder,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},  # asks for no newer version
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.returncode in (0, 1), output.stdout + output.stderr
    return {
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1, found.get("rule"))
        for found in json.loads(output.stdout)["generalDiagnostics"]
        if found["severity"] == "error" and not is_of_scipy(found)
    }


def is_of_scipy(found):
    """Whether pyright, which reads scipy's source, misread the decorators of ``sp.random``."""
    line = Path(found["file"]).read_text().splitlines()[found["range"]["start"]["line"]]
    return "sp.random(" in line and found.get("rule") == "reportCallIssue"


def in_file(errors, name):
    return sorted(error for error in errors if error[0] == name)


@checkers
@pytest.mark.parametrize("name", RIGHT)
def test_right_uses_pass(checker, name, request):
    assert in_file(request.getfixturevalue(checker), name) == []


@checkers
@pytest.mark.parametrize("name", WRONG)
def test_wrong_uses_are_refused(checker, name, request):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    marks = {n: MARK.search(line) for n, line in enumerate(lines, start=1)}
    wanted = {n: mark[1].split("|") for n, mark in marks.items() if mark is not None}
    if checker == "mypy":
        wanted = {n: codes for n, codes in wanted.items() if codes != ["pyright"]}
    found = in_file(request.getfixturevalue(checker), name)
    assert len(wanted) > 20
    assert sorted({line for _, line, _ in found}) == sorted(wanted)
    if checker == "mypy":
        assert [error for error in found if error[2] not in wanted[error[1]]] == []


@checkers
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_type_check(checker, page, request):
    if not page.is_file():
        pytest.skip("the pages are not with the tests")
    names = examples(page)
    errors = request.getfixturevalue(checker) if names else []
    assert [error for error in errors if error[0] in names] == []
