# SPDX-License-Identifier: Apache-2.0
"""One proximal fit: sampled lists, the path to the corners, the polish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.contracts import FitContext, Solution
from hashrec_fast.data.sampling import SampledLists, sample_lists, sample_pairs
from hashrec_fast.kernels.packing import pack
from hashrec_fast.losses.base import Loss
from hashrec_fast.torch_scope import torch_device, torch_threads
from hashrec_fast.training.flip_users import flip_users
from hashrec_fast.training.fm_objective import FMObjective, frequent, unit_table
from hashrec_fast.training.gnccp import gnccp
from hashrec_fast.training.gnccp_path import GnccpPath
from hashrec_fast.training.list_objective import ListObjective
from hashrec_fast.training.rating_scale import scale_of

SPLIT_SUM = 1 << 15  # torch divides a sum of so many numbers among its threads
SMALL = 1 << 20  # pairs times bits below which threads cost more than they bring


def sample_for(
    loss: Loss, user_items: sp.csr_matrix, negatives: float, rng: np.random.Generator
) -> SampledLists:
    """The lists a loss looks at; ratings of squared errors get no negatives."""
    if loss.samples == "pairwise":
        return sample_pairs(user_items, max(1, round(negatives)), rng)
    return sample_lists(user_items, 0 if loss.quadratic else negatives, rng)


def fit_codes(
    user_items: sp.csr_matrix,
    loss: Loss,
    machine: Any,
    context: FitContext,
    *,
    path: GnccpPath,
    negatives: float,
    polish_sweeps: int,
) -> Solution:
    """Codes of all users and items, optimised together; ``machine`` is an FMScore or None.

    The rest are the settings of :class:`hashrec_fast.training.proximal.GNCCP`.
    """
    device = torch_device(context.device)
    lists = sample_for(loss, user_items, negatives, context.rng)
    scale = scale_of((loss,), user_items)
    with torch_threads(threads_for(lists, context)):
        objective = ListObjective(lists, loss, user_items.shape, device=device, scale=scale)
        history: list[dict[str, Any]] = []
        report = _collect(history, context, objective.n_lists)
        rows: tuple[int, ...] = user_items.shape
        function: Any = objective
        columns = np.zeros(0, dtype=np.int64)
        if machine is not None:
            function, columns = _machine(objective, machine, context, device)
            rows = (*rows, len(columns))
        starts = [_normal(n, context, device) for n in rows]
        between = None if machine is None else function.update
        corner = gnccp(function, starts, path, context.rng, report, between)
        user, item = corner.signs[:2]
        searched = item
        arrays: dict[str, NDArray[Any]] = {}
        if machine is not None:
            searched, arrays = _searched(function, corner.signs, columns)
        user, losses = flip_users(objective, user, searched, sweeps=polish_sweeps)
        for sweep, total in enumerate(losses):
            report({"stage": "polish", "round": float(sweep), "objective": total})
    unseen = max(1, user_items.shape[0] * user_items.shape[1] - user_items.nnz)
    facts = {
        "kappa": corner.kappa,
        "negative_share": float((~lists.observed).sum()) / unseen,
        **scale.facts(),
    }
    if machine is not None:
        facts |= {"n_bits": context.n_bits, "constant": 0.0}  # of exact scores; free in a ranking
    codes = [_packed(signs) for signs in (user, searched)]
    return Solution(codes[0], codes[1], arrays, facts=facts, history=history)


def _machine(
    objective: ListObjective, machine: Any, context: FitContext, device: torch.device
) -> tuple[FMObjective, NDArray[np.int64]]:
    """The objective of a factorization machine and the feature columns it looks at."""
    views, n_items = context.side_info.item_features, objective.shape[1]
    columns = frequent(views, n_items, machine.n_features)
    table = unit_table(views, columns, n_items)
    return FMObjective(objective, table, machine.linear_rate, device), columns


def _searched(
    machine: FMObjective, signs: list[Tensor], columns: NDArray[np.int64]
) -> tuple[Tensor, dict[str, NDArray[Any]]]:
    """Item codes to search, and what exact scores and items known by features alone need.

    Users are polished against the codes that will be searched: left with the real vectors, they
    would rest on differences between items that the signs no longer show.
    """
    user, item, feature = signs
    vectors = machine.vectors(item, feature)
    arrays = {
        "item_part": _packed(item),
        "feature_codes": _packed(feature),
        "feature_part": (vectors - item).cpu().numpy().astype(np.float64),
        "feature_columns": columns,
        "item_bias": machine.bias().cpu().numpy().astype(np.float64),
        "user_bias": np.zeros(len(user)),
    }
    return torch.where(vectors == 0, item, vectors.sign()), arrays


def _packed(signs: Tensor) -> NDArray[np.uint64]:
    """Packed signs; zero counts as +1."""
    return pack(signs.cpu().numpy() >= 0)


def threads_for(lists: SampledLists, context: FitContext) -> int:
    """Number of threads: one where more would change sums or waste time, else as asked for."""
    longest = int(np.diff(lists.indptr).max(initial=0))
    small = len(lists.items) * context.n_bits < SMALL
    return 1 if small or longest >= SPLIT_SUM else context.num_threads


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
