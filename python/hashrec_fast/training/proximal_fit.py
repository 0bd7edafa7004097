# SPDX-License-Identifier: Apache-2.0
"""One proximal fit: sampled lists, the path to the corners, the polish."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from hashrec_fast.data.sampling import SampledLists, sample_lists, sample_pairs
from hashrec_fast.kernels.packing import pack
from hashrec_fast.losses.base import Loss
from hashrec_fast.solvers.context import FitContext, Fitted
from hashrec_fast.solvers.fits.targets import RatingScale
from hashrec_fast.training.flip_users import flip_users
from hashrec_fast.training.gnccp import gnccp
from hashrec_fast.training.list_objective import ListObjective
from hashrec_fast.training.torch_scope import torch_device, torch_threads

if TYPE_CHECKING:
    from hashrec_fast.training.proximal import GNCCP

SPLIT_SUM = 1 << 15  # torch divides a sum of so many numbers among its threads


def sample_for(
    loss: Loss, user_items: sp.csr_matrix, negatives: float, rng: np.random.Generator
) -> SampledLists:
    """The lists a loss looks at; ratings of squared errors get no negatives."""
    if loss.samples == "pairwise":
        return sample_pairs(user_items, max(1, round(negatives)), rng)
    return sample_lists(user_items, 0 if loss.quadratic else negatives, rng)


def fit_codes(solver: GNCCP, user_items: sp.csr_matrix, loss: Loss, context: FitContext) -> Fitted:
    """Codes of all users and items, optimised together."""
    device = torch_device(context.device)
    lists = sample_for(loss, user_items, solver.negatives, context.rng)
    longest = int(np.diff(lists.indptr).max(initial=0))
    threads = 1 if longest >= SPLIT_SUM else context.num_threads
    with torch_threads(threads):
        objective = ListObjective(lists, loss, user_items.shape, device=device)
        starts = [_normal(n, context, device) for n in user_items.shape]
        history: list[dict[str, Any]] = []
        report = _collect(history, context, objective.n_lists)
        corner = gnccp(objective, starts, solver.path, context.rng, report)
        user, item = corner.signs
        user, losses = flip_users(objective, user, item, sweeps=solver.polish_sweeps)
        for sweep, total in enumerate(losses):
            report({"stage": "polish", "round": float(sweep), "objective": total})
    n_users, n_items = user_items.shape
    unseen = max(1, n_users * n_items - user_items.nnz)
    facts = {
        "kappa": corner.kappa,
        "negative_share": float((~lists.observed).sum()) / unseen,
        **RatingScale.of(user_items).facts(),
    }
    codes = [pack(signs.cpu().numpy() > 0) for signs in (user, item)]
    return Fitted(codes[0], codes[1], facts=facts, history=history)


def _normal(n: int, context: FitContext, device: torch.device) -> Tensor:
    """Standard normal start; numpy draws it so that it is the same on every device."""
    values = context.rng.standard_normal((n, context.n_bits), dtype=np.float32)
    return torch.from_numpy(values).to(device)


def _collect(
    history: list[dict[str, Any]], context: FitContext, n_lists: int
) -> Callable[[dict[str, Any]], None]:
    """Reports with the mean loss of a list, kept and passed on."""

    def report(row: dict[str, Any]) -> None:
        row = {**row, "objective": row["objective"] / max(1, n_lists)}
        history.append(row)
        context.report(row)

    return report
