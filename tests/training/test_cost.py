# SPDX-License-Identifier: Apache-2.0
"""What one step sees and lowers: scores, weights, sides that wait."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.binarizers import Identity, SignSwish, Step, Straight
from hashrec_fast.contracts import Solution, Terms
from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.losses import (
    BCE,
    BPR,
    L2,
    MSE,
    Balance,
    Loss,
    SmoothRecall,
    SquaredHinge,
    Weighted,
)
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import (
    Cosine,
    Hamming,
    InnerProduct,
    LayerScaled,
    Projected,
)
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.towers import Embedding, Propagation, TowerData
from hashrec_fast.training import (
    BackwardApproximation,
    Blocks,
    Catalogue,
    FloatFactors,
    Gradient,
    Observed,
    Pairs,
    UserLists,
)

torch = pytest.importorskip("torch")
FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}


@pytest.fixture
def data(rng):
    return sp.csr_matrix((rng.random((12, 9)) < 0.4) * rng.integers(1, 6, (12, 9)).astype(float))


def view_of(data, sampler, similarity, binarizer, tower=None, blocks=None, n_bits=6):
    """The first step's view."""
    from hashrec_fast.training.step import StepView

    torch.manual_seed(0)
    network = (tower or Embedding()).build(TowerData(data, SideInfo(), n_bits, 1))
    network.blocks = blocks or network.blocks
    batch = next(iter(sampler.batches(data, np.random.default_rng(1))))
    step = Step(epoch=0, epochs=2, blocks=network.blocks)
    network.begin()
    return StepView(network, batch, step, binarizer, similarity, RatingScale.of(data))


SIMILARITIES = [Hamming(), Projected(), LayerScaled(), InnerProduct(), Cosine()]


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("sampler", [Pairs(negatives=3), Blocks(users=5), UserLists()])
def test_training_scores_are_the_scores_of_factors_and_search(data, similarity, sampler):
    """Scores in the loop, dense factors for evaluation and the index's own are the same."""
    real = isinstance(similarity, InnerProduct)
    rule = Identity() if real else Straight()
    blocks = None
    if isinstance(similarity, LayerScaled):
        rule, blocks = SignSwish(scale="row"), (4, 2)
    view = view_of(data, sampler, similarity, rule, blocks=blocks)
    everything = view_of(data, Blocks(users=0, items=0), similarity, rule, blocks=blocks)
    rows = {side: real.detach().numpy() for side, real in everything.real.items()}
    if real:
        fitted = Solution(*(similarity.exported(rows[side]) for side in ("user", "item")))
    else:
        fitted = BackwardApproximation(gradient=rule, solver=Gradient())._finish(
            rows["user"], rows["item"], blocks or (6,)
        )
    dense = similarity.factors(fitted, 6)
    if dense is None:
        dense = (fitted.user, fitted.item)
        if not real:
            dense = (hf.unpack(fitted.user, 6), hf.unpack(fitted.item, 6))
    expected = dense[0].astype(float) @ dense[1].astype(float).T
    got = view.scores.detach().numpy() / similarity.unit(6)
    users, items = view.batch.users.numpy(), view.batch.items.numpy()
    wanted = expected[users[:, None], items]
    if isinstance(similarity, Projected):  # factors drop a constant of the user
        got, wanted = (x - x[:, :1] for x in (got, wanted))
    np.testing.assert_allclose(got, wanted, atol=1e-5)
    if not real:
        index = hf.LinearScan(n_bits=6)
        index.add(fitted.item)
        scores, ids = similarity.search(index, fitted.user, 9, fitted, np.arange(12))
        found = np.take_along_axis(expected, ids, axis=1)
        if isinstance(similarity, Projected):
            scores, found = (x - x[:, :1] for x in (scores, found))
        np.testing.assert_allclose(scores, found, atol=1e-5)


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=lambda part: type(part).__name__)
def test_the_catalogue_sees_the_same_scores(data, similarity):
    view = view_of(data, Catalogue(), similarity, Identity())
    user, item = view.vectors(view.codes)
    scores = (user @ item.T) / 6
    differences = (scores - view.scores) - (scores - view.scores)[:, :1]
    assert differences.abs().max() < 1e-5


def test_terms_that_anneal_do_so_on_lists_too():
    from hashrec_fast.training.cost import objective_value

    loss = SmoothRecall(n=2.0)
    # The mean over lists is not the mean over pairs, so all users must have as many positives
    even = sp.csr_matrix(np.roll(np.eye(9), 1, axis=1) + np.eye(9))
    pairs = [
        objective_value(loss, view_of(even, sampler, Hamming(), Straight())).item()
        for sampler in (Blocks(users=0, items=0), Catalogue(pairs=1000))
    ]
    assert pairs[0] == pytest.approx(pairs[1], rel=1e-5)
    assert 0 < pairs[0] < 1


class Total(Loss):
    """A term over whole batches."""

    samples = "batch"
    differentiable = True

    def cost(self, view):
        return view.real["user"].square().sum()


def test_weighted_terms(data):
    from hashrec_fast.training.cost import cost_of, objective_value

    def build(tower=None):
        return view_of(data, Pairs(negatives=2), Hamming(), Straight(), tower or Propagation())

    view = build()
    plain = objective_value(BPR(), view)
    torch.testing.assert_close(objective_value(Weighted(loss=BPR(), weight=3.0), view), 3 * plain)
    torch.testing.assert_close(
        objective_value(Weighted(loss=Total(), weight=0.5), view), 0.5 * Total().cost(view)
    )
    # "base": layer 0 instead of the readout, and no signs
    users, items = view.batch.users, view.batch.items
    nodes = view.network.nodes
    rows = nodes[users][:, None, :] * nodes[items + 12]
    expected = BCE().value(rows.sum(2) / 6, view.relevance("labels"), view.batch.mask).mean()
    got = objective_value(Weighted(loss=BCE(), weight=2.0, on="base"), view)
    torch.testing.assert_close(got, 2 * expected)
    terms = Terms((BPR(), Weighted(loss=BCE(), weight=2.0, on="base")), (L2(weight=0.3),))
    whole = plain + 2 * expected
    for side in ("user", "item"):
        whole = whole + 0.3 * L2().penalty(view.base[side])
    torch.testing.assert_close(cost_of(terms, view), whole)


def test_what_cannot_be_weighted_is_refused():
    with pytest.raises(ValueError, match="not weighted again"):
        Weighted(loss=Weighted(loss=BPR()))
    with pytest.raises(ValueError, match="Total chooses its rows by itself"):
        Weighted(loss=Total(), on="base")
    with pytest.raises(ValueError, match="SquaredHinge has no differentiable value"):
        Recipe(
            **FACTS,
            tower=Embedding(),
            objective=(Weighted(loss=SquaredHinge()),),
            strategy=FloatFactors(solver=Gradient()),
        )


@pytest.mark.parametrize("waiting", ["user", "item"])
def test_the_waiting_side_does_not_learn(data, waiting):
    from hashrec_fast.training.cost import cost_of

    batches = Blocks(alternate=True).batches(data, np.random.default_rng(0))
    batch = next(b for b in batches if b.train_side != waiting)
    view = view_of(data, Blocks(), Hamming(), Straight())
    view.batch = batch
    terms = Terms((MSE(),), (L2(weight=1.0), Balance(weight=1.0)))
    cost_of(terms, view).backward()
    learning = "item" if waiting == "user" else "user"
    assert getattr(view.network, waiting).grad is None
    assert getattr(view.network, learning).grad.abs().sum() > 0


def test_padding_adds_nothing(data):
    from hashrec_fast.training.cost import objective_value

    view = view_of(data, UserLists(negatives=1.0), Hamming(), Identity())
    assert not view.batch.mask.all()
    for loss in (BCE(), MSE()):
        mask, relevance = view.batch.mask, view.relevance(loss.relevance)
        expected = loss.value(view.scores, relevance, mask)[mask].mean()
        torch.testing.assert_close(objective_value(loss, view), expected)


def test_codes_do_not_depend_on_the_threads(monkeypatch):
    """Batches so large that torch takes several threads for them."""
    from hashrec_fast.training import loop

    monkeypatch.setattr(loop, "SMALL", 0)
    made = hf.data.generate(n_users=120, n_items=100, random_state=0).user_items
    solver = Gradient(sampler=Pairs(batch_size=2048), epochs=1, learning_rate=0.01)
    for tower, strategy in (
        (Embedding(), FloatFactors(solver=solver)),
        (Propagation(), BackwardApproximation(solver=solver)),
    ):
        recipe = Recipe(**FACTS, tower=tower, objective=(BPR(),), strategy=strategy)
        found = []
        for threads in (1, 2, 3):
            made_model = hf.FloatRecommender if not recipe.is_binary else hf.HashRecommender
            model = made_model(recipe, n_bits=64, random_state=0, num_threads=threads)
            model.fit(made, show_progress=False)
            found.append(model.fitted_)
        for other in found[1:]:
            np.testing.assert_array_equal(found[0].user, other.user)
            np.testing.assert_array_equal(found[0].item, other.item)
    assert not torch.are_deterministic_algorithms_enabled()


def test_observed_pairs_alone_are_ratings(data):
    view = view_of(data, Observed(), Hamming(), Straight())
    values = view.batch.values.numpy()
    expected = 2 * (values - 1) / 4 - 1
    np.testing.assert_allclose(view.relevance("targets").numpy(), expected, atol=1e-6)
    assert dataclasses.asdict(view.scale) == {"low": 1.0, "high": 5.0}
