# SPDX-License-Identifier: Apache-2.0
"""The training loop of every method that follows gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.binarizers import Step
from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.torch_scope import repeatable, seeded, torch_device, torch_threads
from hashrec_fast.towers.base import SIDES, TowerData, TowerNetwork
from hashrec_fast.training.averaging import RunningMean
from hashrec_fast.training.batches import Batch
from hashrec_fast.training.checkpoint import Checkpoint
from hashrec_fast.training.cost import cost_of
from hashrec_fast.training.early_stopping import EarlyStopping
from hashrec_fast.training.rating_scale import scale_of
from hashrec_fast.training.step import StepView

if TYPE_CHECKING:
    from hashrec_fast.training.gradient import Gradient

SMALL = 1 << 22  # pairs times bits of an epoch below which threads cost more than they bring
ROWS = 16384  # encoded at once for export


def train(
    solver: Gradient, user_items: sp.csr_matrix, terms: Terms, context: FitContext
) -> Solution:
    """Fit the tower, epoch by epoch, and export its best state."""
    device = torch_device(context.device)
    threads = 1 if user_items.nnz * context.n_bits < SMALL else context.num_threads
    sampling, seed = context.rng.spawn(1)[0], int(context.rng.integers(2**31))
    scale = scale_of(terms.objective, user_items)
    with torch_threads(threads), repeatable(device), seeded(seed, device) as generator:
        data = TowerData(user_items, context.side_info, context.n_bits, threads)
        network = terms.tower.build(data).to(device)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=solver.learning_rate, weight_decay=solver.weight_decay
        )
        watch = EarlyStopping(
            user_items,
            terms.similarity,
            context,
            epochs=solver.epochs,
            evaluate_every=solver.evaluate_every,
            patience=solver.patience,
            metric=solver.metric,
            candidates=solver.candidates,
        )
        history: list[dict[str, Any]] = []
        mean = RunningMean(network, solver.average)
        checkpoint = Checkpoint(
            context.checkpoint, user_items, network, optimizer, mean, sampling, watch, history
        )
        first = checkpoint.restore()
        for epoch in range(first, solver.epochs):
            step = Step(
                epoch=epoch,
                epochs=solver.epochs,
                training=True,
                generator=generator,
                blocks=network.blocks,
            )
            network.train()
            costs = []
            for batch in solver.sampler.batches(user_items, sampling):
                view = _view(network, batch.to(device), step, terms, context, scale)
                costs.append(_descend(optimizer, network, cost_of(terms, view), solver, epoch))
                network.end()
                mean.update()
            row: dict[str, Any] = {"round": float(epoch), "objective": _mean(costs)}
            if watch.is_due(epoch):
                with mean.shown():
                    row |= watch.look(epoch, _export(network, context), network)
            history.append(row)
            context.report(row)
            if watch.is_over:
                break
            if (epoch + 1) % solver.checkpoint_every == 0:
                checkpoint.save(epoch + 1)
        with mean.shown():
            watch.restore_best(network)
            fitted = _export(network, context)
            arrays = {f"tower_{name}": array for name, array in network.arrays().items()}
    fitted.arrays |= arrays
    fitted.facts |= {**scale.facts(), **watch.facts(), "blocks": list(network.blocks)}
    fitted.history = history
    return fitted


def _view(
    network: TowerNetwork,
    batch: Batch,
    step: Step,
    terms: Terms,
    context: FitContext,
    scale: RatingScale,
) -> StepView:
    network.begin()
    return StepView(network, batch, step, context.binarizer, terms.similarity, scale)


def _descend(
    optimizer: torch.optim.Optimizer,
    network: TowerNetwork,
    cost: Tensor,
    solver: Gradient,
    epoch: int,
) -> Tensor:
    """One step down; the cost before it."""
    if not torch.isfinite(cost):
        raise FloatingPointError(
            f"the loss became {float(cost.detach())} in epoch {epoch}; "
            f"lower learning_rate ({solver.learning_rate}) or set clip_norm"
        )
    optimizer.zero_grad(set_to_none=True)
    cost.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), solver.clip_norm or float("inf"))
    if not torch.isfinite(norm):
        raise FloatingPointError(
            f"the gradient became {float(norm)} in epoch {epoch}; "
            f"lower learning_rate ({solver.learning_rate})"
        )
    optimizer.step()
    return cost.detach()


def _mean(costs: list[Tensor]) -> float:
    return float(torch.stack(costs).mean()) if costs else 0.0


def _export(network: TowerNetwork, context: FitContext) -> Solution:
    """Codes or factors of all rows as they would be exported now."""
    assert context.finish is not None
    network.eval()
    with torch.no_grad():
        network.begin()
        user, item = (_outputs(network, side) for side in SIDES)
        bias = _item_bias(network)
        network.end()
    fitted = context.finish(user, item, network.blocks)
    if bias is not None:
        fitted.arrays["item_bias"] = bias * np.float32(sum(network.blocks))
    return fitted


def _parts(network: TowerNetwork, side: str) -> tuple[Tensor, ...]:
    """All rows of one side, a few at a time."""
    device = next(network.parameters()).device
    return torch.split(torch.arange(network.n_rows[side], device=device), ROWS)


def _item_bias(network: TowerNetwork) -> NDArray[np.float32] | None:
    """Constants that items add to their scores, (n_items,); ``None`` for most networks."""
    parts = [network.item_bias(rows) for rows in _parts(network, "item")]
    there = [part.cpu().numpy() for part in parts if part is not None]
    return np.concatenate(there).astype(np.float32) if there else None


def _outputs(network: TowerNetwork, side: str) -> NDArray[np.float32]:
    """Real vectors of all rows of one side, (n, n_bits)."""
    parts = [network.encode(side, rows).cpu().numpy() for rows in _parts(network, side)]
    whole = np.concatenate(parts).astype(np.float32)
    wanted = network.n_rows[side], sum(network.blocks)
    if whole.shape != wanted:
        raise ValueError(
            f"{type(network).__name__} must give {wanted[1]} columns for {wanted[0]} {side}s, "
            f"got {whole.shape}"
        )
    if not np.isfinite(whole).all():
        raise FloatingPointError(
            f"the vectors of {side}s are no longer finite; lower learning_rate or set clip_norm"
        )
    return whole
