# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast import _core


@pytest.fixture(params=_core.available_simd_levels())
def simd_level(request):
    """Run the test once at every SIMD level of this machine."""
    before = _core.simd_level()
    _core.set_simd_level(request.param)
    yield request.param
    _core.set_simd_level(before)


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)
