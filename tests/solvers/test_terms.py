# SPDX-License-Identifier: Apache-2.0
"""Terms bind themselves: nothing is lost in silence, and terms of outsiders serve as ours do."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.binarizers import SignSwish
from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.losses import (
    MSE,
    Logistic,
    Loss,
    RestSquare,
    ScoreNorm,
    SocialCodes,
    WholeDataSquare,
)
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.solvers.data_terms import PairRequest, PairSum, Rest
from hashrec_fast.solvers.dcd import pointwise_term
from hashrec_fast.solvers.state import SignState
from hashrec_fast.towers import Embedding
from hashrec_fast.training import (
    GNCCP,
    BackwardApproximation,
    ForwardApproximation,
    Gradient,
    Observed,
    OneStage,
    Proximal,
)

FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
LEARN = Gradient(sampler=Observed(), epochs=40, learning_rate=0.05)
PACKAGE = Path(hf.__file__).parent


def ratings(n=40, seed=0):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((n, 3)), rng.standard_normal((n, 3))
    values = np.clip(np.rint(3 + a @ b.T), 1, 5) * (rng.random((n, n)) < 0.4)
    return sp.csr_matrix(values.astype(np.float32))


@dataclass(frozen=True, kw_only=True)
class MySquare(Loss):
    """A squared error of an outsider: four fifths of the target, and a weak rest at -0.3."""

    quadratic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    relevance: ClassVar[str] = "targets"
    weight: float = 1.0
    rest: float = 0.01

    def pair_sum(self, rows, request):
        assert request.n_bits == 16
        return PairSum(
            pairs=rows,
            targets=0.8 * np.clip((rows.data.astype(float) - 3) / 2, -1, 1),
            weights=np.full(rows.nnz, self.weight),
            rest=Rest(self.rest, -0.3),
        )

    def value(self, scores, relevance, mask):
        return (self.weight * (0.8 * relevance - scores) ** 2).masked_fill(~mask, 0)


@dataclass(frozen=True, kw_only=True)
class TowardsOnes:
    """A linear term of an outsider: items like the code of all ones."""

    weight: float = 1e6

    def linear_terms(self, states, context):
        return [Ones("item", self.weight)]


class Ones:
    def __init__(self, side, weight):
        self.side, self._weight = side, weight

    def linear(self, states):
        state = states[self.side]
        rows = np.zeros(state.values.shape)
        rows[:, : state.n_bits] = self._weight
        return RowLinear(rows)

    def update(self, states):
        pass

    def value(self, states):
        return 0.0

    def export(self):
        return {}


# --- nothing is lost ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "lost"),
    [
        ((MSE(), SocialCodes(weight=1000.0), RestSquare(weight=0.1)), "RestSquare"),
        ((Logistic(), MSE()), "MSE"),
        ((MSE(), Logistic()), "Logistic"),
        ((MSE(), WholeDataSquare()), "WholeDataSquare"),
    ],
)
def test_a_term_that_nobody_reads_is_refused_when_the_model_is_made(objective, lost):
    with pytest.raises(ValueError, match=f"DCD cannot optimise {lost}"):
        hf.create("dsr", objective=objective)


@pytest.mark.parametrize(
    "idle", ["squared_hinge__weight", "schedule__soft_rounds", "soft_positives__per_user"]
)
def test_a_setting_that_nothing_would_read_is_refused(idle):
    """Without a teacher the variants say what is minimised, and how."""
    value = hf.create("wdcf").get_params()[idle] + 1
    with pytest.raises(ValueError, match=f"'{idle}' of wdcf would not be read.*without_teacher"):
        hf.create("wdcf", teacher=None, **{idle: value})
    hf.create("wdcf", **{idle: value})
    hf.create("wdcf", teacher=None, without_teacher__hinge__squared_hinge__weight=0.9)
    alone = {"teacher": None, "without_teacher": ()}
    with pytest.raises(ValueError, match="SoftPositives follows a teacher, got teacher=None"):
        hf.create("wdcf", **alone)
    terms = hf.create("wdcf").recipe.objective[:2]
    if not idle.startswith("soft"):
        hf.create("wdcf", **alone, objective=terms, **{idle: value})


def test_a_teacher_of_another_kind_is_refused_when_the_model_is_made():
    with pytest.raises(ValueError, match="no use for GraphTeacher as a teacher"):
        hf.create("wdcf", teacher=hf.training.GraphTeacher())
    with pytest.raises(ValueError, match="no use for ImplicitALS as a teacher"):
        hf.create("bigear", teacher=hf.solvers.ImplicitALS())


def test_without_variants_the_recipe_itself_is_fitted():
    data = ratings()
    codes = [
        hf.create(
            "wdcf",
            **{"teacher": None, "without_teacher": (), "n_bits": 16, "random_state": 0},
            objective=hf.create("wdcf").recipe.objective[:2],
            squared_hinge__weight=weight,
        )
        .fit(data, show_progress=False)
        .item_codes_
        for weight in (0.0, 5.0)
    ]
    assert (codes[0] != codes[1]).any()


def test_a_refusal_says_what_the_solver_takes():
    with pytest.raises(ValueError, match=r"it takes squares over user-item pairs.*MSE"):
        hf.create("dcf", objective=(MSE(), WholeDataSquare()))


def test_every_solver_refuses_a_term_without_any_role():
    class Nothing:
        pass

    for name in hf.available_methods():
        recipe = hf.create(name).recipe
        with pytest.raises(ValueError, match="Nothing"):
            recipe.strategy.check(recipe.objective, (*recipe.constraints, Nothing()))


def dense_value(pairs, targets, weights, rest, norm, scores):
    stored = pairs.toarray() != 0
    value = norm * (scores**2).sum() + rest[0] * ((rest[1] - scores[~stored]) ** 2).sum()
    rows = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    return value + (weights * (targets - scores[rows, pairs.indices]) ** 2).sum()


def test_squares_of_several_terms_are_added():
    """The bound sum of four terms is their sum on dense scores, up to a constant."""
    rng, n_bits = np.random.default_rng(3), 16
    stored = ratings(12)
    parts = (
        MSE(),
        MySquare(weight=0.5, rest=0.25),
        RestSquare(weight=0.125),
        ScoreNorm(weight=0.5),
    )
    request = PairRequest(n_bits=n_bits, rng=rng)
    sums = [part.pair_sum(stored, request) for part in parts]

    data_term = pointwise_term(stored, Terms(parts), FitContext(n_bits, rng))

    def dense(users, items):
        scores = users @ items.T / n_bits
        total = 0.0
        for part in sums:
            rest = part.rest or Rest(0.0, 0.0)
            if part.pairs is None:
                total += dense_value(stored, 0.0, 0.0, rest, part.norm_weight, scores)
                continue
            weights = 1.0 if part.weights is None else part.weights
            total += dense_value(stored, part.targets, weights, rest, part.norm_weight, scores)
        return n_bits**2 * total

    gaps = []
    for _ in range(4):
        users, items = (rng.choice([-1.0, 1.0], (12, n_bits)) for _ in range(2))
        states = {"user": SignState.from_signs(users), "item": SignState.from_signs(items)}
        gaps.append(data_term.loss(states) - dense(users, items))
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9)


def test_sums_on_different_pairs_are_sums():
    """Each part's own rest counts where only the other part has a pair."""
    rng = np.random.default_rng(0)
    one, two = (sp.csr_matrix((rng.random((6, 7)) < 0.4).astype(float)) for _ in range(2))
    first = PairSum(pairs=one, targets=np.full(one.nnz, 0.5), rest=Rest(0.25, -1.0))
    second = PairSum(pairs=two, targets=np.full(two.nnz, -0.25), weights=np.full(two.nnz, 2.0))
    data_term = (first + second).data_term(4)
    gaps = []
    for _ in range(4):
        users, items = rng.choice([-1.0, 1.0], (6, 4)), rng.choice([-1.0, 1.0], (7, 4))
        states = {"user": SignState.from_signs(users), "item": SignState.from_signs(items)}
        scores = users @ items.T / 4
        dense = dense_value(one, 0.5, 1.0, (0.25, -1.0), 0.0, scores)
        dense += dense_value(two, -0.25, 2.0, (0.0, 0.0), 0.0, scores)
        gaps.append(data_term.loss(states) - 16 * dense)
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-9)


# --- terms from outside ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy",
    [
        OneStage(solver=DCD()),
        Proximal(solver=GNCCP()),
        ForwardApproximation(solver=LEARN),
        BackwardApproximation(gradient=SignSwish(), solver=LEARN),
    ],
    ids=lambda part: part.label,
)
def test_a_loss_of_an_outsider_trains_in_every_strategy(strategy):
    tower = Embedding() if strategy.follows_gradients else None
    recipe = Recipe(
        **FACTS, feedback="explicit", objective=(MySquare(),), strategy=strategy, tower=tower
    )
    data = ratings()
    model = hf.HashRecommender(recipe, n_bits=16, random_state=0, num_threads=1)
    model.fit(data, show_progress=False)
    assert model.encode_users(data[:3]).shape == (3, 1)
    users, items = (hf.unpack(rows, 16) for rows in (model.user_codes_, model.item_codes_))
    scores = (users.astype(float) @ items.T)[data.nonzero()]
    assert np.corrcoef(scores, data.data)[0, 1] > 0.5


def test_a_loss_of_an_outsider_stands_beside_ours():
    alone = hf.create("dcf", n_bits=16, random_state=0, constraints=())
    both = hf.create(
        "dcf", n_bits=16, random_state=0, constraints=(), objective=(MSE(), MySquare())
    )
    data = ratings()
    codes = [m.fit(data, show_progress=False).item_codes_ for m in (alone, both)]
    assert (codes[0] != codes[1]).any()
    assert both.encode_items(data.T.tocsr()[:2]).shape == (2, 1)


def test_a_constraint_of_an_outsider_moves_the_codes():
    model = hf.create("dcf", n_bits=16, random_state=0, constraints=(TowardsOnes(),))
    model.fit(ratings(), show_progress=False)
    assert (hf.unpack(model.item_codes_, 16) == 1).all()


# --- asked, not named -----------------------------------------------------------------------


def class_names():
    """Names of all classes of the package that could be terms."""
    found = set()
    for path in (PACKAGE / "losses").glob("*.py"):
        tree = ast.parse(path.read_text())
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return found


@pytest.mark.parametrize("room", ["solvers", "training"])
def test_no_solver_compares_the_name_of_a_class(room):
    """No string that is a term's name, nor ``__name__``, takes part in a comparison or look-up."""
    names, wrong = class_names(), []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare | ast.Subscript | ast.Dict | ast.Set | ast.Match):
                for inner in ast.walk(node):
                    named = isinstance(inner, ast.Constant) and inner.value in names
                    asks = isinstance(inner, ast.Attribute) and inner.attr == "__name__"
                    if named or asks:
                        wrong.append(f"{path.name}:{inner.lineno}")
    assert not wrong


def test_the_roles_are_had_by_terms_of_the_package():
    """Every role has a term of ours, and its docstring names one that has it."""
    from hashrec_fast import losses, roles

    parts = [getattr(losses, name) for name in losses.__all__]
    made = [
        part() for part in parts if isinstance(part, type) and part not in (Loss, losses.BatchTerm)
    ]
    kinds = [role for role in vars(roles).values() if getattr(role, "_is_runtime_protocol", False)]
    assert len(kinds) > 10
    for role in kinds:
        having = {type(part).__name__ for part in made if isinstance(part, role)}
        first = role.__doc__.splitlines()[0]
        assert any(f"{name})" in first for name in having), (role, having)
