# SPDX-License-Identifier: Apache-2.0
"""Bit flips of user codes while the true loss falls; exact for every loss over lists."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hashrec_fast.training.list_objective import ListObjective

MARGIN = 1e-6  # relative fall that a flip must bring; above what float32 losses can pretend


def flip_users(
    objective: ListObjective,
    user: Tensor,
    item: Tensor,
    *,
    sweeps: int,
) -> tuple[Tensor, list[float]]:
    """Flip single bits of the users, the items fixed, as long as a user's own loss falls.

    A user's loss looks at no other user, so bit k is tried for all users in one evaluation. The
    scores are kept: a flip adds ``-2 b_k d_k`` to them, which is exact in integers.

    Parameters
    ----------
    objective : ListObjective
    user, item : tensors of -1 and +1, (n_users, n_bits) and (n_items, n_bits)
    sweeps : int
        Most sweeps over the bits; it ends at the first without a flip.

    Returns
    -------
    user : tensor (n_users, n_bits)
    losses : list of float
        Total loss at the start and after each sweep; it never rises.
    """
    user = user.clone()
    n_bits = user.shape[1]
    scores = objective.scores(user, item)
    current = objective.per_user(scores / n_bits)
    losses = [float(current.sum())]
    for _ in range(sweeps):
        flips = 0
        for k in range(n_bits):
            changed = scores - 2 * user[objective.users, k] * item[objective.items, k]
            tried = objective.per_user(changed / n_bits)
            better = tried < current - MARGIN * (1 + np.abs(current))
            flips += int(better.sum())
            current = np.where(better, tried, current)
            accept = torch.from_numpy(better).to(user.device)
            user[:, k] = torch.where(accept, -user[:, k], user[:, k])
            scores = torch.where(accept[objective.users], changed, scores)
        losses.append(float(current.sum()))
        if flips == 0:
            break
    return user, losses
