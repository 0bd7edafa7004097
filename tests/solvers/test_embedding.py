# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from problems import context, graph, ratings, signs

from hashrec_fast.contracts import Terms
from hashrec_fast.losses import MSE, BalanceDecorrelation, NetworkEmbedding
from hashrec_fast.solvers import DCD
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms.embedding import SkipGram
from hashrec_fast.solvers.linear_terms.walks import meetings, strangers, walk


def test_walks_follow_links():
    links = graph(20)
    starts = np.repeat(np.arange(20), 5)
    path = walk(links, starts, 6, np.random.default_rng(0))
    dense = links.toarray() > 0
    for row in path:
        for a, b in pairwise(row):
            assert dense[a, b] if b >= 0 else (a < 0 or not dense[a].any())
    np.testing.assert_array_equal(path[:, 0], starts)
    assert (path[-3:, 1] == -1).all()  # the last user has no link


def test_meetings_on_a_chain():
    """On a path 0-1-2-3 users meet exactly those within the window."""
    chain = sp.csr_matrix(np.diag(np.ones(3), 1))
    met = meetings(chain, walks=50, length=6, window=2, rng=np.random.default_rng(0)).toarray()
    distance = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    assert (met[distance == 3] == 0).all()
    assert (np.diag(met) == 0).all()
    assert (met[(distance == 1) | (distance == 2)] > 0).all()
    np.testing.assert_array_equal(met, met.T)


def test_strangers_never_met():
    met = meetings(graph(30), walks=2, length=4, window=1, rng=np.random.default_rng(0))
    apart = strangers(met, 2.0, np.random.default_rng(1))
    assert apart.nnz > 0
    assert apart.multiply(met).nnz == 0
    assert apart.diagonal().sum() == 0
    linked = np.diff(met.indptr) > 0
    assert (np.diff(apart.indptr)[~linked] == 0).all()
    assert apart.toarray()[:, ~linked].sum() == 0


def skip_gram(seed=0, n=25, f=4):
    rng = np.random.default_rng(seed)
    met = meetings(graph(n, seed=seed), walks=3, length=5, window=2, rng=rng)
    apart = strangers(met, 1.0, rng)
    return SkipGram(met, apart, f, rng), met.toarray(), apart.toarray(), rng


def dense_loss(e, c, met, apart):
    s = e @ c.T
    return (met * np.log1p(np.exp(-s)) + apart * np.log1p(np.exp(s))).sum() + (c**2).sum()


@pytest.mark.parametrize("seed", range(4))
def test_descent_lowers_the_dense_loss(seed):
    model, met, apart, rng = skip_gram(seed)
    e, target = rng.standard_normal((25, 4)), rng.choice([-1.0, 1.0], (25, 4))

    def value():
        return dense_loss(e, model.context, met, apart) + 0.7 * ((e - target) ** 2).sum()

    values = [value()]
    assert model.loss(e) == pytest.approx(dense_loss(e, model.context, met, apart))
    for _ in range(200):
        e = model.descend(e, 0.7, target)
        values.append(value())
    assert (np.diff(values) <= 1e-9).all()


def test_step_follows_the_gradient():
    """Of the embedding, contexts fixed: the step times its curvature bound is the gradient."""
    model, met, apart, rng = skip_gram()
    e, target = rng.standard_normal((25, 4)), rng.choice([-1.0, 1.0], (25, 4))
    after = model.descend(e, 0.7, target)
    c = model.context
    slope = apart / (1 + np.exp(-e @ c.T)) - met / (1 + np.exp(e @ c.T))
    gradient = slope @ c + 2 * 0.7 * (e - target)
    bound = 0.25 * (met + apart) @ (c**2).sum(axis=1) + 2 * 0.7
    np.testing.assert_allclose(e - after, gradient / bound[:, None], atol=1e-9)


def test_users_without_links_are_not_pulled():
    social = graph(30)
    states = random_states({"user": 30, "item": 9}, 4, np.random.default_rng(0))
    (term,) = NetworkEmbedding(weight=3.0).linear_terms(states, context(4, social=social))
    rows = term.linear(states).rows
    linked = (social + social.T).sum(axis=1).A1 > 0
    assert 0 < linked.sum() < 30
    assert (rows[~linked] == 0).all()
    np.testing.assert_allclose(rows[linked][:, :4], 3.0 * term.embedding[linked])
    before = term.value(states)
    term.update(states)
    assert term.value(states) <= before
    gap = ((signs(states["user"]) - term.embedding)[linked] ** 2).sum()
    assert term.value(states) == pytest.approx(3.0 * gap + term._skip_gram.loss(term.embedding))


def test_objective_never_rises():
    terms = Terms((MSE(), BalanceDecorrelation(alpha=0.1, beta=0.1), NetworkEmbedding(weight=2.0)))
    result = DCD(start="random").solve(ratings(), terms, None, context(8, social=graph(30)))
    values = [row["objective"] for row in result.history]
    assert len(values) > 2
    assert (np.diff(values) <= 1e-6).all()


def test_strength_must_be_positive():
    with pytest.raises(ValueError, match=r"strength must be above 0, got 0\.0"):
        NetworkEmbedding(strength=0.0)
