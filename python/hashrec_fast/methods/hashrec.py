# SPDX-License-Identifier: Apache-2.0
"""HashRec: the candidate model of CIGAR (Kang and McAuley, CIKM 2019), survey reference 68.

Pairwise, two-stage with a forward approximation: tanh whose slope grows with the epochs.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding
from hashrec_fast.training import ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="HashRec",
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
    fidelity="faithful",
)
