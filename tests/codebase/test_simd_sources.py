# SPDX-License-Identifier: Apache-2.0
"""Files compiled with SIMD flags must not include standard headers.

Their inline functions would be compiled with AVX, and the linker could pick those copies for
machines without it.
"""

import re
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[2] / "cpp" / "src" / "kernels"
LEVEL = re.compile(r".*_(popcnt|avx2|avx512|amx|neon)\.cpp")
ALLOWED = {"<cstddef>", "<cstdint>", "<immintrin.h>", "<arm_neon.h>"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', re.MULTILINE)
SOURCES = sorted(path for path in KERNELS.glob("*.cpp") if LEVEL.fullmatch(path.name))


def all_includes(path):
    """Headers that a file reaches, following the project's own ones."""
    reached, todo, seen = set(), [path], set()
    while todo:
        source = todo.pop()
        for name in INCLUDE.findall(source.read_text()):
            if name.startswith("<"):
                reached.add(name)
                continue
            own = KERNELS.parent / name.strip('"')
            assert own.parent == KERNELS, f"{source.name} includes {name} from outside kernels/"
            if own not in seen:
                seen.add(own)
                todo.append(own)
    return reached


def test_there_are_kernel_files():
    assert len(SOURCES) >= 4


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_harmless_headers(path):
    assert all_includes(path) <= ALLOWED
