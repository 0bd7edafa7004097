# Two commands need nothing but python3, a C++ compiler and make:
#   make demo   sets up .venv, installs, runs the whole path on generated data
#   make test   sets up .venv, installs, runs the tests
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# The plain CPU build is enough; a newer torch that is already there is kept.
TORCH ?= torch==2.13.0

SOURCES := $(shell find cpp python -name '*.cpp' -o -name '*.hpp' -o -name '*.inl' -o -name '*.py' -o -name '*.pyi' -o -name CMakeLists.txt)

# Modules with a stub of their own.
STUBS := hashrec_fast

.PHONY: demo test test-slow doctest stubtest bench report tables methods published lint format wheel clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.torch: $(BIN)/python
	$(BIN)/python -m pip install --quiet $(TORCH)
	touch $@

# The package is installed as a user would get it: a wheel, not links into the source tree.
$(VENV)/.installed: $(VENV)/.torch pyproject.toml CMakeLists.txt $(SOURCES)
	$(BIN)/python -m pip install --quiet --group test '.[plot,parquet]'
	touch $@

$(VENV)/.lint: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --group lint
	touch $@

$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group bench
	touch $@

demo: $(VENV)/.installed
	$(BIN)/hashrec demo

test: $(VENV)/.installed
	$(BIN)/python -m pytest -n auto --dist loadfile

test-slow: $(VENV)/.installed
	$(BIN)/python -m pytest -m slow

# The examples in the docstrings of the installed package.
doctest: $(VENV)/.installed
	$(BIN)/python -m pytest --doctest-modules --pyargs hashrec_fast

# Whether the stubs say what the modules have.
stubtest: $(VENV)/.lint $(VENV)/.installed
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml --ignore-unused-allowlist \
		--allowlist tests/codebase/stubtest_allowlist.txt $(STUBS)

# A few minutes: every benchmark on small cases.
bench: $(VENV)/.bench
	$(BIN)/python bench/report.py --quick

# About an hour (two passes): docs/benchmarks.md, its picture, and the table in the README.
report: $(VENV)/.bench
	$(BIN)/python bench/report.py

tables: $(VENV)/.bench
	$(BIN)/python bench/quality_table.py

# Hours: docs/methods.md, methods on data of their own tasks; resumes where it stopped.
methods: $(VENV)/.bench
	$(BIN)/python bench/methods_table.py

# Hours: docs/tables_*.md, tables of three papers made again; resumes where it stopped.
published: $(VENV)/.bench
	for table in srloss ccsr hcfrec; do $(BIN)/python bench/paper_tables.py --table $$table || exit 1; done

lint: $(VENV)/.lint $(VENV)/.installed
	$(BIN)/ruff check python tests bench
	$(BIN)/ruff format --check python tests bench
	find cpp tests/cpp -name '*.cpp' -o -name '*.hpp' -o -name '*.inl' | xargs $(BIN)/clang-format --dry-run --Werror
	$(BIN)/mypy
	PYTHONPATH=python $(BIN)/lint-imports
	$(BIN)/codespell python cpp tests bench docs README.md CHANGELOG.md CONTRIBUTING.md
	$(BIN)/python -m pytest -q tests/typing

format: $(VENV)/.lint
	$(BIN)/ruff check --fix python tests bench
	$(BIN)/ruff format python tests bench
	find cpp tests/cpp -name '*.cpp' -o -name '*.hpp' -o -name '*.inl' | xargs $(BIN)/clang-format -i

wheel: $(BIN)/python
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf build dist $(VENV)
