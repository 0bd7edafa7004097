# SPDX-License-Identifier: Apache-2.0
"""What the README and the pages in docs show must run."""

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import hashrec_fast as hf
from hashrec_fast.cli import main

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
MODULE = re.compile(r"# (\w+)\.py\n")
"""First line of a block that is a module, which later blocks of its page import."""

pytestmark = pytest.mark.skipif(not README.is_file(), reason="the README is not with the tests")


def blocks(language, page=README):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_of_a_language_that_is_run(page):
    """So that no example escapes the tests below by another spelling of its language."""
    fences = re.findall(r"^\s*(?:```|~~~)(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) % 2 == 0
    run = {"README.md": {"python", "sh"}, "CONTRIBUTING.md": set()}.get(page.name, {"python"})
    assert set(fences[::2]) <= run
    assert set(fences[1::2]) <= {""}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_make_targets_that_pages_name_are_there():
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8"))
        assert set(named) <= known, page.name


def test_python_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["ids"].shape == (100, 10)
    assert (tmp_path / "model.safetensors").is_file()


def test_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("hashrec ")]
    assert len(commands) >= 5
    for line in commands:
        arguments = shlex.split(line, comments=True)[1:]
        if arguments[0] == "bench":
            arguments += ["--items", "1000"]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, (line, result.output)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_pages(page, tmp_path, monkeypatch):
    if page.name == "sklearn.md":
        pytest.importorskip("sklearn.base")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for code in blocks("python", page):
        module = MODULE.match(code)
        if module is None:
            exec(compile(code, page.name, "exec"), {})
            continue
        (tmp_path / f"{module[1]}.py").write_text(code, encoding="utf-8")
        monkeypatch.setitem(sys.modules, module[1], None)  # so that the entry goes afterwards
        del sys.modules[module[1]]
        importlib.import_module(module[1])


def test_every_method_is_listed():
    listed = README.read_text(encoding="utf-8")
    for name in hf.available_methods():
        assert f"`{name}`" in listed
