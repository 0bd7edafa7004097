# SPDX-License-Identifier: Apache-2.0
"""The methods table: its plan names real methods and parameters, its page what was measured."""

import sys
from pathlib import Path

import pytest

import hashrec_fast as hf

BENCH = Path(__file__).parents[2] / "bench"
pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="bench/ is not with the tests")


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    import methods_page
    import methods_plan

    yield methods_plan, methods_page
    sys.path.remove(str(BENCH))


def test_every_grid_can_be_set(bench):
    plan, _ = bench
    for key, grid in plan.GRIDS.items():
        for setting in grid:
            model = hf.create(key.split()[0], **setting)
            assert setting.items() <= model.get_params().items()


def test_every_binary_method_has_a_task(bench):
    plan, _ = bench
    measured = {name for task in plan.TASKS for name in task.extends} | set(plan.REFERENCES)
    assert not measured & set(plan.NOWHERE)
    assert measured | set(plan.NOWHERE) == set(hf.available_methods())


def row(validation, tests, seconds=1.0):
    runs = [
        {"seconds": seconds, "validation": {"AUC": validation}, "test": {"AUC": test}}
        for test in tests
    ]
    return {"setting": {"squared_hinge__weight": 0.5}, "runs": runs, "metrics": ["AUC"]}


def test_page_tells_gains_from_noise(bench):
    _, page = bench
    done = {
        "federated/ml-100k/random codes/32": row(0.5, [0.50, 0.52]),
        "federated/ml-100k/dcf/32": row(0.7, [0.70, 0.72]),
        "federated/ml-100k/lightfr/32": row(0.7, [0.71, 0.72]),
    }
    text = page.page(done, "A note.")
    assert "| DCF | 32 | 0.7000 | 0.7100 ± 0.0141 | 1.0 | weight 0.5 | +0.2000 over random" in text
    assert "| LightFR | 32 |" in text
    assert "does not beat dcf (+0.0050)" in text
    assert "A note." in text
    assert text.count("Not run yet.") >= 8
