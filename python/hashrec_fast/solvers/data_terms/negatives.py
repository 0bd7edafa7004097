# SPDX-License-Identifier: Apache-2.0
"""Labels of -1 and +1 for the logistic loss: positives and sampled unobserved pairs."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


def with_negatives(
    user_items: sp.csr_matrix, times: float, rng: np.random.Generator
) -> tuple[sp.csr_matrix, NDArray[np.float64]]:
    """Add ``times`` negatives per positive, drawn in proportion to item popularity.

    As in the authors' code of DCMF: draws that hit a positive or an earlier negative are lost, so
    a row may have fewer.

    Returns
    -------
    pairs : csr_matrix (n_users, n_items), sorted
    labels : float64 (nnz,) of -1 and +1
    """
    n_users, n_items = user_items.shape
    positives = np.diff(user_items.indptr)
    wanted = np.rint(positives * times).astype(np.int64)
    share = np.bincount(user_items.indices, minlength=n_items) / max(1, user_items.nnz)
    drawn = rng.choice(n_items, size=int(wanted.sum()), p=share)
    users = np.concatenate(
        [np.repeat(np.arange(n_users), positives), np.repeat(np.arange(n_users), wanted)]
    )
    items = np.concatenate([user_items.indices, drawn])
    # np.unique keeps the first of equal keys: positives stand before the draws
    keys, first = np.unique(users.astype(np.int64) * n_items + items, return_index=True)
    labels = np.where(first < user_items.nnz, 1.0, -1.0)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(keys // n_items, minlength=n_users))])
    pairs = sp.csr_matrix((labels, keys % n_items, indptr), shape=user_items.shape)
    return pairs, labels
