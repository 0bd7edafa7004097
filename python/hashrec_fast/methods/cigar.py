# SPDX-License-Identifier: Apache-2.0
"""CIGAR: candidates by HashRec's codes, ordered by a float model (CIKM 2019), survey reference 68.

The float model is BPR-MF with 50 factors; half of its negatives are the user's own candidates. The
paper finds candidates by multi-index hashing (``index="multi_index"``); all indexes can be used.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding
from hashrec_fast.training import FloatReranker, ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="CIGAR",
    title="Candidate Generation with Binary Codes for Large-Scale Top-N Recommendation",
    venue="CIKM",
    year=2019,
    tower=Embedding(),
    objective=(BPR(sharpness=10.0),),
    constraints=(L2(weight=1e-3),),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="sqrt", rate=10.0)),
        solver=Gradient(sampler=Pairs(batch_size=10000, weight="user"), epochs=100),
    ),
    reranker=FloatReranker(candidates=200, hard=0.5, n_factors=50),
)
