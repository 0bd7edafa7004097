# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import settings

from hashrec_fast import _core

# The same examples in every run: a red build must be a change's doing.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_generate_tests(metafunc):
    """Levels for ``simd_level``: "amx" only for modules that say they test its own kernels.

    At that level everything else is the code of "avx512".
    """
    if "simd_level" in metafunc.fixturenames:
        levels = _core.available_simd_levels()
        if not getattr(metafunc.module, "TESTS_AMX", False):
            levels = [level for level in levels if level != "amx"]
        metafunc.parametrize("simd_level", levels, indirect=True)


@pytest.fixture
def simd_level(request):
    """Run the test once at every SIMD level of this machine."""
    before = _core.simd_level()
    _core.set_simd_level(request.param)
    yield request.param
    _core.set_simd_level(before)


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)
