# SPDX-License-Identifier: Apache-2.0
"""Every loss with a value against explicit loops, and its gradient against finite differences."""

import itertools
import math

import numpy as np
import pytest

from hashrec_fast import losses
from hashrec_fast.losses import (
    BCE,
    BPR,
    MSE,
    CosineContrast,
    Hinge,
    NeuralAP,
    NeuralNDCG,
    PairwiseSquare,
    PlackettLuce,
    Poisson,
    SmoothRecall,
)

torch = pytest.importorskip("torch")

LOSSES = (
    MSE(),
    BCE(sharpness=3.0),
    BPR(sharpness=3.0),
    PlackettLuce(sharpness=3.0),
    NeuralAP(k=3, temperature=0.3),
    NeuralNDCG(k=4, temperature=0.3),
    Poisson(),
    PairwiseSquare(margin=2.0),
    Hinge(margin=0.4),
    CosineContrast(margin=0.1, negative_weight=7.0),
    SmoothRecall(n=2, inner_temperature=0.2),
    SmoothRecall(n=3, inner_temperature=0.3, outer_start=1.5, n_items=20, outer="softplus"),
    SmoothRecall(n=3, inner_temperature=0.5, outer_start=4.0, inner="softplus", outer="hinge"),
    SmoothRecall(n=3, inner_temperature=0.7, outer_start=2.0, inner="hinge", outer="exponential"),
)
LENGTHS = (5, 1, 7, 3)


def ragged(seed=0, grades=True):
    rng = np.random.default_rng(seed)
    shape = (len(LENGTHS), max(LENGTHS))
    mask = np.arange(shape[1]) < np.array(LENGTHS)[:, None]
    scores = np.where(mask, rng.uniform(-1, 1, shape), 99.0)
    relevance = np.where(mask, rng.integers(0, 4 if grades else 2, shape), 7).astype(float)
    return scores, relevance, mask


def tensors(*arrays):
    return tuple(torch.from_numpy(np.array(array)) for array in arrays)


def by_loop(loss, scores, relevance):
    """The same loss of one list without padding, by the formula of its docstring."""
    n = len(scores)
    if isinstance(loss, MSE):
        return [(relevance[i] - scores[i]) ** 2 for i in range(n)]
    if isinstance(loss, Poisson | PairwiseSquare | Hinge | CosineContrast | SmoothRecall):
        return gradient_losses_by_loop(loss, scores, relevance)
    z = [loss.sharpness * s for s in scores]
    if isinstance(loss, BCE):
        p = [1 / (1 + math.exp(-x)) for x in z]
        return [
            -relevance[i] * math.log(p[i]) - (1 - relevance[i]) * math.log(1 - p[i])
            for i in range(n)
        ]
    if isinstance(loss, BPR):
        return [-math.log(1 / (1 + math.exp(z[j] - z[0]))) for j in range(1, n)]
    if isinstance(loss, PlackettLuce):
        order = sorted(range(n), key=lambda i: -relevance[i])
        return sum(math.log(sum(math.exp(z[i]) for i in order[j:])) - z[order[j]] for j in range(n))
    return ranking_by_loop(loss, [1 / (1 + math.exp(-x)) for x in z], relevance)


def gradient_losses_by_loop(loss, s, relevance):
    n = len(s)
    if isinstance(loss, Poisson):
        rates = [0.5 + x / 2 for x in s]
        return [p - y * math.log(p + 1e-10) for p, y in zip(rates, relevance, strict=True)]
    if isinstance(loss, PairwiseSquare):
        return [(loss.margin - (s[0] - x)) ** 2 for x in s[1:]]
    if isinstance(loss, Hinge):
        return [max(0.0, loss.margin - (s[0] - x)) for x in s[1:]]
    if isinstance(loss, CosineContrast):
        pull = [loss.negative_weight * max(0.0, x - loss.margin) for x in s[1:]]
        return [1 - s[0] + x for x in pull]
    positives = [i for i in range(n) if relevance[i] > 0]
    others = n - len(positives)
    share = (loss.n_items - len(positives)) / max(others, 1) if loss.n_items else 1.0
    temperature = loss.outer_start or max(1.0, n / 8)
    misses = []
    for i in positives:
        rank = 1.0
        for j in range(n):
            weight = 1.0 if relevance[j] > 0 else share
            if j != i:
                rank += weight * step(loss.inner, (s[j] - s[i]) / loss.inner_temperature)
        misses.append(step(loss.outer, (rank - loss.n) / temperature))
    return sum(misses) / max(len(misses), 1)


def step(kind, x):
    """The menu of the specification, in plain Python."""
    if kind == "sigmoid":
        return 1 / (1 + math.exp(-x))
    if kind == "softplus":
        return math.log(1 + math.exp(x)) / math.log(2)
    return max(0.0, 1 + x) if kind == "hinge" else math.exp(min(x, 10.0))


def soft_rank(s, k, temperature):
    """Row k (from 1) of NeuralSort by its definition."""
    n = len(s)
    logits = [
        ((n + 1 - 2 * k) * s[i] - sum(abs(s[i] - s[j]) for j in range(n))) / temperature
        for i in range(n)
    ]
    top = max(logits)
    weights = [math.exp(x - top) for x in logits]
    return [w / sum(weights) for w in weights]


def ranking_by_loop(loss, s, relevance):
    n = len(s)
    rows = [soft_rank(s, k, loss.temperature) for k in range(1, min(loss.k, n) + 1)]
    if isinstance(loss, NeuralAP):
        y = [sum(p * r for p, r in zip(row, relevance, strict=True)) for row in rows]
        total = sum(y)
        precision = sum(y[k] * sum(y[: k + 1]) / (k + 1) for k in range(len(y)))
        return 1 - (precision / total if total > 0 else 0.0)
    gains = [2**r - 1 for r in relevance]
    found = [sum(p * g for p, g in zip(row, gains, strict=True)) for row in rows]
    dcg = sum(g / math.log2(k + 2) for k, g in enumerate(found))
    best = sum(g / math.log2(k + 2) for k, g in enumerate(sorted(gains)[::-1][: loss.k]))
    return 1 - (dcg / best if best > 0 else 0.0)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("grades", [False, True])
def test_equals_the_loop(loss, grades):
    scores, relevance, mask = ragged(grades=grades)
    got = loss.value(*tensors(scores, relevance, mask)).numpy()
    for row, n in enumerate(LENGTHS):
        expected = by_loop(loss, scores[row, :n].tolist(), relevance[row, :n].tolist())
        if np.ndim(expected) == 0:
            assert got.shape == (len(LENGTHS),)
            assert got[row] == pytest.approx(expected, abs=1e-9)
        else:
            np.testing.assert_allclose(got[row, : len(expected)], expected, atol=1e-9)
            np.testing.assert_array_equal(got[row, len(expected) :], 0)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_gradient(loss):
    scores, relevance, mask = tensors(*ragged(seed=3))
    scores.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda s: loss.value(s, relevance, mask), (scores,))
    (gradient,) = torch.autograd.grad(loss.value(scores, relevance, mask).sum(), scores)
    assert torch.isfinite(gradient).all()
    assert (gradient[~mask] == 0).all()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_extreme_scores_stay_finite(loss):
    scores, relevance, mask = tensors(*ragged(seed=4))
    for factor in (0.0, 1e4):  # all tied, and far beyond what codes give
        leaf = (scores * factor).float().requires_grad_(True)
        value = loss.value(leaf, relevance.clamp(0, 1).float(), mask)
        (gradient,) = torch.autograd.grad(value.sum(), leaf)
        assert torch.isfinite(value).all()
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("n", [1, 2, 6, 40])
def test_neural_sort_tends_to_the_sort(n):
    from hashrec_fast.losses.neural_sort import neural_sort

    rng = np.random.default_rng(n)
    s = rng.permutation(n) / n
    eye = torch.eye(n, dtype=torch.float64)
    scores = torch.from_numpy(np.broadcast_to(s, (n, n)).copy())  # one list per unit vector
    mask = torch.ones((n, n), dtype=torch.bool)
    got = neural_sort(scores, eye, mask, n, 1e-4).numpy().T
    np.testing.assert_allclose(got, np.eye(n)[np.argsort(-s)], atol=1e-9)
    rows = neural_sort(scores, eye, mask, n, 0.5).numpy().T
    expected = [soft_rank(s.tolist(), k, 0.5) for k in range(1, n + 1)]
    np.testing.assert_allclose(rows, expected, atol=1e-12)


def test_length_of_the_list_matters():
    """With the number of positives in place of the length, the first rows are no sort."""
    s = [0.9, 0.7, 0.5, 0.3, 0.1]
    assert int(np.argmax(soft_rank(s, 1, 1e-3))) == 0
    wrong = [(2 + 1 - 2) * s[i] - sum(abs(s[i] - x) for x in s) for i in range(5)]
    assert int(np.argmax(wrong)) != 0


def test_ranking_losses_reach_zero_on_a_perfect_list():
    relevance = np.array([[2.0, 1, 0, 0, 0, 0]])
    scores = np.array([[1.0, 0.6, 0.1, -0.2, -0.6, -1.0]])
    for loss in (NeuralAP(k=2, temperature=1e-4), NeuralNDCG(k=3, temperature=1e-4)):
        labels = relevance if isinstance(loss, NeuralNDCG) else (relevance > 0) * 1.0
        value = loss.value(*tensors(scores, labels, np.ones((1, 6), bool)))
        assert float(value) == pytest.approx(0, abs=1e-9)


def test_plackett_luce_is_a_distribution():
    """Over all orders of a list the likelihoods sum to one."""
    scores = np.array([0.3, -0.5, 0.9, 0.1])
    loss = PlackettLuce(sharpness=2.0)
    total = 0.0
    for order in itertools.permutations(range(4)):
        relevance = np.array([[float(r) for r in order]])
        value = loss.value(*tensors(scores[None], relevance, np.ones((1, 4), bool)))
        total += math.exp(-float(value))
    assert total == pytest.approx(1)


def test_declarations():
    for name in losses.__all__:
        part = getattr(losses, name)
        if not (isinstance(part, type) and issubclass(part, losses.Loss)):
            continue
        if isinstance(part.samples, property):  # Weighted, which says what its loss says
            part = losses.Weighted()
        assert part.samples in {"pointwise", "pairwise", "listwise", "batch"}
        assert part.relevance in {"labels", "targets", "grades"}
        part = getattr(losses, name)
        if part.samples == "batch":  # of whole steps: a cost in place of a value
            assert part.differentiable
            assert callable(part.cost)
            continue
        assert part.differentiable == (part.value is not losses.Loss.value)
    with pytest.raises(NotImplementedError, match="no differentiable value"):
        losses.SquaredHinge().value(*tensors(*ragged()))
