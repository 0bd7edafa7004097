# SPDX-License-Identifier: Apache-2.0
"""Signs with a made-up derivative: what goes forward, and what comes back."""

import math

import numpy as np
import pytest

from hashrec_fast.binarizers import Fourier, Gauss, SignSwish, Step, Straight, TanhAlike

torch = pytest.importorskip("torch")

RULES = (
    Straight(),
    Straight(clip=True),
    TanhAlike(beta=2.0),
    SignSwish(beta=1.0),
    SignSwish(beta=5.0, clip_negative=True),
    Fourier(terms=1, half_period=2.0),
    Fourier(terms=8, half_period=1.0, zero_outside=False),
    Gauss(gamma=1.5),
)
EXTREMES = (0.0, -0.0, 1e-38, 1.0, -1.0, 45.0, -1e4, 1e4, 1e30, -3.4e38, 3.4e38)


def by_formula(rule, x):
    """The table of the specification, in plain Python."""
    if isinstance(rule, Straight):
        return 0.0 if rule.clip and abs(x) > 1 else 1.0
    if isinstance(rule, TanhAlike):
        return rule.beta * (1 - math.tanh(rule.beta * x) ** 2)
    if isinstance(rule, SignSwish):
        z = rule.beta * x
        slope = rule.beta * (2 - z * math.tanh(z / 2)) / (1 + math.cosh(z))
        return max(slope, 0.0) if rule.clip_negative else slope
    if isinstance(rule, Fourier):
        h = rule.half_period
        odd = range(1, 2 * rule.terms, 2)
        series = 4 / h * sum(math.cos(math.pi * i * x / h) for i in odd)
        return 0.0 if rule.zero_outside and abs(x) >= h else min(max(series, -1.0), 1.0)
    gauss = rule.gamma / math.sqrt(math.pi) * math.exp(-((rule.gamma * x) ** 2))
    return min(max(gauss, 1e-8), 1.0)


def gradient(rule, real, step=None):
    real = real.clone().requires_grad_(True)
    output = rule.relax(real, step or Step())
    (slope,) = torch.autograd.grad(output.sum(), real)
    return output.detach(), slope


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_signs_forward_and_the_table_backward(rule):
    x = np.concatenate([np.linspace(-6, 6, 241), [0.0, -0.0]])
    output, slope = gradient(rule, torch.from_numpy(x)[:, None])
    np.testing.assert_array_equal(output[:, 0].numpy(), np.where(x >= 0, 1.0, -1.0))
    expected = [by_formula(rule, float(value)) for value in x]
    np.testing.assert_allclose(slope[:, 0].numpy(), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_upstream_gradients_are_multiplied(rule):
    real = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(3, 4).requires_grad_(True)
    weights = torch.arange(12, dtype=torch.float64).reshape(3, 4)
    (got,) = torch.autograd.grad((rule.relax(real, Step()) * weights).sum(), real)
    torch.testing.assert_close(got, weights * rule.slope(real.detach()))


@pytest.mark.parametrize("scale", ["none", "row"])
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_extreme_rows_stay_finite_in_float32(rule, scale):
    import dataclasses

    for value in EXTREMES:
        rule = dataclasses.replace(rule, scale=scale)
        output, slope = gradient(rule, torch.tensor([[value]], dtype=torch.float32))
        assert torch.isfinite(output).all()
        assert torch.isfinite(slope).all()
        assert output.dtype == slope.dtype == torch.float32


@pytest.mark.parametrize("beta", [0.5, 1.0, 5.0, 10.0])
def test_sign_swish_is_the_derivative_of_its_function(beta):
    x = torch.linspace(-19.9, 19.9, 801, dtype=torch.float64) / beta
    x.requires_grad_(True)
    s = (beta * x).sigmoid()
    (expected,) = torch.autograd.grad((2 * s * (1 + beta * x * (1 - s)) - 1).sum(), x)
    got = SignSwish(beta=beta).slope(x.detach())
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-12 * beta)


def test_landmarks_of_sign_swish():
    for beta in (0.5, 1.0, 5.0):
        rule = SignSwish(beta=beta)
        x = torch.tensor([0.0, 2.39936, -2.39936, 3.435, -3.435], dtype=torch.float64) / beta
        slope = rule.slope(x) / beta
        assert float(slope[0]) == 1
        np.testing.assert_allclose(slope[1:3], 0, atol=1e-5)
        np.testing.assert_allclose(slope[3:], -0.0738, atol=5e-5)
        far = rule.slope(torch.tensor([1e4, -1e4], dtype=torch.float32) / beta)
        assert torch.isfinite(far).all()
        assert (far.abs() < 1e-30).all()


def test_fourier_is_the_derivative_of_the_square_wave():
    rule = Fourier(terms=3, half_period=60.0)  # so wide that nothing is clipped
    x = torch.linspace(-59, 59, 301, dtype=torch.float64, requires_grad=True)
    wave = sum((math.pi * i * x / 60).sin() / i for i in (1, 3, 5)) * 4 / math.pi
    (expected,) = torch.autograd.grad(wave.sum(), x)
    torch.testing.assert_close(rule.slope(x.detach()), expected)
    one = Fourier(terms=1, half_period=1.0)
    x = torch.linspace(-0.99, 0.99, 100, dtype=torch.float64)
    torch.testing.assert_close(one.slope(x), (4 * (math.pi * x).cos()).clamp(-1, 1))


def test_row_scale_by_block():
    real = torch.tensor([[1.0, -3.0, 0.5, -0.5, 0.0], [0.0, 0.0, -6.0, 3.0, 3.0]])
    step = Step(blocks=(2, 3))
    factors = torch.tensor([[2.0, 1 / 3], [0.0, 4.0]])
    wide = factors.repeat_interleave(torch.tensor([2, 3]), dim=1)
    rule = TanhAlike(beta=1.0, scale="row")
    output, slope = gradient(rule, real, step)
    torch.testing.assert_close(output, wide * torch.where(real >= 0, 1.0, -1.0))
    torch.testing.assert_close(slope, 1 - real.tanh() ** 2)  # the scale stays out of it
    torch.testing.assert_close(rule.scales(real, (2, 3)), factors)
    assert rule.scales(real).shape == (2, 1)
    assert not rule.scales(real.requires_grad_(True), (2, 3)).requires_grad
    assert (TanhAlike().scales(real, (2, 3)) == 1).all()
    assert TanhAlike().scales(real, (2, 3)).shape == (2, 2)


def test_row_scale_is_the_least_squares_factor():
    real = torch.randn((4, 16), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    output, _ = gradient(Straight(scale="row"), real)
    for factor in (0.99, 1.01):
        assert ((real - output * factor) ** 2).sum() > ((real - output) ** 2).sum()


def test_bad_settings_are_refused():
    for make in (
        lambda: Straight(scale="column"),
        lambda: TanhAlike(beta=0.0),
        lambda: SignSwish(beta=float("nan")),
        lambda: Fourier(terms=0),
        lambda: Fourier(half_period=-1.0),
        lambda: Gauss(gamma=float("inf")),
    ):
        with pytest.raises(ValueError, match="must be"):
            make()
    for blocks in ((2, 2), (5, 0), (6, -1)):
        with pytest.raises(ValueError, match="sum to 5 bits"):
            Straight(scale="row").relax(torch.zeros((2, 5)), Step(blocks=blocks))
    with pytest.raises(ValueError, match="epochs >= 1"):
        Step(epochs=0)
