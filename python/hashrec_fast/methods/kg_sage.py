# SPDX-License-Identifier: Apache-2.0
"""KG-SAGE: codes from a knowledge graph and interactions; this package's own.

It stands where the survey has H-SAGE (Applied Intelligence 2023), which learns no codes of users
and items: it hashes guided walks over a knowledge graph into buckets, and cannot be rebuilt from
its abstract. Here GraphSAGE means over triples, with a weight vector for each relation, describe
the items.
"""

from hashrec_fast.binarizers import SignSwish
from hashrec_fast.losses import BCE, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import KnowledgeSAGE
from hashrec_fast.training import BackwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="KG-SAGE",
    title="GraphSAGE over knowledge-graph triples with signs in the loop",
    venue="hashrec_fast",
    year=2026,
    task="side information",
    tower=KnowledgeSAGE(),
    objective=(BCE(sharpness=10.0),),
    constraints=(L2(weight=1e-4),),
    strategy=BackwardApproximation(
        gradient=SignSwish(beta=5.0),
        solver=Gradient(
            sampler=Pairs(batch_size=2048, negatives=4), epochs=100, learning_rate=1e-2, patience=4
        ),
    ),
    fidelity="own",
)
