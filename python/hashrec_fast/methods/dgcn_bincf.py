# SPDX-License-Identifier: Apache-2.0
"""DGCN-BinCF-like: a binary factorisation taught by a graph network (Wang et al., IJCAI 2019).

Pairwise, two-stage with a forward approximation. A LightGCN is trained first; the codes learn its
best items beside the labels, and noise and a growing penalty bring their values to signs.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, RankingDistillation, StochasticPenalty
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding, Propagation
from hashrec_fast.training import ForwardApproximation, Gradient, GraphTeacher, Pairs

RECIPE = Recipe(
    name="DGCN-BinCF-like",
    title="Binarized Collaborative Filtering with Distilling Graph Convolutional Networks",
    venue="IJCAI",
    year=2019,
    tower=Embedding(),
    objective=(BPR(sharpness=10.0), RankingDistillation(sharpness=10.0), StochasticPenalty()),
    teacher=GraphTeacher(
        tower=Propagation(layers=3),
        solver=Gradient(sampler=Pairs(batch_size=2048), epochs=100, learning_rate=5e-3),
    ),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(start=1.0)),
        solver=Gradient(sampler=Pairs(batch_size=2048), epochs=100, learning_rate=5e-3),
    ),
    fidelity="reconstruction: after the abstract; the teacher is a LightGCN, the list distillation "
    "is BiGeaR's, the penalty's form, schedule and all numbers are ours",
)
