# SPDX-License-Identifier: Apache-2.0
"""FHN+-like: discrete content-based tensor factorization (Lu et al., TMM 2023), survey ref. 84.

Pairwise, two-stage with a forward approximation. FHN whose score also sums, over pairs of
garments, the products of the user's and both garments' bits.

Experimental: no data set of users and outfits is at hand, so it has only seen generated data.
"""

from dataclasses import replace

from hashrec_fast.methods.fhn import RECIPE as FHN

RECIPE = replace(
    FHN,
    name="FHN+-like",
    title="Personalized Fashion Recommendation With Discrete Content-Based Tensor Factorization",
    venue="IEEE TMM",
    year=2023,
    reference=84,
    tower=replace(FHN.tower, triples=True),
    fidelity="reconstruction: experimental, generated data only; the terms of user, garment and "
    "garment are ours after the abstract, all else and what is exported as fhn",
)
