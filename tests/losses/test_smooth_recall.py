# SPDX-License-Identifier: Apache-2.0
"""Smooth recall over the whole catalogue against a naive double loop, with gradients."""

import itertools

import numpy as np
import pytest

from hashrec_fast.losses import SmoothRecall
from hashrec_fast.losses.step_functions import KINDS, smooth_step, smooth_step_slope

torch = pytest.importorskip("torch")

LOSS = SmoothRecall(n=4, inner_temperature=0.3, outer_start=3.0)
COUNTS = (3, 0, 1, 5, 2)


def problem(n_items=23, f=6, seed=0, codes=True):
    rng = np.random.default_rng(seed)
    shapes = ((len(COUNTS), f), (n_items, f))
    rows = [rng.choice([-1.0, 1.0], s) if codes else rng.normal(size=s) for s in shapes]
    indptr = torch.tensor([0, *np.cumsum(COUNTS)])
    indices = torch.from_numpy(rng.integers(0, n_items, sum(COUNTS)))
    user, item = (torch.from_numpy(side).requires_grad_(True) for side in rows)
    return user, item, indptr, indices


def naive(loss, user, item, indptr, indices):
    scores = user @ item.T / user.shape[1]
    misses = []
    for u in range(len(user)):
        for i in indices[indptr[u] : indptr[u + 1]].tolist():
            rank = 1
            for j in range(len(item)):
                if j != i:
                    above = (scores[u, j] - scores[u, i]) / loss.inner_temperature
                    rank = rank + smooth_step(above, loss.inner)
            misses.append(smooth_step((rank - loss.n) / loss.outer_start, loss.outer))
    return torch.stack(misses).mean()


def agree(loss, rows, **settings):
    expected = naive(loss, *rows)
    got = loss.catalogue(*rows, **settings)
    torch.testing.assert_close(got, expected)
    # An upstream factor, so that forgetting it would show.
    wanted = torch.autograd.grad(3 * expected, rows[:2])
    found = torch.autograd.grad(3 * got, rows[:2])
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("tile", [1, 7, 23, None])
@pytest.mark.parametrize("path", ["codes", "real"])
def test_codes_equal_the_double_loop(path, tile):
    agree(LOSS, problem(), path=path, tile=tile)


@pytest.mark.parametrize("tile", [5, None])
def test_real_rows_equal_the_double_loop(tile):
    agree(LOSS, problem(codes=False), tile=tile)


@pytest.mark.parametrize(("inner", "outer"), list(itertools.product(KINDS, KINDS)))
def test_every_function(inner, outer):
    loss = SmoothRecall(n=4, inner_temperature=0.7, outer_start=9.0, inner=inner, outer=outer)
    agree(loss, problem(seed=1), path="codes", tile=9)
    agree(loss, problem(seed=1, codes=False), path="real", tile=9)


def test_gradcheck_of_real_rows():
    user, item, indptr, indices = problem(n_items=11, f=3, codes=False)
    assert torch.autograd.gradcheck(
        lambda u, i: LOSS.catalogue(u, i, indptr, indices, tile=4), (user, item)
    )


def test_auto_takes_histograms_for_codes_only():
    rows = problem()
    kinds = {}
    for name, scale in (("codes", 1.0), ("scaled", 0.5)):
        value = LOSS.catalogue(rows[0] * scale, *rows[1:])
        kinds[name] = value.grad_fn.name()
    assert kinds == {"codes": "CodesRecallBackward", "scaled": "RealRecallBackward"}
    with pytest.raises(ValueError, match=r"-1 and \+1"):
        LOSS.catalogue(rows[0] * 0.5, *rows[1:], path="codes")


def test_float32_and_threads():
    """Many users, so that tiles and pairs come in several parts; both paths, any threads."""
    generator = torch.Generator().manual_seed(0)
    user, item = (
        (torch.rand((n, 32), generator=generator) < 0.5).float().mul(2).sub(1).requires_grad_(True)
        for n in (600, 3000)
    )
    indptr = torch.arange(601) * 4
    indices = torch.randint(0, 3000, (2400,), generator=generator)
    before = torch.get_num_threads()
    try:
        results = {}
        for path, threads in itertools.product(("codes", "real"), (1, 2)):
            torch.set_num_threads(threads)
            value = SmoothRecall().catalogue(user, item, indptr, indices, path=path)
            results[path, threads] = (value, *torch.autograd.grad(value, (user, item)))
    finally:
        torch.set_num_threads(before)
    first = results["codes", 1]
    for a, b in zip(first, results["codes", 2], strict=True):
        assert torch.equal(a, b)  # sums without rounding
    for other in results.values():
        for a, b in zip(first, other, strict=True):
            scale = float(a.detach().abs().max())
            torch.testing.assert_close(a / scale, b / scale, rtol=0, atol=1e-4)


def test_lists_of_the_whole_catalogue_are_the_same_loss():
    user, item, _, _ = problem()
    rng = np.random.default_rng(3)
    positive = torch.from_numpy(rng.random((len(user), len(item))) < 0.2)
    indptr = torch.cat([torch.zeros(1, dtype=torch.int64), positive.sum(1).cumsum(0)])
    indices = positive.nonzero()[:, 1]
    scores = user @ item.T / user.shape[1]
    lists = LOSS.value(scores, positive.double(), torch.ones_like(positive))
    mean = (lists * positive.sum(1)).sum() / positive.sum()  # of pairs, not of users
    torch.testing.assert_close(LOSS.catalogue(user, item, indptr, indices), mean)


def test_sampled_ranks_are_unbiased():
    """Over all samples of two of the unobserved items the mean rank is the rank."""
    scores = torch.tensor([[0.2, 0.9, -0.4, 0.1, 0.5, -0.8]], dtype=torch.float64)
    linear = {"n": 1, "inner_temperature": 0.3, "outer_start": 100.0, "outer": "hinge"}
    full = SmoothRecall(**linear).value(scores, torch.eye(6)[:1], torch.ones((1, 6)) > 0)
    loss = SmoothRecall(**linear, n_items=6)
    sampled = []
    for pair in itertools.combinations(range(1, 6), 2):
        chosen = scores[:, [0, *pair]]
        sampled.append(loss.value(chosen, torch.eye(3)[:1], torch.ones((1, 3)) > 0))
    torch.testing.assert_close(torch.stack(sampled).mean(0), full)


def test_temperature_falls_geometrically():
    loss = SmoothRecall(n=50)
    assert loss.at(0.0, 41000).outer_start == 5125
    assert loss.at(1.0, 41000).outer_start == pytest.approx(25)
    assert loss.at(0.5, 41000).outer_start == pytest.approx((5125 * 25) ** 0.5)
    assert loss.at(0.0, 5).outer_start == loss.at(1.0, 5).outer_start == 1  # never rises
    assert SmoothRecall(outer_start=200.0, outer_end=200.0).at(0.7, 9).outer_start == 200
    user, item, indptr, indices = problem()
    at_start = loss.at(0.0, len(item)).catalogue(user, item, indptr, indices)
    torch.testing.assert_close(loss.catalogue(user, item, indptr, indices), at_start)


@pytest.mark.parametrize("kind", KINDS)
def test_slopes(kind):
    x = torch.linspace(-12, 12, 99, dtype=torch.float64, requires_grad=True)
    value = smooth_step(x, kind)
    (expected,) = torch.autograd.grad(value.sum(), x)
    torch.testing.assert_close(smooth_step_slope(x.detach(), kind), expected)
    at_zero = float(smooth_step(torch.zeros(()), kind))
    assert at_zero == pytest.approx(0.5 if kind == "sigmoid" else 1.0)


def test_no_pairs_and_bad_input():
    user, item, indptr, indices = problem()
    nothing = LOSS.catalogue(user, item, indptr * 0, indices[:0])
    assert nothing.item() == 0
    assert (torch.autograd.grad(nothing, user)[0] == 0).all()
    for bad in (
        {"user": user[:, :4]},
        {"indptr": indptr[1:]},
        {"indptr": indptr + 1},
        {"indptr": indptr.flip(0)},
        {"indices": indices + 23},
        {"indices": indices - 30},
        {"path": "fast"},
    ):
        arguments = {"user": user, "item": item, "indptr": indptr, "indices": indices, **bad}
        with pytest.raises(ValueError, match=r"must (be|rise)"):
            LOSS.catalogue(**arguments)
    for settings in ({"n": 0}, {"inner_temperature": 0.0}, {"outer_start": -1.0}, {"inner": "x"}):
        with pytest.raises(ValueError, match="must be"):
            SmoothRecall(**settings)
