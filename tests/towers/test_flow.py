# SPDX-License-Identifier: Apache-2.0
"""The planar flow of every dimension: derivative, inverse, and what is said of its density."""

import math
from types import SimpleNamespace

import pytest
import torch

from hashrec_fast.losses import FlowKL, LatentKL
from hashrec_fast.towers.history_side import Latent
from hashrec_fast.towers.layers.planar_flow import PlanarFlow


def flow(steps=3, width=5, size=1.0, seed=0):
    torch.manual_seed(seed)
    made = PlanarFlow(steps, width).double()
    with torch.no_grad():
        for values in made.parameters():
            values.copy_(torch.randn_like(values) * size)
    return made


@pytest.mark.parametrize("size", [0.3, 2.0, 20.0])
def test_log_slope_is_the_jacobian(size):
    made = flow(size=size)
    for z in torch.randn(6, 5, dtype=torch.float64):
        jacobian = torch.autograd.functional.jacobian(lambda x: made(x[None])[0][0], z)
        _, log_slope = made(z[None])
        torch.testing.assert_close(jacobian, torch.diag(log_slope[0].exp()), atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("size", [0.5, 5.0, 50.0])
def test_every_step_is_invertible(size):
    """``u w > -4`` for random parameters, so that a step rises everywhere."""
    for seed in range(20):
        made = flow(size=size, seed=seed)
        assert (made.safe_u() * made.w).min() >= -4
        grid = torch.linspace(-8, 8, 2001, dtype=torch.float64)[:, None].expand(-1, 5)
        z, log_slope = made(grid)
        assert torch.isfinite(log_slope).all()
        assert (z.diff(dim=0) > -1e-9).all()


def test_u_is_smooth_where_w_vanishes():
    made = flow(steps=1, width=3)
    with torch.no_grad():
        made.u.fill_(0.7)
        made.w.copy_(torch.tensor([[0.9e-4, 0.0, 1.1e-4]]))
    u = made.safe_u()
    torch.testing.assert_close(u, u[0, 1].expand(1, 3), rtol=1e-3, atol=0)
    u.sum().backward()
    assert torch.isfinite(made.w.grad).all()
    assert (made.u.grad > 0).all()


def view_of(latent, pairs=1):
    n = len(latent.mean)
    return SimpleNamespace(
        network=SimpleNamespace(latent=lambda _: latent),
        learning=("user",),
        rows={"user": torch.arange(n)},
        scores=torch.zeros(()),
        batch=SimpleNamespace(mask=torch.ones(n, pairs, dtype=torch.bool)),
    )


def draw(mean, deviation, n=20000, d=2, seed=0):
    """Draws of one normal distribution and their log-densities."""
    torch.manual_seed(seed)
    noise = torch.randn(n, d, dtype=torch.float64)
    z = mean + deviation * noise
    logs = torch.full_like(z, math.log(deviation))
    density = -0.5 * noise.square() - logs - 0.5 * math.log(2 * math.pi)
    return Latent(torch.full_like(z, mean), logs, z, z, density)


def test_one_half_of_the_prior_costs_ln_2():
    """A normal distribution that is one of the two halves, per dimension."""
    latent = draw(1.0, math.sqrt(0.015), d=3)
    assert float(FlowKL().cost(view_of(latent))) == pytest.approx(3 * math.log(2), rel=1e-3)


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (0.9, 0.2), (-1.0, 0.05), (1, 0.1)])
def test_divergences_are_not_negative(mean, deviation):
    latent = draw(mean, deviation)
    assert float(FlowKL().cost(view_of(latent))) > 0
    assert float(LatentKL().cost(view_of(latent))) >= 0


def test_the_prior_is_a_density():
    z = torch.linspace(-4, 4, 80001, dtype=torch.float64)
    term = FlowKL(variance=0.015)
    assert float(torch.trapezoid(term.log_prior(z).exp(), z)) == pytest.approx(1, abs=1e-6)


def test_the_divergence_from_the_normal_distribution_is_torchs():
    latent = draw(0.4, 0.3, n=5, d=4)
    normal = torch.distributions.Normal
    whole = torch.distributions.kl_divergence(normal(0.4, 0.3), normal(0.0, 1.0)) * 4
    found = float(LatentKL(weight=0.5).cost(view_of(latent, pairs=8)))
    assert found == pytest.approx(float(whole) * 0.5 / 8)


def test_density_after_the_flow_integrates_to_one():
    """``ln q(z_T) = ln q(z_0) - log slope``, by the change of variables on a grid."""
    made = flow(steps=4, width=1, size=1.5, seed=3)
    start = torch.linspace(-9, 9, 40001, dtype=torch.float64)[:, None]
    with torch.no_grad():
        last, log_slope = made(start)
    density = (-0.5 * start.square() - 0.5 * math.log(2 * math.pi) - log_slope).exp()
    whole = torch.trapezoid(density[:, 0], last[:, 0])
    assert float(whole) == pytest.approx(1, abs=1e-4)
