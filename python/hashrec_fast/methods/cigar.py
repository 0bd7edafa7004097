# SPDX-License-Identifier: Apache-2.0
"""CIGAR: candidates by HashRec's codes, ordered by a float model (CIKM 2019), survey reference 68.

The float model is BPR-MF with 50 factors; half of its negatives are the user's own candidates. The
paper finds candidates by multi-index hashing (``index="multi_index"``); all indexes can be used.
"""

from dataclasses import replace

from hashrec_fast.methods.hashrec import RECIPE as HASHREC
from hashrec_fast.training import FloatReranker

RECIPE = replace(
    HASHREC,
    name="CIGAR",
    reranker=FloatReranker(candidates=200, hard=0.5, n_factors=50),
)
