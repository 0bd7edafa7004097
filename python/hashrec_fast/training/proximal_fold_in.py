# SPDX-License-Identifier: Apache-2.0
"""Codes of new rows for models of the proximal strategy."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution
from hashrec_fast.data.sampling import SampledLists
from hashrec_fast.kernels.packing import pack, unpack
from hashrec_fast.losses.base import Loss
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.new_rows import codes_of_new_rows
from hashrec_fast.torch_scope import torch_threads
from hashrec_fast.training.flip_users import flip_users
from hashrec_fast.training.fm_objective import unit_table
from hashrec_fast.training.list_objective import ListObjective
from hashrec_fast.training.proximal_fit import sample_for, threads_for


def encode_rows(
    rows: sp.csr_matrix,
    side: str,
    fitted: Solution,
    loss: Loss,
    context: FitContext,
    *,
    negatives: float,
    polish_sweeps: int,
) -> NDArray[np.uint64]:
    """Least squares codes; those of users polished on the loss. Packed, uint64 (n, n_words)."""
    other = fitted.item if side == "user" else fitted.user
    codes = least_squares_codes(rows, other, fitted.facts, loss, context)
    if side == "item" or polish_sweeps == 0 or rows.nnz == 0:
        return codes
    scale = RatingScale.from_facts(fitted.facts)
    lists = _lists_of_rows(rows, negatives, loss, scale)
    # Doubles, so that the company in a padded bucket cannot tip the scales.
    user = torch.from_numpy(unpack(codes, context.n_bits).astype(np.float64))
    item = torch.from_numpy(unpack(other, context.n_bits).astype(np.float64))
    with torch_threads(threads_for(lists, context)):
        shape = rows.shape[0], len(other)
        objective = ListObjective(lists, loss, shape, dtype=torch.float64, scale=scale)
        user, _ = flip_users(objective, user, item, sweeps=polish_sweeps)
    return pack(user.numpy() > 0)


def least_squares_codes(
    rows: sp.csr_matrix,
    other: NDArray[np.uint64],
    facts: dict[str, Any],
    loss: Loss,
    context: FitContext,
) -> NDArray[np.uint64]:
    """Rows of squared errors; unobserved pairs weigh what their sampled share weighs."""
    n_bits, scale = context.n_bits, RatingScale.from_facts(facts)
    implicit = not loss.quadratic
    data_term = WeightedPairs(
        rows,
        scale.targets(rows, n_bits),
        n_bits,
        rest_weight=min(1.0, facts["negative_share"]) if implicit else 0.0,
        rest_target=-1.0,
    )
    threads = context.num_threads
    return codes_of_new_rows(
        data_term, rows.shape[0], other, sweeps=50, rounds=1, num_threads=threads
    )


def _lists_of_rows(
    rows: sp.csr_matrix, negatives: float, loss: Loss, scale: RatingScale
) -> SampledLists:
    """Lists of all rows, the negatives of each drawn from a seed made of its items."""
    parts = []
    for r in range(rows.shape[0]):
        row = rows[[r]]
        if scale.high > scale.low:
            row.data = np.clip(row.data, scale.low, scale.high)
        parts.append(sample_for(loss, row, negatives, np.random.default_rng(row.indices)))
    lengths = np.concatenate([np.diff(part.indptr) for part in parts])
    owners = np.concatenate([np.full(len(part.owners), r) for r, part in enumerate(parts)])
    items, values, observed = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("items", "values", "observed")
    )
    return SampledLists(np.concatenate([[0], np.cumsum(lengths)]), owners, items, values, observed)


def encode_features(features: tuple[sp.csr_matrix, ...], fitted: Solution) -> NDArray[np.uint64]:
    """Signs of the features' part of a factorization machine, uint64 (n, n_words)."""
    arrays = fitted.arrays
    n_bits = arrays["feature_part"].shape[1]
    table = unit_table(features, arrays["feature_columns"], features[0].shape[0])
    return pack(table @ unpack(arrays["feature_codes"], n_bits).astype(np.float64) >= 0)
