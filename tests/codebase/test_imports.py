# SPDX-License-Identifier: Apache-2.0
import importlib
import json
import subprocess
import sys

import pytest

PROBE = """
import json, sys, time
start = time.process_time()
import hashrec_fast
seconds = time.process_time() - start
print(json.dumps({"seconds": seconds, "modules": sorted(sys.modules)}))
"""


def probe(code=PROBE):
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(output.stdout)


def test_import_is_light():
    modules = probe()["modules"]
    for heavy in (
        "torch",
        "numpy",
        "scipy",
        "scipy.sparse",
        "scipy.optimize",
        "click",
        "tqdm",
        "matplotlib",
    ):
        assert heavy not in modules


def test_import_is_quick():
    # Processor time of the import alone; the least of some, because other work on the machine
    # can only add to it.
    assert min(probe()["seconds"] for _ in range(5)) < 0.1


def test_default_method_needs_no_torch():
    code = """
import json, sys
import numpy as np, scipy.sparse as sp
import hashrec_fast as hf
matrix = sp.csr_matrix(np.eye(20, dtype=np.float32))
for name in ("wdcf", "dcf", "ials"):
    hf.create(name, n_bits=8, random_state=0).fit(matrix, show_progress=False).recommend(0)
print(json.dumps({"modules": sorted(sys.modules)}))
"""
    assert "torch" not in probe(code)["modules"]


def test_no_recipe_needs_torch():
    code = """
import json, sys
import hashrec_fast as hf
for name in hf.available_methods():
    hf.describe(name)
    hf.create(name)
print(json.dumps({"modules": sorted(sys.modules)}))
"""
    assert "torch" not in probe(code)["modules"]


LAZY = ("hashrec_fast", "hashrec_fast.data", "hashrec_fast.retrieval")


@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_loads(package):
    module = importlib.import_module(package)
    assert dir(module) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = module.no_such_name


def test_no_module_hides_a_public_name():
    code = f"""
import importlib, json, pkgutil
import hashrec_fast
for info in pkgutil.walk_packages(hashrec_fast.__path__, "hashrec_fast."):
    if info.name != "hashrec_fast.plotting":  # wants matplotlib
        importlib.import_module(info.name)
hidden = []
for name in {LAZY}:
    package = importlib.import_module(name)
    for home, names in package._HOMES.items():
        module = importlib.import_module(f"{{name}}.{{home}}")
        hidden += [public for public in names
                   if getattr(package, public) is not getattr(module, public)]
print(json.dumps(hidden))
"""
    assert probe(code) == []


def test_level_from_the_environment():
    import os

    import hashrec_fast as hf

    for level in hf.available_simd_levels():
        output = subprocess.run(
            [sys.executable, "-c", "import hashrec_fast as hf; print(hf.simd_level())"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "HASHREC_SIMD": level},
        )
        assert output.stdout.strip() == level
    refused = subprocess.run(
        [sys.executable, "-c", "import hashrec_fast"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HASHREC_SIMD": "mmx"},
    )
    assert refused.returncode != 0
    assert "HASHREC_SIMD must be one of the levels" in refused.stderr
