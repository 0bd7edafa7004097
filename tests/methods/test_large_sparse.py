# SPDX-License-Identifier: Apache-2.0
"""No method ever makes a users x items array: 10^5 x 10^5 under a limit that forbids it."""

import json
import subprocess
import sys

import pytest

import hashrec_fast as hf

# These scan all codes or vectors for every row: minutes at this size
SCANS = {"wdcf", "bigear", "dgcn_bincf", "bihgh"}
# These share tower and sampler with one that is tested
ALIKE = {"aecf", "aecf_sst", "bgch", "bivae_b", "ccsr_sst", "cigar", "djsrh_sst", "fhn_plus"}
ALIKE |= {"hcfrec_no_c"}
METHODS = [
    pytest.param(m, marks=pytest.mark.slow) if m in SCANS | ALIKE else m
    for m in hf.available_methods()
    if hf.describe(m)["strategy"] != "float"
]
LIMIT = 9_000_000_000  # bytes; a byte per pair would be 10^10

SCRIPT = """
import json, resource, sys
import numpy as np
import scipy.sparse as sp
import hashrec_fast as hf

name, limit = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
facts = hf.describe(name)
n, nnz = 100_000, 2_000 if facts["solver"] == "Gradient" else 100_000
rng = np.random.default_rng(0)

def pairs(values):
    matrix = sp.csr_matrix((values, (rng.integers(0, n, nnz), rng.integers(0, n, nnz))), (n, n))
    matrix.sum_duplicates()
    matrix.data = np.clip(matrix.data, 1, 5)
    return matrix

matrix = pairs(rng.integers(1, 6, nnz).astype(np.float64))
views = [sp.random(n, 50, 0.02, format="csr", random_state=rng) for _ in range(2)]
everything = {"item_features": views, "user_features": views, "social": pairs(np.ones(nnz)),
              "examined": pairs(np.ones(nnz)), "timestamps": matrix,
              "kg": np.column_stack([rng.integers(0, n, nnz), rng.integers(0, 3, nnz),
                                     rng.integers(0, n, nnz)]),
              "outfits": sp.csr_matrix((np.ones(n), (np.arange(n), np.arange(n) % 100))),
              "garment_features": [sp.random(100, 50, 0.1, format="csr", random_state=rng)] * 2,
              "garment_attributes": sp.random(100, 9, 0.5, format="csr", random_state=rng) > 0}
side = {key: everything[key] for key in facts["side_info"]["uses"]}
model = hf.create(name, n_bits=8, random_state=0)
few = {"rounds", "start_rounds", "iterations", "walks", "mf_rounds", "start_passes"}
few |= {"polish_sweeps", "epochs", "steps"}
short = {key: 1 for key in model.get_params() if key.rsplit("__", 1)[-1] in few}
short |= {key: 1.0 for key in model.get_params() if key.endswith("path__decrement")}
sizes = [f"sampler__{name}" for name in ("batch_size", "users", "items")]
short |= {key: 256 for key in sizes if model.get_params().get(key)}
short |= {key: (16,) for key in ("tower__hidden", "tower__decoder") if model.get_params().get(key)}
model.set_params(**short).fit(matrix, side_info=side or None, show_progress=False)
print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""


@pytest.mark.parametrize("name", METHODS)
def test_large_and_sparse(name):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(LIMIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert json.loads(run.stdout)["peak"] < 2_000_000_000
