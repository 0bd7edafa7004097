# SPDX-License-Identifier: Apache-2.0
"""What losses must equal: likelihoods, brute force, and the metrics they are smooth forms of."""

import itertools
import math

import numpy as np
import pytest

from hashrec_fast.losses import (
    BCE,
    BPR,
    NeuralAP,
    NeuralNDCG,
    PlackettLuce,
    SmoothRecall,
    all_pairs_square,
)

torch = pytest.importorskip("torch")


def tensors(*arrays):
    return tuple(torch.from_numpy(np.array(array)) for array in arrays)


def tie_free(n, seed, n_lists=5):
    """Lists of distinct scores with labels that are neither all 0 nor all 1."""
    rng = np.random.default_rng(seed)
    scores = np.stack([rng.permutation(n) for _ in range(n_lists)]) / n * 2 - 1
    labels = (rng.random((n_lists, n)) < 0.3) * 1.0
    labels[:, 0], labels[:, 1] = 1, 0
    return scores, labels, np.ones((n_lists, n), bool)


def test_cross_entropy_is_the_likelihood_of_a_relation():
    """CCSR's maximum a posteriori estimate: p^S (1 - p)^(1 - S) for S in {0, 1}."""
    scores, labels, mask = tensors(*tie_free(12, 0))
    for sharpness in (1.0, 8.0, 64.0):
        logits = sharpness * scores
        p = logits.sigmoid()
        likelihood = p**labels * (1 - p) ** (1 - labels)
        value = BCE(sharpness=sharpness).value(scores, labels, mask)
        torch.testing.assert_close(value, torch.logaddexp(logits, 0 * logits) - labels * logits)
        close = likelihood > 1e-9  # the likelihood itself has no digits left below
        torch.testing.assert_close(value[close], -likelihood[close].log(), rtol=1e-6, atol=1e-9)


def test_ranking_loss_of_one_triple_is_positive_and_falls():
    """The survey prints it without its minus sign, which would reward the wrong order."""
    mask = torch.ones((1, 2), dtype=torch.bool)
    values = [
        float(BPR().value(torch.tensor([[d, -d]]), mask.float(), mask)) for d in (-0.5, 0.0, 0.5)
    ]
    assert values[0] > values[1] > values[2] > 0
    assert values[1] == pytest.approx(math.log(2))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_plackett_luce_against_all_orders(n):
    scores = np.random.default_rng(n).uniform(-1, 1, n)
    loss = PlackettLuce(sharpness=2.0)
    weights = np.exp(2.0 * scores)
    total = 0.0
    for order in itertools.permutations(range(n)):
        relevance = np.empty(n)
        relevance[list(order)] = np.arange(n, 0, -1)
        value = float(loss.value(*tensors(scores[None], relevance[None], np.ones((1, n), bool))))
        draws = [weights[order[j]] / weights[list(order[j:])].sum() for j in range(n)]
        assert value == pytest.approx(-math.log(math.prod(draws)))
        total += math.exp(-value)
    assert total == pytest.approx(1)


@pytest.mark.parametrize(("n", "k"), [(6, 3), (20, 10), (40, 5)])
def test_soft_ndcg_and_precision_tend_to_the_metrics(n, k):
    scores, labels, mask = tie_free(n, seed=n)
    grades = labels * np.random.default_rng(k).integers(1, 5, labels.shape)
    soft = NeuralNDCG(k=k, temperature=1e-5).value(*tensors(scores, grades, mask)).numpy()
    soft_ap = NeuralAP(k=k, temperature=1e-5).value(*tensors(scores, labels, mask)).numpy()
    for row, order in enumerate(np.argsort(-scores, axis=1)):
        discounts = 1 / np.log2(np.arange(2, k + 2))
        gains = 2 ** grades[row] - 1
        ideal = (np.sort(gains)[::-1][:k] * discounts).sum()
        assert soft[row] == pytest.approx(1 - (gains[order][:k] * discounts).sum() / ideal)
        hits = labels[row][order][:k]
        precision = np.cumsum(hits) / np.arange(1, k + 1)
        ap = (hits * precision).sum() / hits.sum() if hits.any() else 0.0
        assert soft_ap[row] == pytest.approx(1 - ap)


@pytest.mark.parametrize(("n", "k"), [(6, 3), (20, 10), (40, 5)])
def test_smooth_recall_tends_to_recall(n, k):
    data = tie_free(n, seed=n + 1)
    cold = {"inner_temperature": 1e-5, "outer_start": 1e-4}
    exact = SmoothRecall(n=k + 0.5, **cold).value(*tensors(*data)).numpy()
    halved = SmoothRecall(n=k, **cold).value(*tensors(*data)).numpy()
    for row, order in enumerate(np.argsort(-data[0], axis=1)):
        hits = data[1][row][order][:k] / data[1][row].sum()
        assert exact[row] == pytest.approx(1 - hits.sum())
        assert halved[row] == pytest.approx(1 - hits.sum() + hits[-1] / 2)
    for outer in ("softplus", "hinge", "exponential"):  # bounds from above of the same indicator
        above = SmoothRecall(n=k + 0.5, inner_temperature=1e-5, outer_start=2.0, outer=outer)
        assert (above.value(*tensors(*data)).numpy() >= exact - 1e-9).all()


def test_all_pairs_square_is_the_double_loop():
    rng = np.random.default_rng(0)
    scores = rng.uniform(-1, 1, (6, 9))
    positive = rng.random((6, 9)) < 0.4
    mask = rng.random((6, 9)) < 0.8
    positive[0], positive[1] = True, False  # no negatives; no positives
    mask[2] = False
    got = all_pairs_square(*tensors(scores, positive, mask), margin=1.3).numpy()
    for row in range(6):
        ups = [scores[row, i] for i in range(9) if positive[row, i] and mask[row, i]]
        downs = [scores[row, i] for i in range(9) if not positive[row, i] and mask[row, i]]
        squares = [(1.3 - (a - b)) ** 2 for a in ups for b in downs]
        assert got[row] == pytest.approx(np.mean(squares) if squares else 0.0)
    leaf, chosen, inside = tensors(scores, positive, mask)
    leaf.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda s: all_pairs_square(s, chosen, inside), (leaf,))
