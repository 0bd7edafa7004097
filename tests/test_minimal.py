# SPDX-License-Identifier: Apache-2.0
"""What an installed wheel must pass; needs only pytest and the package."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf


def test_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert hf.__version__ == version("hashrec-fast")


@pytest.mark.parametrize(
    "name", ["py.typed", "__init__.pyi", "data/__init__.pyi", "retrieval/__init__.pyi", "_core.pyi"]
)
def test_types_come_with_the_package(name):
    assert (Path(hf.__file__).parent / name).is_file()


def test_pack_and_hamming():
    signs = np.array([[1, -1, 1], [-1, -1, 1]], dtype=np.int8)
    codes = hf.pack(signs)
    assert codes.tolist() == [[5], [4]]
    np.testing.assert_array_equal(hf.unpack(codes, 3), signs)
    np.testing.assert_array_equal(hf.hamming_matrix(codes, codes), [[0, 1], [1, 0]])


@pytest.mark.parametrize("level", hf.available_simd_levels())
def test_search_equals_sorting(level):
    before = hf.simd_level()
    hf.set_simd_level(level)
    try:
        rng = np.random.default_rng(0)
        codes = rng.integers(0, 2**64, (3000, 1), dtype=np.uint64)
        index = hf.LinearScan(n_bits=64)
        index.add(codes)
        distances, ids = index.search(codes[:7], 20)
        every = hf.hamming_matrix(codes[:7], codes)
        order = np.lexsort((np.broadcast_to(np.arange(3000), every.shape), every))[:, :20]
        np.testing.assert_array_equal(ids, order)
        np.testing.assert_array_equal(distances, np.take_along_axis(every, order, axis=1))
    finally:
        hf.set_simd_level(before)


def test_fit_save_load_recommend(tmp_path):
    blocks = sp.csr_matrix(np.kron(np.eye(2), np.ones((10, 12))).astype(np.float32))
    model = hf.create("wdcf", n_bits=16, random_state=0).fit(blocks, show_progress=False)
    model.save(tmp_path / "model.safetensors")
    loaded = hf.load(tmp_path / "model.safetensors")
    ids, scores = loaded.recommend(3, N=5, filter_already_liked_items=False)
    assert set(ids) <= set(range(12))
    assert (np.diff(scores) <= 0).all()


def test_command_line():
    run = [sys.executable, "-c", "from hashrec_fast.cli import main; main()", "info"]
    output = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert hf.__version__ in output
