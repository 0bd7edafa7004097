# SPDX-License-Identifier: Apache-2.0
"""BiGeaR: layered codes that follow a float teacher's lists (Chen et al., KDD 2022).

Survey reference 78, two-stage with a backward approximation: the teacher, a LightGCN with its
layers side by side, is trained first; the codes start from its vectors and learn its best items
layer by layer.
"""

from hashrec_fast.binarizers import Gauss
from hashrec_fast.losses import BPR, L2, RankingDistillation
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import LayerScaled
from hashrec_fast.towers import Propagation
from hashrec_fast.training import BackwardApproximation, Gradient, GraphTeacher, Pairs

RECIPE = Recipe(
    name="BiGeaR",
    title="Learning Binarized Graph Representations with Multi-faceted Quantization Reinforcement "
    "for Top-K Recommendation",
    venue="KDD",
    year=2022,
    reference=78,
    tower=Propagation(layers=2, readout="layers", layer_weights="rising"),
    objective=(BPR(sharpness=1.0), RankingDistillation()),
    constraints=(L2(weight=1e-4),),
    similarity=LayerScaled(),
    teacher=GraphTeacher(
        solver=Gradient(sampler=Pairs(batch_size=4096), epochs=60, learning_rate=5e-3), lists=50
    ),
    strategy=BackwardApproximation(
        gradient=Gauss(scale="row"),
        solver=Gradient(
            sampler=Pairs(batch_size=4096, weight="user"), epochs=40, learning_rate=2e-3
        ),
    ),
    fidelity="faithful",
)
