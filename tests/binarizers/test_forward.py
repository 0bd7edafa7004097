# SPDX-License-Identifier: Apache-2.0
"""Smooth stand-ins for the sign, their schedules, and what is drawn."""

import math

import numpy as np
import pytest

from hashrec_fast.binarizers import (
    BernoulliStraight,
    DoublySemantic,
    EpochSchedule,
    Erf,
    Guided,
    GumbelSign,
    Identity,
    SignSwish,
    Step,
    Straight,
    Tanh,
)

torch = pytest.importorskip("torch")

STOCHASTIC = (
    GumbelSign(),
    GumbelSign(noise="gaussian"),
    BernoulliStraight(),
    DoublySemantic(threshold="uniform"),
    Guided(schedule=EpochSchedule(start=0.5)),
    Guided(schedule=EpochSchedule(start=0.5), share="call"),
)
ALL = (*STOCHASTIC, Identity(), Tanh(), Erf(), DoublySemantic())


def seeded(seed=0, **settings):
    return Step(generator=torch.Generator().manual_seed(seed), **settings)


def rows(n=64, f=8, seed=1):
    return torch.randn((n, f), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def derivative(binarizer, real, step):
    real = real.clone().requires_grad_(True)
    output = binarizer.relax(real, step)
    return output.detach(), torch.autograd.grad(output.sum(), real)[0]


def test_schedules():
    steps = [Step(epoch=e, epochs=100) for e in range(100)]
    epochs = np.arange(100)

    def values(**settings):
        return [EpochSchedule(**settings)(step) for step in steps]

    cigar = [math.sqrt(1 + 10 * (e - 1)) for e in range(1, 101)]  # as printed: e from 1
    np.testing.assert_allclose(values(kind="sqrt", rate=10.0), cigar)
    np.testing.assert_allclose(values(kind="sqrt", rate=0.3), np.sqrt(0.3 * epochs + 1))
    np.testing.assert_allclose(values(kind="exponential", end=100.0), 100 ** (epochs / 100))
    assert set(values(start=0.5)) == {0.5}
    hashgnn = np.minimum(1, epochs / 80)
    np.testing.assert_allclose(values(kind="linear", start=0.0, end=1.0, share=0.8), hashgnn)
    slow = values(kind="linear", start=0.0, rate=0.01, end=1.0)
    np.testing.assert_allclose(slow, 0.01 * epochs)
    stairs = 0.02 * (epochs // 2)
    assert np.abs(np.array(slow) - stairs).max() <= 0.01 + 1e-12
    falling = values(kind="linear", start=1.0, rate=-0.1, end=0.2)
    np.testing.assert_allclose(falling, np.maximum(1 - 0.1 * epochs, 0.2))
    assert max(values(kind="sqrt", rate=10.0, end=5.0)) == 5
    geometric = values(kind="exponential", start=200.0, end=25.0, share=0.5)
    np.testing.assert_allclose(geometric, np.maximum(200 * 8.0 ** (-epochs / 50), 25))


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "cosine"},
        {"kind": "linear"},
        {"kind": "exponential"},
        {"kind": "exponential", "end": -1.0},
        {"kind": "sqrt", "rate": -1.0},
        {"share": 0.0},
    ],
)
def test_bad_schedules_are_refused(settings):
    with pytest.raises(ValueError, match=r"must be|wants"):
        EpochSchedule(**settings)


@pytest.mark.parametrize("binarizer", [Identity(), Tanh(), Erf(), GumbelSign()], ids=repr)
def test_gradients_are_true(binarizer):
    real = rows(3, 4).requires_grad_(True)
    step = {"epoch": 2, "epochs": 5}
    assert torch.autograd.gradcheck(lambda x: binarizer.relax(x, seeded(**step)), (real,))
    assert binarizer.kind == "forward"


def test_values_of_the_smooth_functions():
    real, step = rows(), Step(epoch=3, epochs=9)
    beta = math.sqrt(31)
    torch.testing.assert_close(Tanh().relax(real, step), (beta * real).tanh())
    torch.testing.assert_close(Erf().relax(real, step), torch.erf(beta * real))
    assert Identity().relax(real, step) is real
    _, slope = derivative(Erf(), real, step)
    expected = 2 * beta / math.sqrt(math.pi) * (-((beta * real) ** 2)).exp()
    torch.testing.assert_close(slope, expected)
    still = GumbelSign(temperature=2.0).relax(real, Step(training=False))
    torch.testing.assert_close(still, 2 * (real / 2).sigmoid() - 1)


@pytest.mark.parametrize(("noise", "variance"), [("logistic", math.pi**2 / 3), ("gaussian", 1.0)])
def test_noise_has_its_distribution(noise, variance):
    zeros = torch.zeros((400, 250), dtype=torch.float64)
    drawn = GumbelSign(temperature=4.0, noise=noise).relax(zeros, seeded())
    values = torch.atanh(drawn) * 8
    assert float(values.mean()) == pytest.approx(0, abs=0.03)
    assert float(values.var()) == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize("binarizer", STOCHASTIC, ids=repr)
def test_draws_come_from_the_generator(binarizer):
    real = rows()
    first = binarizer.relax(real, seeded(3))
    assert torch.equal(first, binarizer.relax(real, seeded(3)))
    others = [binarizer.relax(real, seeded(seed)) for seed in range(4, 9)]
    assert any(not torch.equal(first, other) for other in others)
    still = [binarizer.relax(real, seeded(seed, training=False)) for seed in (1, 2)]
    assert torch.equal(*still)


@pytest.mark.parametrize("binarizer", ALL, ids=repr)
@pytest.mark.parametrize("training", [False, True])
def test_extreme_rows_stay_finite(binarizer, training):
    for value in (0.0, -0.0, 1e-38, 50.0, -1e4, 1e30, -3.4e38):
        real = torch.full((5, 3), value)
        output, slope = derivative(binarizer, real, seeded(training=training, epochs=3, epoch=1))
        assert torch.isfinite(output).all()
        assert torch.isfinite(slope).all()
        assert output.dtype == torch.float32


@pytest.mark.parametrize("binarizer", [BernoulliStraight(), DoublySemantic(threshold="uniform")])
def test_bits_have_their_probability(binarizer):
    real = torch.tensor([[-2.0, 0.0, 1.0]], dtype=torch.float64).expand(20000, 3)
    output, slope = derivative(binarizer, real, seeded())
    assert set(output.unique().tolist()) == {-1.0, 1.0}
    p = real[:1].sigmoid()
    np.testing.assert_allclose((output > 0).double().mean(0), p[0], atol=0.02)
    torch.testing.assert_close(slope, (2 * p * (1 - p)).expand_as(slope))
    still = binarizer.relax(torch.tensor([[-1e-9, 0.0, 1e-9]]), Step(training=False))
    assert still.tolist() == [[-1, 1, 1]]


def test_both_outputs_of_doubly_semantic_neurons_pass_gradients():
    real = rows().requires_grad_(True)
    codes, p = DoublySemantic().both(real, seeded())
    assert torch.equal(codes, torch.where(real >= 0, 1.0, -1.0).double())
    g_y, g_p = rows(seed=5), rows(seed=6)
    loss = ((codes + 1) / 2 * g_y + p * g_p).sum()  # in bits of 0 and 1, as the paper has them
    (got,) = torch.autograd.grad(loss, real)
    s = real.detach().sigmoid()
    torch.testing.assert_close(got, s * (1 - s) * (g_y + g_p))


def test_guided_mixes_whole_rows():
    real = rows(4000, 4)
    guided = Guided(inner=Straight(), schedule=EpochSchedule(start=0.3))
    output, slope = derivative(guided, real, seeded())
    signs = torch.where(real >= 0, 1.0, -1.0).double()
    hashed = (output == signs).all(1)
    assert torch.equal(output[~hashed], real[~hashed])
    assert float(hashed.double().mean()) == pytest.approx(0.3, abs=0.03)
    assert (slope == 1).all()
    draws = torch.linspace(0, 0.999, len(real))
    mixed = guided.mix(real, Step(), draws)
    assert torch.equal(mixed, torch.where((draws < 0.3)[:, None], signs, real))
    together = Guided(schedule=EpochSchedule(start=0.5), share="call")
    for seed in range(6):
        output = together.relax(real, seeded(seed))
        assert torch.equal(output, real) or torch.equal(output, signs)


def test_guided_ends_with_hashing_only():
    real = rows()
    inner = SignSwish(beta=1.0, scale="row")
    guided = Guided(inner=inner)
    assert torch.equal(guided.relax(real, seeded(epoch=0, epochs=10)), real)
    last = seeded(epoch=9, epochs=10, blocks=(4, 4))
    got, slope = derivative(guided, real, last)
    expected, inner_slope = derivative(inner, real, last)
    assert torch.equal(got, expected)
    assert torch.equal(slope, inner_slope)
    assert torch.equal(guided.scales(real, (4, 4)), inner.scales(real, (4, 4)))


def test_parts_stand_in_recipes():
    from hashrec_fast import binarizers
    from hashrec_fast.recipe_json import from_json, to_json

    for binarizer in ALL:
        assert from_json(to_json(binarizer)) == binarizer
    for name in binarizers.__all__:
        part = getattr(binarizers, name)
        if issubclass(part, binarizers.Binarizer):
            assert part.kind in {"forward", "backward"}
    for make in (
        lambda: GumbelSign(temperature=0.0),
        lambda: GumbelSign(noise="cauchy"),
        lambda: DoublySemantic(threshold="third"),
        lambda: Guided(share="column"),
    ):
        with pytest.raises(ValueError, match="must be"):
            make()


def test_naming_the_parts_needs_no_torch():
    import subprocess
    import sys

    code = "import sys, hashrec_fast.binarizers as b; b.Guided(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
