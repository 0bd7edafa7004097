# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from hashrec_fast import _core


@pytest.fixture(params=_core.available_simd_levels())
def simd_level(request: pytest.FixtureRequest) -> Iterator[str]:
    before = _core.simd_level()
    _core.set_simd_level(request.param)
    yield request.param
    _core.set_simd_level(before)
