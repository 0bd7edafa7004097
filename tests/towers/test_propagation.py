# SPDX-License-Identifier: Apache-2.0
"""Propagation towers against dense numpy, formula by formula."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.towers import Dispersion, Propagation, TowerData

torch = pytest.importorskip("torch")

from hashrec_fast.towers.dispersion import disperse, strongest_direction  # noqa: E402

USERS, ITEMS = 9, 7


def interactions():
    rng = np.random.default_rng(2)
    dense = (rng.random((USERS, ITEMS)) < 0.4).astype(np.float32)
    dense[3] = 0  # a user without links
    return sp.csr_matrix(dense)


def build(n_bits=8, seed=0, **settings):
    torch.manual_seed(seed)
    data = TowerData(interactions(), SideInfo(), n_bits, 1)
    return Propagation(**settings).build(data)


def adjacency(loops=False, row=False):
    links = interactions().toarray().astype(np.float64)
    n = USERS + ITEMS
    graph = np.zeros((n, n))
    graph[:USERS, USERS:], graph[USERS:, :USERS] = links, links.T
    graph += np.eye(n) * (loops or row)
    degree = graph.sum(1)
    scale = np.divide(1.0, degree, out=np.zeros(n), where=degree > 0)
    return scale[:, None] * graph if row else np.sqrt(scale)[:, None] * graph * np.sqrt(scale)


def everything(network, training=False):
    network.train(training)
    network.begin()
    sides = [
        network.encode(side, torch.arange(n)) for side, n in (("user", USERS), ("item", ITEMS))
    ]
    network.end()
    return torch.cat(sides)


def light_layers(network, count):
    layers = [network.nodes.detach().numpy().astype(np.float64)]
    for _ in range(count):
        layers.append(adjacency() @ layers[-1])
    return layers


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_light_mean(layers):
    network = build(layers=layers)
    expected = np.mean(light_layers(network, layers), axis=0)
    np.testing.assert_allclose(everything(network).detach(), expected, atol=1e-6)
    assert network.blocks == (8,)


@pytest.mark.parametrize("readout", ["concat", "layers"])
@pytest.mark.parametrize("n_bits", [1, 2, 3, 8, 64])
def test_layers_side_by_side(readout, n_bits):
    network = build(n_bits, layers=2, readout=readout)
    widths = {1: (1,), 2: (1, 1), 3: (1, 1, 1), 8: (3, 3, 2), 64: (22, 21, 21)}[n_bits]
    assert network.blocks == (widths if readout == "layers" else (n_bits,))
    layers = light_layers(network, 2)[-len(widths) :]  # few bits: the last layers alone
    expected = np.hstack([x[:, :w] for x, w in zip(layers, widths, strict=True)])
    np.testing.assert_allclose(everything(network).detach(), expected, atol=1e-6)
    assert network.base("item", torch.tensor([2])).equal(network.nodes[[USERS + 2]])


def test_rising_weights_and_projection():
    network = build(9, layers=2, readout="layers", layer_weights="rising", projection=True)
    matrix = network.projection.detach().numpy()
    expected = [
        x @ matrix * w for x, w in zip(light_layers(network, 2), (1 / 3, 2 / 3, 1.0), strict=True)
    ]
    np.testing.assert_allclose(everything(network).detach(), np.hstack(expected), atol=1e-6)


@pytest.mark.parametrize("normalisation", ["symmetric", "row"])
def test_ngcf(normalisation):
    network = build(12, mode="ngcf", layers=2, readout="concat", normalisation=normalisation)
    graph = adjacency(loops=True, row=normalisation == "row")
    own = network.nodes.detach().numpy().astype(np.float64)
    expected = [own]
    for step in network.steps:
        w1, b1 = step.sum.weight.detach().numpy().T, step.sum.bias.detach().numpy()
        w2, b2 = step.product.weight.detach().numpy().T, step.product.bias.detach().numpy()
        s = graph @ own
        one, two = s @ w1 + b1, (own * s) @ w2 + b2
        own = np.where(one > 0, one, 0.2 * one) + np.where(two > 0, two, 0.2 * two)
        expected.append(own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12))
    np.testing.assert_allclose(everything(network).detach(), np.hstack(expected), atol=1e-6)
    dropped = [everything(network, training=True).detach() for _ in range(2)]
    assert not torch.equal(*dropped)  # dropout, in training alone


TOWERS = {
    "light": {},
    "ngcf": {"mode": "ngcf", "readout": "concat"},
    "bgch": {"readout": "layers", "projection": True, "dispersion": Dispersion()},
    "bigear": {"readout": "layers", "layer_weights": "rising"},
    "bgch+": {"readout": "layers", "projection": True, "noise": 0.1},
}


@pytest.mark.parametrize("name", TOWERS)
def test_every_parameter_gets_a_gradient(name):
    """The released code of BGCH keeps its projection where no optimiser finds it."""
    network = build(12, layers=2, **TOWERS[name])
    (everything(network, training=True) ** 2).sum().backward()
    for parameter, value in network.named_parameters():
        assert value.grad is not None, parameter
        assert value.grad.abs().sum() > 0, parameter
    names = {key for key, _ in network.named_parameters()}
    assert ("projection" in names) == TOWERS[name].get("projection", False)


def test_a_frozen_projection_stays():
    network = build(projection=True, freeze_projection=True)
    everything(network).sum().backward()
    assert network.projection.grad is None
    assert network.nodes.grad is not None


def test_gradient_through_the_layers():
    """Of a linear function of the readout: the transposed layers."""
    network = build(6, layers=2)
    weights = torch.randn(USERS + ITEMS, 6)
    (everything(network) * weights).sum().backward()
    a = adjacency()
    expected = (np.eye(len(a)) + a + a @ a).T / 3 @ weights.numpy()
    np.testing.assert_allclose(network.nodes.grad, expected, atol=1e-6)


def spiked(n=40, width=6, top=50.0):
    rng = np.random.default_rng(4)
    left, _ = np.linalg.qr(rng.normal(size=(n, width)))
    right, _ = np.linalg.qr(rng.normal(size=(width, width)))
    values = np.array([top, 3.0, 2.0, 1.5, 1.0, 0.5])
    return torch.tensor(left * values @ right.T), torch.tensor(right[:, 0]), values


@pytest.mark.parametrize("strength", [0.0, 0.1, 1.0])
def test_dispersion_shrinks_the_strongest_direction(strength):
    rows, right, values = spiked()
    starts = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    direction = strongest_direction(rows, starts, power=2)
    assert float(direction.norm()) == pytest.approx(1)
    assert abs(float(direction @ right)) == pytest.approx(1, abs=1e-8)
    after = np.linalg.svd(disperse(rows, direction, strength).numpy(), compute_uv=False)
    expected = np.sort([values[0] * (1 - strength), *values[1:]])[::-1]
    np.testing.assert_allclose(after, expected, atol=1e-4)


def test_draws_of_opposite_sign_do_not_cancel():
    rows, right, _ = spiked()
    start = torch.randn(6, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    direction = strongest_direction(rows, torch.hstack([start, -start]), power=2)
    assert abs(float(direction @ right)) == pytest.approx(1, abs=1e-8)
    nothing = strongest_direction(torch.zeros(4, 6, dtype=torch.float64), start, power=2)
    assert torch.equal(nothing, torch.zeros(6, dtype=torch.float64))


def test_dispersion_by_side_drawn_in_training_and_fixed_for_export():
    how = Dispersion(strength=0.5, draws=1, power=1)
    network = build(4, layers=0, dispersion=how)
    nodes = network.nodes.detach().numpy().astype(np.float64)
    start = network.starts.numpy().astype(np.float64)
    expected = []
    for part in (nodes[:USERS], nodes[USERS:]):
        v = part.T @ part @ start
        v /= np.linalg.norm(v)
        expected.append(part - 0.5 * part @ v @ v.T)
    np.testing.assert_allclose(everything(network).detach(), np.vstack(expected), atol=1e-5)
    assert torch.equal(everything(network), everything(network))
    one, two = (everything(network, training=True) for _ in range(2))
    assert not torch.equal(one, two)
    assert "starts" in network.state_dict()  # so that a checkpoint goes on with the same ones


def test_noisy_views():
    network = build(6, layers=1, readout="layers", noise=0.3)
    rows = torch.arange(USERS)
    network.train(True)
    network.begin()
    first, second = network.views("user", rows)
    clean = network.encode("user", rows)
    assert first.shape == clean.shape == (USERS, 6)
    assert not torch.equal(first, second)
    again, _ = network.views("user", rows)
    assert torch.equal(first, again)  # one draw a step
    shift = (first - clean)[:, :3].detach()  # layer 0, where nothing is propagated yet
    np.testing.assert_allclose(shift.norm(dim=1), 0.3, rtol=1e-5)
    assert (shift * clean[:, :3] >= 0).all()
    network.begin()
    assert not torch.equal(first, network.views("user", rows)[0])
    network.train(False)
    network.begin()
    assert all(
        torch.equal(view, network.encode("user", rows)) for view in network.views("user", rows)
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "gat"}, "mode must be one of"),
        ({"readout": "sum"}, "readout must be one of"),
        ({"layers": -1}, "layers must be at least 0"),
        ({"dropout": 1.0}, "dropout must be below 1"),
        ({"noise": -0.1}, "noise must be at least 0"),
        ({"layer_weights": "rising"}, "side by side"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Propagation(**settings)


def test_bad_dispersion():
    with pytest.raises(ValueError, match="strength must be at most 1, got 2"):
        Dispersion(strength=2)
    with pytest.raises(ValueError, match="draws must be at least 1"):
        Dispersion(draws=0)
