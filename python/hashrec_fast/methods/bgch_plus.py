# SPDX-License-Identifier: Apache-2.0
"""BGCH+-like: layered codes with contrasted noisy views (after Chen et al., TKDE 2024).

Two-stage with a backward approximation. Known from its abstract alone: BGCH without dispersion and
cross-entropy, but with InfoNCE between two noisy views of features and of codes.
"""

from dataclasses import replace

from hashrec_fast.losses import BPR, InfoNCE
from hashrec_fast.methods.bgch import RECIPE as BGCH

RECIPE = replace(
    BGCH,
    name="BGCH+-like",
    title="Towards Effective Top-N Hamming Search via Bipartite Graph Contrastive Hashing",
    venue="TKDE",
    year=2024,
    reference=92,
    tower=replace(BGCH.tower, projection=False, dispersion=None, noise=0.1),
    objective=(BPR(sharpness=3.0), InfoNCE(code_weight=0.01, feature_weight=0.01)),
    fidelity="reconstruction: form of the noise, weights, temperature and defaults are ours",
)
