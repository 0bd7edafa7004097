# SPDX-License-Identifier: Apache-2.0
"""Any loss, strategy and tower train through one loop: what is allowed does, the rest is refused.

Every combination is fitted for an epoch on 12 users and 10 items. Every parameter of the tower must
get a gradient; released code of several papers forgot some.
"""

import pytest
from small_parts import (
    BACKWARD,
    CANCELS,
    DIFFERENCES,
    FACTS,
    FORWARD,
    STRATEGIES,
    TERMS,
    TOWERS,
    TRAINS,
    WHOLE,
    made,
    side_info,
    train,
)

from hashrec_fast import losses
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Biased, Cosine, Hamming, LayerScaled, Projected
from hashrec_fast.towers import Embedding, Outfits
from hashrec_fast.training import (
    BackwardApproximation,
    Blocks,
    Catalogue,
    FloatFactors,
    ForwardApproximation,
    Gradient,
    GraphTeacher,
    Observed,
    Pairs,
    UserLists,
)

torch = pytest.importorskip("torch")
from hashrec_fast.training import loop  # noqa: E402


@pytest.fixture
def gradients(monkeypatch):
    """Sizes of the gradients of the network trained last, summed over its steps."""
    found = {}
    descend = loop._descend

    def watched(optimizer, network, cost, *rest):
        if found.get("network") is not network:
            found.clear()
            found["network"] = network
        result = descend(optimizer, network, cost, *rest)
        for key, parameter in network.named_parameters():
            if parameter.grad is not None:
                assert torch.isfinite(parameter.grad).all(), key
                size = float(parameter.grad.abs().sum())
                found[key] = found.get(key, 0.0) + size
            else:
                found.setdefault(key, 0.0)
        return result

    monkeypatch.setattr(loop, "_descend", watched)
    return found


def objective_of(name, tower):
    """The term with what it cannot do without: a score loss, and what trains all of the tower."""
    names = [name] if TERMS[name].samples != "batch" or name in WHOLE else ["BCE", name]
    names += [TRAINS[part] for part in sorted(tower.only_by_terms) if TRAINS[part] not in names]
    return tuple(TERMS[each] for each in names)


def sampler_of(name):
    return Observed() if name == "SimilarityReconstruction" else Pairs(negatives=3)


def forgotten(found):
    """Parameters without a gradient, or with one that is nothing but rounding."""
    sizes = {key: size for key, size in found.items() if key != "network"}
    return {key for key, size in sizes.items() if size <= 1e-6 * min(1.0, max(sizes.values()))}


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("tower", TOWERS)
def test_every_loss(tower, name, gradients):
    part = TOWERS[tower]
    kind, parts = STRATEGIES[name]
    strategy = kind(solver=Gradient(), **parts)
    if part.item_constants and (strategy.scales_rows or not strategy.is_binary):
        with pytest.raises(ValueError, match=r"does not agree|ranks codes only"):
            made(part, name, (TERMS["BPR"],))
        return
    for loss, term in TERMS.items():
        objective = objective_of(loss, part)
        missing = term.asks - part.abilities
        if missing:
            with pytest.raises(ValueError, match=f"{loss} asks the tower for {min(missing)}"):
                made(part, name, objective)
            continue
        train(made(part, name, objective, sampler_of(loss)))
        lost = forgotten(gradients) - (CANCELS if term.samples in DIFFERENCES else set())
        assert not lost, (loss, lost)


SAMPLERS = {
    "observed": Observed(batch_size=20),
    "negatives": Observed(batch_size=20, negatives=2),
    "pairs": Pairs(negatives=3),
    "users": Pairs(negatives=3, weight="user"),
    "lists": UserLists(users=6, negatives=1.0),
    "blocks": Blocks(users=6, items=5),
    "rated": Blocks(users=6, items=5, observed_only=True),
    "turns": Blocks(users=6, items=5, alternate=True),
    "catalogue": Catalogue(pairs=20),
}


def served(term, sampler):
    """Whether a sampler gives what a term looks at, said once more in other words than the code."""
    if isinstance(sampler, Catalogue):
        return isinstance(term, losses.SmoothRecall) or (
            term.samples == "batch" and not term.batches
        )
    if term.samples == "pairwise" or isinstance(term, losses.AdversarialRanking):
        return isinstance(sampler, Pairs)
    return term.samples != "listwise" or not isinstance(sampler, Observed)


@pytest.mark.parametrize("loss", TERMS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler(sampler, loss, gradients):
    term, part = TERMS[loss], SAMPLERS[sampler]
    tower = next(t for t in TOWERS.values() if term.asks <= t.abilities and not t.item_constants)
    objective = objective_of(loss, tower)
    if isinstance(part, Catalogue) and objective[0] is TERMS["BCE"] and len(objective) > 1:
        objective = (TERMS["SmoothRecall"], *objective[1:])
    name = "backward-SignSwish"
    if not all(served(each, part) for each in objective):
        with pytest.raises(ValueError, match=r"looks at .* samples, but .* gives"):
            made(tower, name, objective, part)
        return
    recipe = made(tower, name, objective, part)
    if loss == "SimilarityReconstruction" and not isinstance(part, Observed):
        with pytest.raises(ValueError, match="wants one item a list"):
            train(recipe)
        return
    train(recipe)
    assert not forgotten(gradients)


@pytest.mark.parametrize("name", ["forward-Tanh", "backward-SignSwish", "float-Identity"])
@pytest.mark.parametrize("loss", [k for k, v in TERMS.items() if v.samples != "batch"])
def test_the_parameters_behind_the_codes(loss, name, gradients):
    """Beside a loss of the codes, the same or another one of the tower's free parameters."""
    for tower in ("lightgcn", "sage", "attention", "knowledge"):
        objective = (TERMS["BPR"], losses.Weighted(loss=TERMS[loss], weight=0.5, on="base"))
        train(made(TOWERS[tower], name, objective))
        assert not forgotten(gradients) - CANCELS


def strategy(name):
    kind, parts = STRATEGIES[name]
    return kind(solver=Gradient(), **parts)


SIMILARITIES = (Hamming(), Cosine(), Projected(), LayerScaled(), Biased())


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_similarity(name, similarity):
    chosen = strategy(name)
    scaled, codes = isinstance(similarity, LayerScaled), chosen.is_binary
    for tower in (Embedding(), TOWERS["layers"], TOWERS["outfits"]):
        fits = isinstance(similarity, Biased) == isinstance(tower, Outfits)
        fits &= scaled == name.endswith("-row")
        fits &= codes or isinstance(similarity, (Hamming, Cosine))
        parts = {"tower": tower, "objective": (TERMS["BPR"],), "strategy": chosen}
        if not fits:
            with pytest.raises(ValueError, match=r"does not agree|ranks codes only"):
                Recipe(**FACTS, **parts, similarity=similarity)
            continue
        solver = Gradient(sampler=Pairs(negatives=3), epochs=1)
        parts["strategy"] = STRATEGIES[name][0](solver=solver, **STRATEGIES[name][1])
        train(Recipe(**FACTS, **parts, similarity=similarity))


@pytest.mark.parametrize("tower", [k for k, v in TOWERS.items() if v.only_by_terms])
def test_parts_that_nothing_trains_are_refused(tower):
    with pytest.raises(ValueError, match=r"has a .* that no term of the objective trains"):
        made(TOWERS[tower], "forward-Tanh", (TERMS["BPR"],))


@pytest.mark.parametrize("tower", [k for k, v in TOWERS.items() if v.needs])
def test_missing_side_information_is_refused(tower):
    part = TOWERS[tower]
    recipe = made(part, "forward-Tanh", objective_of("BPR", part))
    for missing in part.needs:
        side = {name: value for name, value in side_info().items() if name != missing}
        with pytest.raises(ValueError, match=rf"needs side_info\['{missing}'\]"):
            train(recipe, side)


def test_rules_stand_in_their_own_strategies():
    for rule in FORWARD:
        with pytest.raises(ValueError, match="puts no signs into the loop"):
            BackwardApproximation(gradient=rule, solver=Gradient()).check((TERMS["BPR"],), ())
    for rule in BACKWARD:
        with pytest.raises(ValueError, match="puts signs into the loop"):
            ForwardApproximation(activation=rule, solver=Gradient()).check((TERMS["BPR"],), ())
        with pytest.raises(ValueError, match="FloatFactors has none"):
            FloatFactors(activation=rule, solver=Gradient()).check((TERMS["BPR"],), ())


def test_terms_without_a_gradient_are_refused():
    every = [getattr(losses, name) for name in losses.__all__]
    terms = [part for part in every if isinstance(part, type) and issubclass(part, losses.Loss)]
    bases = (losses.Loss, losses.BatchTerm, losses.Weighted)
    able = {part.__name__ for part in terms if part.differentiable is True and part not in bases}
    assert able == set(TERMS)  # so that a new loss comes into the grid
    for part in (part for part in terms if part.differentiable is False):
        with pytest.raises(ValueError, match="has no differentiable value"):
            made(Embedding(), "forward-Tanh", (part(),))


def test_what_only_training_tells():
    parts = {"objective": (TERMS["BPR"], TERMS["RankingDistillation"]), "tower": TOWERS["lightgcn"]}
    solver = Gradient(epochs=1)
    strategy = ForwardApproximation(solver=solver)
    with pytest.raises(ValueError, match="follows a teacher, got teacher=None"):
        Recipe(**FACTS, **parts, strategy=strategy)
    layered = GraphTeacher(tower=TOWERS["layers"], solver=solver)
    taught = Recipe(**FACTS, **parts, strategy=strategy, teacher=layered)
    with pytest.raises(ValueError, match="the teacher's rows have 3 blocks and those of the codes"):
        train(taught)
    ranked = made(TOWERS["outfits"], "forward-Tanh", (TERMS["SmoothRecall"],), Catalogue())
    with pytest.raises(ValueError, match="cannot be ranked among the whole catalogue"):
        train(ranked)
