# SPDX-License-Identifier: Apache-2.0
"""A search needs little memory beside the codes and its results."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
import hashrec_fast as hf

n_bits, k, threads = 128, 100, {threads}
rng = np.random.default_rng(0)
index = hf.LinearScan(n_bits=n_bits, num_threads=threads)
index.add(rng.integers(0, 2**64, (300_000, 2), dtype=np.uint64))
queries = rng.integers(0, 2**64, (1000, 2), dtype=np.uint64)
index.search(queries[:threads], 1)  # threads and code pages are there now

def memory(name):
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

with open("/proc/self/clear_refs", "w") as stream:
    stream.write("5")  # the peak starts anew
before = memory("VmRSS")
found = index.search(queries, k)
print(memory("VmHWM") - before - found[0].nbytes - found[1].nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux' /proc")
@pytest.mark.parametrize("threads", [1, 2])
def test_below_a_megabyte_per_thread(threads):
    program = PROGRAM.format(threads=threads)
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "clear_refs" in run.stderr:
        pytest.skip("this system does not let a process reset its peak")
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < threads * 2**20
