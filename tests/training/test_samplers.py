# SPDX-License-Identifier: Apache-2.0
"""What the samplers of the training loop hand out, against brute force over dense matrices."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.training import Blocks, Catalogue, Observed, Pairs, UserLists


@pytest.fixture
def ratings(rng):
    """Graded pairs; one user with nothing, one with everything, one item nobody has."""
    dense = rng.integers(1, 6, (30, 17)) * (rng.random((30, 17)) < 0.3)
    dense[4], dense[:, 9], dense[7] = 0, 0, 3
    return sp.csr_matrix(dense.astype(np.float32))


def entries(batches):
    """All (user, item, value, observed) that are there, one after the other."""
    found = []
    for batch in batches:
        users, items = batch.users.numpy(), batch.items.numpy()
        mask, values = batch.mask.numpy(), batch.values.numpy()
        assert mask.shape == values.shape == batch.observed.shape
        items = np.broadcast_to(items, mask.shape)
        for r, c in np.argwhere(mask):
            found.append((users[r], items[r, c], values[r, c], bool(batch.observed[r, c])))
    return found


def stored(matrix):
    coo = matrix.tocoo()
    return sorted(zip(coo.row, coo.col, coo.data, [True] * coo.nnz, strict=True))


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_observed_gives_every_pair_once(ratings, rng, batch_size):
    batches = list(Observed(batch_size=batch_size).batches(ratings, rng))
    assert all(len(batch.users) <= batch_size for batch in batches)
    assert sorted(entries(batches)) == stored(ratings)
    again = entries(Observed().batches(ratings, rng))
    assert again != entries(batches)  # another order


@pytest.mark.parametrize("negatives", [0, 2])
def test_observed_ends_an_epoch_after_some_steps(ratings, rng, negatives):
    matrix = ratings.copy()
    matrix.data[:] = 1.0  # alike, so that negatives are drawn where they are wanted
    sampler = Observed(batch_size=3, negatives=negatives, steps=2)
    assert [len(batch.users) for batch in sampler.batches(matrix, rng)] == [3, 3]
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        Observed(steps=-1)


@pytest.mark.parametrize("negatives", [1, 4])
def test_pairs_give_every_positive_once(ratings, rng, negatives):
    dense = ratings.toarray()
    batches = list(Pairs(batch_size=13, negatives=negatives).batches(ratings, rng))
    positives = []
    for batch in batches:
        users, items = batch.users.numpy(), batch.items.numpy()
        assert items.shape == (len(users), 1 + negatives)
        assert len(users) <= 13
        assert batch.mask.all()
        assert batch.observed[:, 0].all()
        assert not batch.observed[:, 1:].any()
        np.testing.assert_array_equal(batch.values[:, 0], dense[users, items[:, 0]])
        assert (dense[users[:, None], items[:, 1:]] == 0).all()
        assert not batch.values[:, 1:].any()
        positives += list(zip(users, items[:, 0], strict=True))
    able = [(u, i) for u, i, _, _ in stored(ratings) if u != 7]  # 7 has no negatives
    assert sorted(positives) == able


def test_negatives_are_uniform_over_what_is_not_observed(rng):
    matrix = sp.csr_matrix(np.array([[1.0, 0, 0, 1, 0]]))
    sampler = Pairs(negatives=3000)
    drawn = next(iter(sampler.batches(matrix, rng))).items[:, 1:].numpy()
    counts = np.bincount(drawn.ravel(), minlength=5)
    assert counts[[0, 3]].sum() == 0
    assert (np.abs(counts[[1, 2, 4]] - 2000) < 200).all()


def test_users_weigh_alike_where_asked(rng):
    dense = np.zeros((3, 60))
    dense[0, :50] = dense[1, :5] = 1
    dense[2] = 1  # has everything, so it owns no list
    matrix = sp.csr_matrix(dense)
    by_user = [
        u
        for _ in range(40)
        for u, _, _, seen in entries(Pairs(weight="user").batches(matrix, rng))
        if seen
    ]
    assert len(by_user) == 40 * 55
    share = np.bincount(by_user, minlength=3) / len(by_user)
    np.testing.assert_allclose(share, [0.5, 0.5, 0], atol=0.05)
    items = [
        i
        for _ in range(40)
        for u, i, _, seen in entries(Pairs(weight="user").batches(matrix, rng))
        if seen and u == 1
    ]
    assert set(items) == set(range(5))
    assert not list(Pairs(weight="user").batches(sp.csr_matrix(np.ones((2, 3))), rng))
    assert not list(Pairs().batches(sp.csr_matrix(np.ones((2, 3))), rng))


@pytest.mark.parametrize("negatives", [0.5, 2.0, 100.0])
def test_user_lists_hold_all_positives(ratings, rng, negatives):
    dense = ratings.toarray()
    owners = []
    for batch in UserLists(users=4, negatives=negatives).batches(ratings, rng):
        users, items, mask = batch.users.numpy(), batch.items.numpy(), batch.mask.numpy()
        assert len(users) <= 4
        owners += list(users)
        for r, user in enumerate(users):
            mine = items[r, mask[r]]
            positives = np.flatnonzero(dense[user])
            wanted = min(round(negatives * len(positives)), 17 - len(positives))
            assert len(mine) == len(set(mine)) == len(positives) + wanted
            assert set(positives) <= set(mine)
            seen = batch.observed.numpy()[r, mask[r]]
            np.testing.assert_array_equal(seen, dense[user, mine] > 0)
            np.testing.assert_array_equal(batch.values.numpy()[r, mask[r]], dense[user, mine])
            # what is padded names no row that the list has not, and holds nothing
            assert set(items[r]) == set(mine)
            assert not batch.observed.numpy()[r, ~mask[r]].any()
            assert not batch.values.numpy()[r, ~mask[r]].any()
    assert sorted(owners) == list(np.flatnonzero((dense > 0).any(1)))


@pytest.mark.parametrize(("users", "items"), [(7, 5), (0, 4), (9, 0), (0, 0), (100, 100)])
@pytest.mark.parametrize("observed_only", [False, True])
def test_blocks_cover_all_pairs_once(ratings, rng, users, items, observed_only):
    dense = ratings.toarray()
    sampler = Blocks(users=users, items=items, observed_only=observed_only)
    batches = list(sampler.batches(ratings, rng))
    for batch in batches:
        assert batch.shared
        assert batch.train_side is None
        assert batch.mask.shape[0] <= (users or 30)
        assert batch.mask.shape[1] <= (items or 17)
    found = sorted(entries(batches))
    if observed_only:
        assert found == stored(ratings)
        return
    everything = [(u, i, dense[u, i], dense[u, i] > 0) for u in range(30) for i in range(17)]
    assert found == everything
    few = list(Blocks(users=7, items=5, steps=3).batches(ratings, rng))
    assert len(few) == 3


def test_blocks_take_turns(ratings, rng):
    batches = list(Blocks(users=7, items=5, alternate=True).batches(ratings, rng))
    sides = [batch.train_side for batch in batches]
    assert sides == ["item"] * 4 + ["user"] * 5
    for batch in batches:
        rows, columns = batch.mask.shape
        assert (rows, columns <= 5) == (30, True) or (columns, rows <= 7) == (17, True)
    for side in ("item", "user"):
        part = [batch for batch in batches if batch.train_side == side]
        assert len(entries(part)) == len(set(entries(part))) == 30 * 17


@pytest.mark.parametrize("pairs", [1, 20, 10000])
def test_catalogue_gives_every_user_with_all_positives(ratings, rng, pairs):
    seen = np.diff(ratings.indptr)
    owners = []
    for batch in Catalogue(pairs=pairs).batches(ratings, rng):
        indptr, indices = (part.numpy() for part in batch.positives)
        users = batch.users.numpy()
        np.testing.assert_array_equal(batch.items.numpy(), np.arange(17))
        np.testing.assert_array_equal(np.diff(indptr), seen[users])
        for r, user in enumerate(users):
            expected = ratings[user].indices
            np.testing.assert_array_equal(np.sort(indices[indptr[r] : indptr[r + 1]]), expected)
        assert len(indices) < pairs + seen.max()
        owners += list(users)
        with pytest.raises(ValueError, match="holds no pairs"):
            batch.relevance("labels", RatingScale(1.0, 5.0))
    assert sorted(owners) == list(np.flatnonzero(seen))


SAMPLERS = [
    Observed(),
    Pairs(),
    Pairs(weight="user"),
    UserLists(),
    Blocks(users=8),
    Catalogue(pairs=9),
]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda part: f"{type(part).__name__}")
def test_an_epoch_follows_from_the_generator(ratings, sampler):
    epochs = []
    for seed in (5, 5, 6):
        batches = list(sampler.batches(ratings, np.random.default_rng(seed)))
        epochs.append([(list(b.users.numpy()), b.items.numpy().tolist()) for b in batches])
    assert epochs[0] == epochs[1]
    assert epochs[0] != epochs[2]


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ("labels", [[1.0, 0.0, 0.5, 0.0]]),
        ("targets", [[1.0, -1.0, 0.0, -1.0]]),
        ("grades", [[5.0, 1.0, 3.0, 0.0]]),
    ],
)
def test_relevance_of_ratings(rng, wanted, values):
    matrix = sp.csr_matrix(np.array([[5.0, 1.0, 3.0, 0.0]]))
    (batch,) = Blocks().batches(matrix, rng)
    scale = RatingScale.of(matrix)
    np.testing.assert_array_equal(batch.relevance(wanted, scale).numpy(), values)
    alike = RatingScale(1.0, 1.0)
    expected = {"labels": [1, 1, 1, 0], "targets": [1, 1, 1, -1], "grades": [1, 1, 1, 0]}
    np.testing.assert_array_equal(batch.relevance(wanted, alike).numpy(), [expected[wanted]])


@pytest.mark.parametrize(
    ("part", "settings", "message"),
    [
        (Pairs, {"weight": "x"}, "weight must be one of 'edge', 'user', got 'x'"),
        (Pairs, {"negatives": 0}, "negatives must be at least 1, got 0"),
        (UserLists, {"negatives": 0.0}, "negatives must be above 0, got 0.0"),
        (Blocks, {"users": -1}, "users must be at least 0, got -1"),
        (Observed, {"batch_size": 0}, "batch_size must be at least 1, got 0"),
        (Pairs, {"batch_size": -1}, "batch_size must be at least 1, got -1"),
        (UserLists, {"users": 0}, "users must be at least 1, got 0"),
        (Catalogue, {"pairs": 0}, "pairs must be at least 1, got 0"),
    ],
)
def test_settings_are_checked(part, settings, message):
    with pytest.raises(ValueError, match=message):
        part(**settings)
