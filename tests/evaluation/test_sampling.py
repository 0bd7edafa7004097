# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast.evaluation.sampling import sample_unlisted


def lists_of(rows):
    indptr = np.cumsum([0] + [len(r) for r in rows]).astype(np.int64)
    return indptr, np.array([i for r in rows for i in r], np.int32)


@pytest.mark.parametrize("n_samples", [1, 5, 60, 200])
def test_distinct_unlisted_and_ascending(n_samples):
    rng = np.random.default_rng(0)
    listed = [np.sort(rng.permutation(150)[: rng.integers(0, 151)]) for _ in range(80)]
    listed[0], listed[1] = np.arange(150), np.arange(0)
    rows, items = sample_unlisted(lists_of(listed), 150, n_samples, rng)
    assert (np.diff(rows) >= 0).all()
    for row, forbidden in enumerate(listed):
        drawn = items[rows == row]
        assert len(drawn) == min(n_samples, 150 - len(forbidden))
        assert (np.diff(drawn) > 0).all()
        assert not np.isin(drawn, forbidden).any()
        assert ((drawn >= 0) & (drawn < 150)).all()


@pytest.mark.parametrize("n_samples", [2, 4])  # by redrawing, and by shuffling
def test_every_set_is_equally_likely(n_samples):
    """Seven unlisted items: each of the C(7, n) sets should come up equally often."""
    n_rows = 21000
    listed = (np.arange(n_rows + 1) * 2, np.tile(np.array([3, 5], np.int32), n_rows))
    rows, items = sample_unlisted(listed, 9, n_samples, np.random.default_rng(1))
    assert len(rows) == n_rows * n_samples
    sets = (1 << items.reshape(n_rows, n_samples).astype(np.int64)).sum(axis=1)
    counts = np.unique(sets, return_counts=True)[1]
    expected = n_rows / len(counts)
    assert len(counts) == {2: 21, 4: 35}[n_samples]
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < len(counts) + 5 * np.sqrt(2 * len(counts))
