# SPDX-License-Identifier: Apache-2.0
"""Means over triples, against loops, and what is taken for a knowledge graph."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

import hashrec_fast as hf  # noqa: E402
from hashrec_fast.data.kg_inputs import as_knowledge_graph  # noqa: E402
from hashrec_fast.data.side_inputs import SideInfo, as_side_info  # noqa: E402
from hashrec_fast.towers import KnowledgeSAGE, TowerData  # noqa: E402

TRIPLES = np.array([[0, 0, 4], [1, 0, 4], [0, 1, 5], [2, 2, 5], [0, 0, 4], [5, 1, 6]])


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def by_hand(network, kg, hops):
    hidden = network.entities.detach().numpy()
    for hop in list(network.hops)[:hops]:
        weight, dense = hop.mean.weight.detach().numpy(), hop.dense
        new = []
        for entity in range(kg.n_entities):
            messages = [weight[r] * hidden[t] for h, r, t in triples(kg) if h == entity]
            messages += [
                weight[r + kg.n_relations] * hidden[h] for h, r, t in triples(kg) if t == entity
            ]
            mean = np.mean(messages, axis=0) if messages else np.zeros(hidden.shape[1])
            both = np.concatenate((hidden[entity], mean))
            new.append(leaky(dense.weight.detach().numpy() @ both + dense.bias.detach().numpy()))
        hidden = np.array(new)
    return hidden


def triples(kg):
    return zip(kg.head, kg.relation, kg.tail, strict=True)


@pytest.mark.parametrize("hops", [1, 2])
def test_items_are_their_own_vectors_and_their_entities(hops):
    torch.manual_seed(0)
    kg = as_knowledge_graph(TRIPLES, 4)
    kg = dataclasses.replace(kg, item_entity=np.array([1, -1, 0, 3], dtype=np.int32))
    links = sp.csr_matrix(np.ones((3, 4), dtype=np.float32))
    data = TowerData(links, SideInfo(kg=kg), 5, 1)
    network = KnowledgeSAGE(hops=hops, layers=0, start_deviation=1.0).build(data)
    hidden = by_hand(network, kg, hops)
    own = network.item.detach().numpy()
    wanted = np.array([own[0] + hidden[1], own[1], own[2] + hidden[0], own[3] + hidden[3]])
    got = network.encode("item", torch.arange(4)).detach()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
    assert torch.equal(network.encode("user", torch.arange(3)), network.user)


def test_layers_over_interactions_are_a_mean():
    torch.manual_seed(0)
    data = TowerData(sp.csr_matrix([[1.0, 0.0]]), SideInfo(kg=as_knowledge_graph(TRIPLES, 2)), 3, 1)
    network = KnowledgeSAGE(layers=1, start_deviation=1.0).build(data)
    user, item = (network.encode(side, torch.tensor([0])) for side in ("user", "item"))
    torch.testing.assert_close(user, item)  # one link: each is the mean of both
    network.end()
    network._layers = 0
    alone = network.encode("item", torch.tensor([0])) + network.user
    torch.testing.assert_close(item, alone / 2)


def test_triples_become_a_graph():
    kg = as_knowledge_graph(TRIPLES, 4)
    assert (kg.n_entities, kg.n_relations, len(kg)) == (7, 3, 6)
    assert kg.item_entity.tolist() == [0, 1, 2, 3]
    assert as_knowledge_graph(np.empty((0, 3), dtype=np.int64), 4).n_entities == 4
    assert as_knowledge_graph(kg, 4) is kg


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (TRIPLES[:, :2], ValueError, r"shape \(n_triples, 3\), got \(6, 2\)"),
        (TRIPLES.astype(float), TypeError, "must hold integers, got float64"),
        (TRIPLES - 1, ValueError, r"ids from 0 to 2\^31 - 1, got .* in row 0"),
        (TRIPLES + 2**40, ValueError, r"ids from 0 to 2\^31 - 1"),
        (TRIPLES.tolist(), TypeError, "must be a KnowledgeGraph or an integer array .* got list"),
        (as_knowledge_graph(TRIPLES, 4), ValueError, "for each of 3 items, got 4"),
    ],
)
def test_bad_graphs_are_refused(value, error, message):
    with pytest.raises(error, match=message):
        as_side_info(
            {"kg": value},
            needs=frozenset({"kg"}),
            uses=frozenset({"kg"}),
            shape=(5, 3),
            method="x",
        )


def test_a_data_set_brings_its_graph():
    rng = np.random.default_rng(0)
    matrix = sp.csr_matrix((rng.random((12, 4)) < 0.5).astype(np.float32))
    data = dataclasses.replace(hf.data.Dataset.from_csr(matrix), kg=as_knowledge_graph(TRIPLES, 4))
    quick = {"n_bits": 8, "random_state": 0, "epochs": 2}
    by_data = hf.create("kg_sage", **quick).fit(data, show_progress=False)
    by_hand = hf.create("kg_sage", **quick)
    by_hand.fit(matrix, side_info={"kg": TRIPLES}, show_progress=False)
    np.testing.assert_array_equal(by_data.user_codes_, by_hand.user_codes_)
    np.testing.assert_array_equal(by_data.item_codes_, by_hand.item_codes_)


def test_settings_are_checked():
    with pytest.raises(ValueError, match="hops must be at least 1"):
        KnowledgeSAGE(hops=0)
