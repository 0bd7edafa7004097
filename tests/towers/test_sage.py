# SPDX-License-Identifier: Apache-2.0
"""Sampled neighbours and the hops over them, against loops over single nodes."""

import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

from hashrec_fast.data.side_inputs import SideInfo  # noqa: E402
from hashrec_fast.towers import SampledSAGE, TowerData  # noqa: E402
from hashrec_fast.towers.layers.neighbours import Neighbours, pooled  # noqa: E402


def links(n_users=14, n_items=9, density=0.4, seed=0):
    rng = np.random.default_rng(seed)
    dense = rng.random((n_users, n_items)) < density
    dense[2], dense[:, 4] = False, False  # a user and an item without links
    dense[3], dense[3, 4] = True, False  # a user with many
    return sp.csr_matrix(dense, dtype=np.float32)


def data(n_bits=6, features=False):
    rng = np.random.default_rng(1)
    views = {"item_features": (sp.csr_matrix(rng.random((9, 3))),)} if features else {}
    return TowerData(links(), SideInfo(**views), n_bits, 1)


def test_draws_are_without_replacement_where_there_are_enough():
    torch.manual_seed(0)
    found = Neighbours(links())
    rows = torch.arange(14).repeat(50)
    drawn = found.sample(rows, 3)
    assert drawn.shape == (700, 3)
    for row, picks in zip(rows.tolist(), drawn.tolist(), strict=True):
        own = links()[row].indices
        if len(own) == 0:
            continue
        assert set(picks) <= set(own)
        if len(own) >= 3:
            assert len(set(picks)) == 3


def test_every_set_of_neighbours_is_as_likely():
    torch.manual_seed(0)
    found = Neighbours(sp.csr_matrix(np.ones((1, 5))))
    drawn = found.sample(torch.zeros(20000, dtype=torch.int64), 2).sort(dim=1).values
    sets, counts = torch.unique(drawn, dim=0, return_counts=True)
    assert len(sets) == 10
    assert (counts.double() / 20000 - 0.1).abs().max() < 0.01  # five standard deviations


def test_few_neighbours_are_drawn_with_replacement():
    torch.manual_seed(0)
    found = Neighbours(sp.csr_matrix(np.array([[0, 1.0, 0, 1.0], [0, 0, 0, 0]])))
    drawn = found.sample(torch.zeros(4000, dtype=torch.int64), 3)
    assert set(drawn.flatten().tolist()) == {1, 3}
    assert (drawn == 1).double().mean() == pytest.approx(0.5, abs=0.03)
    assert (drawn[:, 0] == drawn[:, 1]).any()


def test_draws_follow_the_generator():
    found, rows = Neighbours(links()), torch.arange(14)
    torch.manual_seed(3)
    first = found.sample(rows, 4)
    torch.manual_seed(3)
    assert torch.equal(found.sample(rows, 4), first)
    assert not torch.equal(found.sample(rows, 4), first)
    seeded = [found.sample(rows, 4, torch.Generator().manual_seed(5)) for _ in range(2)]
    assert torch.equal(*seeded)


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_pooling_over_drawn_and_all_neighbours(kind):
    torch.manual_seed(0)
    found, rows = Neighbours(links()), torch.arange(14)
    columns, reduce = torch.randn(9, 5), {"mean": np.mean, "max": np.max}[kind]
    drawn = found.sample(rows, 3)
    some = pooled(drawn, columns, found.degrees(rows), kind)
    every = found.pooled(columns, kind)
    for row in range(14):
        own = links()[row].indices
        for got, chosen in ((some[row], drawn[row].numpy()), (every[row], own)):
            wanted = reduce(columns.numpy()[chosen], axis=0) if len(own) else np.zeros(5)
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def by_hand(network, side, row, *, hop, kind):
    """Hidden vector of one node after ``hop + 1`` hops over all neighbours."""
    own = {"user": network.user, "item": network.item}
    other = "item" if kind == "user" else "user"
    if hop < 0:
        part = own[kind]
        start = part.dense(part.ids[row])
        if part.features is not None:
            start = start + part.features()[row]
        return leaky(start.detach().numpy())
    matrix = links() if kind == "user" else links().T.tocsr()
    me = by_hand(network, side, row, hop=hop - 1, kind=kind)
    near = [by_hand(network, side, r, hop=hop - 1, kind=other) for r in matrix[row].indices]
    aggregator = network._tower.aggregator
    if aggregator == "gcn":
        inputs = np.mean([me, *near], axis=0)
    else:
        reduce = np.max if aggregator == "max" else np.mean
        inputs = np.concatenate((me, reduce(near, axis=0) if near else 0 * me))
    dense = own[side].hops[hop].dense
    return leaky(dense.weight.detach().numpy() @ inputs + dense.bias.detach().numpy())


@pytest.mark.parametrize("aggregator", ["mean", "gcn", "max"])
@pytest.mark.parametrize("features", [False, True])
def test_outputs_over_all_neighbours(aggregator, features):
    """Maxima are over a fixed draw, here of so many that it holds every neighbour."""
    torch.manual_seed(0)
    many = {"user_neighbours": (300, 300), "item_neighbours": (300,)}
    tower = SampledSAGE(aggregator=aggregator, start_deviation=1.0, **many)
    network = tower.build(data(features=features)).eval()
    for side, n in (("user", 14), ("item", 9)):
        got = network.encode(side, torch.arange(n)).detach().numpy()
        head = network.side(side).head
        for row in range(n):
            hops = len(tower.neighbours(side))
            hidden = by_hand(network, side, row, hop=hops - 1, kind=side)
            wanted = head.weight.detach().numpy() @ hidden + head.bias.detach().numpy()
            np.testing.assert_allclose(got[row], np.tanh(wanted), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("aggregator", ["mean", "gcn", "max"])
@pytest.mark.parametrize("hops", [((4, 4), (4,)), ((4,), (4, 4)), ((), (4,))])
def test_training_draws_all_where_every_node_has_as_many(aggregator, hops):
    torch.manual_seed(0)
    circle = sum(np.roll(np.eye(8), shift, axis=1) for shift in range(4))
    tower = SampledSAGE(
        aggregator=aggregator, user_neighbours=hops[0], item_neighbours=hops[1], start_deviation=1.0
    )
    network = tower.build(TowerData(sp.csr_matrix(circle), SideInfo(), 6, 1))
    rows = torch.tensor([5, 0, 3])
    for side in ("user", "item"):
        network.train().begin()
        drawn = network.encode(side, rows)
        network.end()
        network.eval().begin()
        torch.testing.assert_close(drawn, network.encode(side, rows))
        network.end()


def test_features_are_scaled_by_column():
    torch.manual_seed(0)
    network = SampledSAGE().build(data(features=True))
    views = data(features=True).side_info.item_features[0].toarray()
    views /= np.sqrt((views**2).mean(axis=0))
    wanted = views @ network.item.features.weight.detach().numpy()
    np.testing.assert_allclose(network.item.features().detach(), wanted, rtol=1e-5, atol=1e-6)


def test_outputs_outside_of_training_repeat_and_training_draws_anew():
    torch.manual_seed(0)
    network = SampledSAGE(user_neighbours=(2, 2), start_deviation=1.0, aggregator="max").build(
        data()
    )
    rows = torch.arange(14)
    network.eval()
    first = network.encode("user", rows)
    network.end()
    assert torch.equal(first, network.encode("user", rows))
    network.end()
    network.train()
    assert not torch.equal(network.encode("user", rows), network.encode("user", rows))


def test_settings_are_checked():
    with pytest.raises(ValueError, match="aggregator must be one of"):
        SampledSAGE(aggregator="sum")
    with pytest.raises(ValueError, match="user_neighbours must be a tuple, each at least 1"):
        SampledSAGE(user_neighbours=(10, 0))
