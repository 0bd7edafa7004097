# SPDX-License-Identifier: Apache-2.0
import importlib
import json
import pkgutil
import subprocess
import sys

PROBE = """
import json, sys, time
start = time.perf_counter()
import hashrec_fast
seconds = time.perf_counter() - start
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
        "scipy",
        "scipy.sparse",
        "scipy.optimize",
        "click",
        "tqdm",
        "matplotlib",
    ):
        assert heavy not in modules


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


def test_every_public_name_loads():
    import hashrec_fast as hf

    for name in hf.__all__:
        assert getattr(hf, name) is not None
    assert set(hf.__all__) <= set(dir(hf))
    for found in pkgutil.walk_packages(hf.__path__, "hashrec_fast."):
        module = importlib.import_module(found.name)
        for name in getattr(module, "__all__", ()):
            assert hasattr(module, name), f"{found.name}.{name}"


def test_every_name_of_retrieval_loads():
    from hashrec_fast import retrieval

    for name in retrieval.__all__:
        assert getattr(retrieval, name) is not None


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
