# SPDX-License-Identifier: Apache-2.0
"""Terms over whole batches: the adversarial one and the noisy pull to signs."""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hashrec_fast.binarizers import Step  # noqa: E402
from hashrec_fast.losses import AdversarialRanking, StochasticPenalty  # noqa: E402


def view(epoch=9, epochs=10):
    torch.manual_seed(0)
    judge = {
        "user": torch.randn(2, 3, requires_grad=True),
        "item": torch.randn(4, 3, requires_grad=True),
    }
    return SimpleNamespace(
        rows={"user": torch.arange(2), "item": torch.arange(4)},
        user_places=torch.tensor([0, 1, 1]),
        item_places=torch.tensor([[0, 1, 2], [3, 0, 0], [2, 3, 1]]),
        scores=torch.randn(3, 3, requires_grad=True),
        step=Step(epoch=epoch, epochs=epochs),
        batch=SimpleNamespace(mask=torch.ones(3, 3, dtype=torch.bool)),
        network=SimpleNamespace(judged=lambda side, rows: judge[side][rows]),
        judge=judge,
    )


def softplus(x):
    return np.log1p(np.exp(x))


def test_what_judge_and_codes_learn():
    seen = view()
    term = AdversarialRanking(sharpness=2.0, weight=0.5, reg=0.1)
    judge = {side: rows.detach().numpy().astype(float) for side, rows in seen.judge.items()}
    scores = seen.scores.detach().numpy().astype(float)
    wanted = sum(0.05 * (rows**2).sum(1).mean() for rows in judge.values())
    for row, user in enumerate([0, 1, 1]):
        f = [judge["item"][i] @ judge["user"][user] for i in seen.item_places[row]]
        p = np.exp(2 * scores[row]) / np.exp(2 * scores[row]).sum()
        rewards = [softplus(x) for x in f]
        wanted += (softplus(-f[0]) + p @ rewards - 0.5 * p @ rewards) / 3
    cost = term.cost(seen)
    assert float(cost.detach()) == pytest.approx(wanted, rel=1e-5)
    # each learns with the other held: the codes by -weight p.r alone
    cost.backward()
    codes = torch.tensor(scores, requires_grad=True)
    users = torch.tensor(judge["user"])[seen.user_places]
    items = torch.tensor(judge["item"])[seen.item_places]
    rewards = torch.nn.functional.softplus((items @ users[:, :, None])[:, :, 0])
    (-0.5 * ((2 * codes).softmax(1) * rewards).sum(1).mean()).backward()
    np.testing.assert_allclose(seen.scores.grad, codes.grad, rtol=1e-4, atol=1e-7)


def test_both_learn_by_comparisons_first():
    for epoch, same in ((0, True), (1, True), (2, False)):
        seen = view(epoch=epoch)
        AdversarialRanking(pretrain=0.2, reg=0.0).cost(seen).backward()
        assert (seen.scores.grad[:, 0] < 0).all() or not same  # the observed item is pulled up
        assert seen.judge["item"].grad is not None
    with pytest.raises(ValueError, match="pretrain must be from 0 to 1"):
        AdversarialRanking(pretrain=2.0)


def test_penalty():
    rows = {"user": torch.tensor([[0.5, -1.0]]), "item": torch.tensor([[0.0, 2.0], [1.0, -1.0]])}
    still = StochasticPenalty(weight=0.5, deviation=0.0, doubling=3)
    for epoch, factor in ((0, 1), (2, 1), (3, 2), (6, 4)):
        cost = still.cost(SimpleNamespace(codes=rows, step=Step(epoch=epoch, epochs=10)))
        assert float(cost) == pytest.approx(0.5 * factor * (0.25 / 2 + (1 + 1) / 4))
    noisy, seen = StochasticPenalty(weight=1.0, deviation=0.1), []
    many = {"user": torch.ones(20000, 1)}
    for seed in (0, 0, 1):
        step = Step(generator=torch.Generator().manual_seed(seed))
        seen.append(float(noisy.cost(SimpleNamespace(codes=many, step=step))))
    assert seen[0] == seen[1] != seen[2]
    assert seen[0] == pytest.approx(0.01, rel=0.05)  # the variance of the noise
    assert float(
        StochasticPenalty(weight=1.0, deviation=0.0, doubling=0).cost(
            SimpleNamespace(codes={"user": torch.zeros(1, 1)}, step=Step(epoch=50, epochs=60))
        )
    ) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="must be at least 0"):
        StochasticPenalty(deviation=-1.0)
