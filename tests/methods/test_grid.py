# SPDX-License-Identifier: Apache-2.0
"""Every loss with every strategy and solver: what is allowed trains, the rest is refused."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast import losses, quantizers, solvers, training
from hashrec_fast.data.side_inputs import NAMES
from hashrec_fast.recipe import Recipe

LOSSES = [
    part
    for part in (getattr(losses, name) for name in losses.__all__)
    if isinstance(part, type) and issubclass(part, losses.Loss) and part is not losses.Loss
]
SOLVERS = [
    part
    for part in (getattr(solvers, name) for name in solvers.__all__)
    if isinstance(part, type) and hasattr(part, "read") and hasattr(part, "solve")
]
CODES = [part for part in SOLVERS if not getattr(part, "real", False)]
REAL = [part for part in SOLVERS if getattr(part, "real", False)]
TAKES = {
    solvers.BoxALS: {"MSE"},
    solvers.ComponentDCD: {"CompositionalSquare"},
    solvers.DCD: {
        *("MSE", "Logistic", "RestSquare", "ScoreNorm", "SocialCodes", "AttentiveFriends"),
        *("BehaviourSquare", "OutfitSquare"),
    },
    solvers.DFM: {"FMSquare"},
    solvers.FederatedDCD: {"MSE"},
    solvers.ImplicitALS: {"ConfidenceSquare"},
    solvers.ListwiseDCD: {"PlackettLuce"},
    solvers.MultiViewALM: {"RotatedFactors"},
    solvers.OrthogonalFactors: {"TraceAgreement"},
    solvers.PPHALS: {"MSE"},
    solvers.PairwiseDCD: {"PairwiseSquare"},
    solvers.RatingALS: {"MSE"},
    solvers.SelfPacedDCD: {"PairwiseEntropy"},
    solvers.WholeDataDCD: {"WholeDataSquare", "SquaredHinge", "SoftPositives"},
}
"""What each solver optimises, said here once more: a role must not let in what it should not."""
PARTNER = {solvers.DCD: losses.MSE, solvers.WholeDataDCD: losses.WholeDataSquare}
QUANTIZERS = [
    part
    for part in (getattr(quantizers, name) for name in quantizers.__all__)
    if part is not quantizers.Quantizer
]


def toy():
    rng = np.random.default_rng(0)
    return sp.csr_matrix((rng.random((20, 15)) < 0.4).astype(np.float32))


def recipe(objective, strategy, **parts):
    facts = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
    return Recipe(**facts, objective=objective, strategy=strategy, **parts)


def quick(solver):
    """The solver with as few rounds as it has names for."""
    fields = {field.name for field in dataclasses.fields(solver)}
    few = dict.fromkeys(("rounds", "start_rounds", "iterations", "polish_sweeps"), 1)
    return dataclasses.replace(solver, **{k: v for k, v in few.items() if k in fields})


def train(made):
    rng = np.random.default_rng(1)
    shapes = {"item_features": (15, 3), "user_features": (20, 3), "social": (20, 20)}
    side = {
        name: sp.csr_matrix(rng.random(shapes.get(name, (20, 15))) < 0.5, dtype=np.float64)
        for name in NAMES
        if name in made.uses
    }
    kind = hf.create("dcf") if made.is_binary else hf.create("ials")
    model = type(kind)(made, n_bits=8, random_state=0, num_threads=1)
    model.fit(toy(), side_info=side or None, show_progress=False)
    assert len(model.recommend(0, N=3)[0]) == 3
    assert model.history_


@pytest.mark.parametrize("loss", LOSSES, ids=lambda part: part.__name__)
@pytest.mark.parametrize("solver", CODES, ids=lambda part: part.__name__)
def test_one_stage(loss, solver):
    strategy = training.OneStage(solver=quick(solver()))
    if not (loss.quadratic or loss.majorised):
        with pytest.raises(ValueError, match="neither a quadratic form nor a majoriser"):
            recipe((loss(),), strategy)
        return
    if loss.__name__ not in TAKES[solver]:
        with pytest.raises(ValueError, match=f"cannot optimise {loss.__name__}"):
            recipe((loss(),), strategy)
        return
    objective = [loss()]
    if not loss.main:
        with pytest.raises(ValueError, match=f"{loss.__name__} means nothing alone"):
            recipe((loss(),), strategy)
        objective.insert(0, PARTNER[solver]())
    taught = getattr(loss, "needs_teacher", False)
    parts = {"teacher": quick(solvers.ImplicitALS(n_factors=4))} if taught else {}
    train(recipe(tuple(objective), strategy, **parts))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda part: part.__name__)
@pytest.mark.parametrize("solver", REAL, ids=lambda part: part.__name__)
def test_forward(loss, solver):
    quick_one = quick(solver())
    forward = [training.ForwardApproximation(solver=quick_one, quantizer=q()) for q in QUANTIZERS]
    for strategy in (training.FloatFactors(solver=quick_one), *forward):
        if loss.__name__ in TAKES[solver]:
            train(recipe((loss(),), strategy))
            continue
        with pytest.raises(ValueError, match=rf"{solver.__name__} cannot optimise {loss.__name__}"):
            recipe((loss(),), strategy)


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda part: part.__name__)
def test_codes_are_not_quantised_and_factors_are(solver):
    if solver in REAL:
        with pytest.raises(ValueError, match=r"gives real factors.* use ForwardApproximation"):
            recipe((losses.MSE(),), training.OneStage(solver=solver()))
    else:
        with pytest.raises(ValueError, match=r"gives codes, there is nothing to quantise"):
            recipe((losses.MSE(),), training.ForwardApproximation(solver=solver()))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda part: part.__name__)
def test_proximal(loss):
    path = training.GnccpPath(decrement=1.0, iterations=1)
    strategy = training.Proximal(solver=training.GNCCP(path=path, polish_sweeps=1))
    if loss.differentiable and loss.samples != "batch":
        train(recipe((loss(),), strategy))
        return
    with pytest.raises(ValueError, match="no differentiable value"):
        recipe((loss(),), strategy)


def test_every_kind_of_sample_is_there():
    kinds = {loss().samples for loss in LOSSES if loss.differentiable}
    assert kinds == {"pointwise", "pairwise", "listwise", "batch"}


def test_proximal_refuses_what_it_cannot_use():
    strategy = training.Proximal(solver=training.GNCCP())
    with pytest.raises(ValueError, match="minimises one loss, got 2"):
        recipe((losses.BCE(), losses.MSE()), strategy)
    with pytest.raises(ValueError, match="minimises one loss, got 0"):
        recipe((), strategy)
    facts = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
    with pytest.raises(ValueError, match="GNCCP cannot optimise BalanceDecorrelation"):
        Recipe(
            **facts,
            objective=(losses.BCE(),),
            constraints=(losses.BalanceDecorrelation(),),
            strategy=strategy,
        )
    for bad in ({"decrement": 0.0}, {"rule": "golden"}, {"update": "x"}, {"scaling": "x"}):
        with pytest.raises(ValueError, match="must be"):
            training.GnccpPath(**bad)


def test_devices_are_the_strategy_s_affair():
    with pytest.raises(ValueError, match=r"one-stage method runs on device='cpu' only"):
        hf.create("dcf", device="cuda").fit(toy(), show_progress=False)
    with pytest.raises(ValueError, match="device must be 'cpu' or 'cuda', got 'tpu'"):
        hf.create("dlpr", device="tpu").fit(toy(), show_progress=False)
    torch = pytest.importorskip("torch")
    model = hf.create("dlpr", n_bits=8, device="cuda", random_state=0)
    if torch.cuda.is_available():
        model.fit(toy(), show_progress=False).recommend(0)
    else:
        with pytest.raises(ValueError, match="torch sees 0 CUDA devices"):
            model.fit(toy(), show_progress=False)
