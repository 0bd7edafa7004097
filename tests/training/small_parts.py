# SPDX-License-Identifier: Apache-2.0
"""Towers, strategies and terms as small as they can be, and data on which each can be trained."""

import functools

import numpy as np
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast import binarizers as rules
from hashrec_fast import losses, quantizers
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Biased, LayerScaled
from hashrec_fast.towers import (
    AttentionHistory,
    Behaviour,
    Content,
    Dispersion,
    Embedding,
    History,
    JudgedEmbedding,
    KnowledgeSAGE,
    OutfitGraph,
    Outfits,
    Propagation,
    SampledSAGE,
    Sides,
)
from hashrec_fast.training import (
    BackwardApproximation,
    FloatFactors,
    ForwardApproximation,
    Gradient,
    GraphTeacher,
    Pairs,
)

FACTS = {
    "name": "x",
    "title": "x",
    "venue": "x",
    "year": 2026,
    "fidelity": "own",
    "feedback": "explicit",
}
M, N, F = 12, 10, 9
WIDE = {"id_width": 8, "width": 16, "start_deviation": 8.0}
"""Vectors long enough for items not to start with one code for all, which says nothing to users."""

TOWERS = {
    "embedding": Embedding(),
    "behaviour": Behaviour(),
    "lightgcn": Propagation(layers=2),
    "ngcf": Propagation(mode="ngcf", layers=2, readout="concat"),
    "layers": Propagation(
        layers=2, readout="layers", projection=True, dispersion=Dispersion(), noise=0.1
    ),
    "sage": SampledSAGE(user_neighbours=(3, 2), item_neighbours=(3,), **WIDE),
    "sage_gcn": SampledSAGE(aggregator="gcn", user_neighbours=(3,), item_neighbours=(3,), **WIDE),
    "sage_max": SampledSAGE(aggregator="max", user_neighbours=(3,), item_neighbours=(3,), **WIDE),
    "knowledge": KnowledgeSAGE(),
    "history": History(hidden=(7, 6), decoder=(6, 7), dropout=0.1),
    "flow": History(hidden=(7,), activation="tanh", variational=True, flow_steps=2),
    "attention": AttentionHistory(width=16, history=4, recent=2, friends=3, attributes=3),
    "words": Sides(item=Content(hidden=(6,), importance=True, decoder="words", word_width=4)),
    "features": Sides(user=Content(decoder="linear"), item=Content(decoder="linear")),
    "outfits": Outfits(visual_hidden=6, textual_hidden=5, triples=True),
    "outfit_graph": OutfitGraph(heads=2, width=3),
    "judged": JudgedEmbedding(),
}
FORWARD = (rules.Identity(), rules.Tanh(), rules.Erf(), rules.GumbelSign())
BACKWARD = (
    rules.Straight(),
    rules.TanhAlike(beta=1.0),
    rules.SignSwish(beta=1.0),
    rules.Fourier(half_period=8.0),
    rules.Gauss(scale="row"),
    rules.BernoulliStraight(),
    rules.DoublySemantic(),
    rules.Guided(),
    rules.Guided(inner=rules.Fourier(scale="row", half_period=8.0)),
)
QUANTIZERS = [quantizers.Median(), quantizers.ITQ(), quantizers.NormBits(), quantizers.NormLevels()]
STRATEGIES = {
    **{f"forward-{type(a).__name__}": (ForwardApproximation, {"activation": a}) for a in FORWARD},
    **{f"forward-{type(q).__name__}": (ForwardApproximation, {"quantizer": q}) for q in QUANTIZERS},
    **{
        f"backward-{type(g).__name__}{'-row' * g.scaled}": (BackwardApproximation, {"gradient": g})
        for g in BACKWARD
    },
    "float-Identity": (FloatFactors, {}),
    "float-Tanh": (FloatFactors, {"activation": rules.Tanh()}),
}
TERMS = {
    type(term).__name__: term
    for term in (
        losses.BCE(sharpness=4.0),
        losses.BoundedBCE(),
        losses.MSE(),
        losses.Poisson(),
        losses.BPR(),
        losses.Hinge(margin=5.0),  # so that no comparison is far enough apart to learn nothing
        losses.CosineContrast(margin=-5.0),
        losses.PairwiseSquare(),
        losses.NeuralAP(),
        losses.NeuralNDCG(),
        losses.PlackettLuce(),
        losses.SmoothRecall(n=3.0),
        losses.NoisyRatingSquare(),
        losses.SimilarityReconstruction(),
        losses.AdversarialRanking(pretrain=0.0),
        losses.RankingDistillation(),
        losses.Reconstruct(),
        losses.WordReconstruction(),
        losses.LinearReconstruction(),
        losses.LatentKL(),
        losses.FlowKL(),
        losses.Consistency(),
        losses.InfoNCE(),
        losses.VisualSemantic(),
        losses.CodeSimilarity(),
        losses.StochasticPenalty(),
    )
}
WHOLE = ("NoisyRatingSquare", "SimilarityReconstruction", "AdversarialRanking")
"""Terms over batches that stand alone; the others say nothing of who likes what."""
TRAINS = {
    "a decoder of rows": "Reconstruct",
    "a decoder of words": "WordReconstruction",
    "a linear decoder": "LinearReconstruction",
    "a judge": "AdversarialRanking",
}

DIFFERENCES = ("pairwise", "listwise")
CANCELS = {"head.item.linear.bias"}
"""Of the attention tower: the same is added to all items, so differences of scores lose it."""


@functools.cache
def ratings():
    rng = np.random.default_rng(0)
    seen = (rng.random((M, N)) < 0.4) | (np.arange(M)[:, None] % N == np.arange(N))
    return sp.csr_matrix(rng.integers(1, 6, (M, N)) * seen, dtype=np.float32)


@functools.cache
def side_info():
    rng = np.random.default_rng(1)

    def drawn(*shape):
        return sp.csr_matrix(rng.random(shape) < 0.5, dtype=np.float64)

    return {
        "item_features": [drawn(N, 5)],
        "user_features": [drawn(M, 4)],
        "social": drawn(M, M),
        "timestamps": sp.csr_matrix(rng.integers(1, 99, (M, N))),
        "outfits": sp.csr_matrix(np.eye(N, 7) + np.eye(N, 7, k=-3) + np.eye(7)[[0] * N] > 0),
        "garment_features": [drawn(7, 5), sp.csr_matrix(rng.random((7, 4)))],
        "garment_attributes": drawn(7, 3),
        "kg": np.column_stack([rng.integers(0, N + 4, 40), np.arange(40) % 2, np.arange(40) % 14]),
    }


def similarity_for(tower, strategy):
    if tower.item_constants:
        return Biased()
    return LayerScaled() if strategy.scales_rows else None


def made(tower, name, objective, sampler=None, **settings):
    """A recipe of the parts and the one similarity that may suit them."""
    kind, parts = STRATEGIES[name]
    solver = Gradient(sampler=sampler or Pairs(negatives=3), epochs=1, **settings)
    strategy = kind(solver=solver, **parts)
    similarity = similarity_for(tower, strategy)
    teacher = None
    if any(term.__class__ is losses.RankingDistillation for term in objective):
        layered = getattr(tower, "readout", "") == "layers"
        teacher = GraphTeacher(tower=None if layered else Embedding(), solver=Gradient(epochs=1))
    return Recipe(
        **FACTS,
        tower=tower,
        objective=objective,
        strategy=strategy,
        similarity=similarity,
        teacher=teacher,
        constraints=(losses.L2(),),
    )


def train(recipe, side=None):
    model = (hf.HashRecommender if recipe.is_binary else hf.FloatRecommender)(
        recipe, n_bits=F, random_state=0, num_threads=1
    )
    side = side_info() if side is None else side
    given = {name: value for name, value in side.items() if name in recipe.uses}
    model.fit(ratings(), side_info=given or None, show_progress=False)
    assert np.isfinite(model.history_[-1]["objective"])
    ids, scores = model.recommend(0, N=3)
    assert len(set(ids.tolist())) == 3
    assert np.isfinite(scores).all()
    return model
