# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.data.padding import buckets
from hashrec_fast.data.sampling import sample_lists, sample_pairs


def interactions(seed=0, shape=(30, 25), density=0.2):
    matrix = sp.random(*shape, density, format="csr", random_state=np.random.default_rng(seed))
    matrix.data = np.random.default_rng(seed).integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


@pytest.mark.parametrize("negatives", [0, 0.5, 1, 4, 100])
@pytest.mark.parametrize("density", [0.02, 0.2, 0.9])
def test_lists_hold_everything_seen_and_distinct_others(negatives, density):
    matrix = interactions(density=density)
    lists = sample_lists(matrix, negatives, np.random.default_rng(1))
    seen = np.diff(matrix.indptr)
    np.testing.assert_array_equal(lists.owners, np.flatnonzero(seen))
    dense = matrix.toarray()
    for number, user in enumerate(lists.owners):
        part = slice(lists.indptr[number], lists.indptr[number + 1])
        items, observed = lists.items[part], lists.observed[part]
        assert len(np.unique(items)) == len(items)
        np.testing.assert_array_equal(observed, dense[user, items] != 0)
        np.testing.assert_array_equal(lists.values[part], dense[user, items])
        assert observed.sum() == seen[user]
        wanted = round(negatives * seen[user])
        assert (~observed).sum() == min(wanted, matrix.shape[1] - seen[user])


def test_negatives_are_uniform():
    matrix = sp.csr_matrix((np.ones(3), ([0, 0, 0], [1, 4, 9])), shape=(1, 12))
    counts = np.zeros(12)
    rng = np.random.default_rng(0)
    for _ in range(3000):
        lists = sample_lists(matrix, 1, rng)
        counts[lists.items[~lists.observed]] += 1
    free = np.setdiff1d(np.arange(12), [1, 4, 9])
    assert counts[[1, 4, 9]].sum() == 0
    np.testing.assert_allclose(counts[free], 1000, atol=120)  # four standard deviations


def test_pairs_start_with_the_positive():
    matrix = interactions()
    matrix = sp.csr_matrix(sp.vstack([matrix, np.ones((1, 25))]))  # the last user has everything
    lists = sample_pairs(matrix, 3, np.random.default_rng(2))
    dense = matrix.toarray()
    assert len(lists.owners) == matrix.nnz - 25
    assert (np.diff(lists.owners) >= 0).all()
    items = lists.items.reshape(-1, 4)
    assert (dense[lists.owners, items[:, 0]] > 0).all()
    assert (dense[lists.owners[:, None], items[:, 1:]] == 0).all()
    np.testing.assert_array_equal(
        lists.observed.reshape(-1, 4), [[True] + 3 * [False]] * len(items)
    )


@pytest.mark.parametrize("sample", [sample_lists, sample_pairs])
def test_seed_decides(sample):
    matrix = interactions()
    first, again, other = (sample(matrix, 2, np.random.default_rng(s)).items for s in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("max_cells", [1, 16, 1000])
def test_buckets_cover_every_entry_once(max_cells):
    lengths = np.random.default_rng(0).integers(0, 20, 50)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    entries, lists = [], []
    for bucket in buckets(indptr, max_cells):
        assert bucket.entries.size <= max(max_cells, bucket.entries.shape[1])
        assert (bucket.mask.mean(axis=1) >= 0.8).all()
        entries.append(bucket.entries[bucket.mask])
        lists.append(bucket.lists)
        np.testing.assert_array_equal(bucket.mask.sum(axis=1), lengths[bucket.lists])
    np.testing.assert_array_equal(np.sort(np.concatenate(entries)), np.arange(indptr[-1]))
    np.testing.assert_array_equal(np.sort(np.concatenate(lists)), np.flatnonzero(lengths))
