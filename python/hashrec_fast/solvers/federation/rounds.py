# SPDX-License-Identifier: Apache-2.0
"""Protocol of a federation: who is asked, who answers, what the server does, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.solvers.federation.channel import Channel
from hashrec_fast.solvers.federation.fleet import Fleet
from hashrec_fast.solvers.federation.messages import ErrorVectors, ItemCodes
from hashrec_fast.solvers.federation.server import Server


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Settings of a federation; see ``FederatedDCD``."""

    rounds: int = 20
    fraction: float = 0.6
    item_step: Literal["exact", "one_shot"] = "exact"
    item_sweeps: int = 1
    inertia: float = 3.0


def run_federation(
    fleet: Fleet,
    server: Server,
    channel: Channel,
    plan: Plan,
    rng: np.random.Generator,
    *,
    num_threads: int = 0,
    on_round: Callable[[dict[str, float]], None] | None = None,
) -> list[dict[str, float]]:
    """Run all rounds; afterwards every device fits its code to the final item codes.

    Returns
    -------
    history : list of dict
        Per round ``bits_changed``, and ``objective``: the mean squared error over *all* devices in
        units of ``n_bits``, which only a simulation can know.
    """
    n_asked = max(1, int(plan.fraction * len(fleet)))
    everyone = np.arange(len(fleet), dtype=np.int32)
    history: list[dict[str, float]] = []
    for r in range(plan.rounds):
        asked = np.sort(rng.choice(len(fleet), n_asked, replace=False)).astype(np.int32)
        codes = channel.down(server.publish(), listeners=n_asked)
        changed = fleet.learn(asked, codes, num_threads=num_threads)
        if plan.item_step == "exact":
            changed += _exact_step(fleet, server, channel, asked, codes, plan.item_sweeps)
        else:
            uploads = _through(channel, fleet.error_vectors(asked, codes))
            changed += server.step_all_bits(uploads, plan.inertia)
        row = {
            "round": float(r),
            "bits_changed": float(changed),
            "objective": fleet.loss(server.publish().codes) / (server.n_bits**2 * fleet.size),
        }
        history.append(row)
        if on_round is not None:
            on_round(row)
        if changed == 0 and n_asked == len(fleet):
            break
    final = channel.down(server.publish(), listeners=len(fleet))
    fleet.learn(everyone, final, num_threads=num_threads)
    return history


def _through(channel: Channel, uploads: Iterator[ErrorVectors]) -> Iterator[ErrorVectors]:
    for upload in uploads:
        yield channel.up(upload)


def _exact_step(
    fleet: Fleet,
    server: Server,
    channel: Channel,
    asked: NDArray[np.int32],
    codes: ItemCodes,
    sweeps: int,
) -> int:
    """Bits in turn, one upload and one answer each, until a sweep changes none."""
    session, changed = fleet.session(asked, codes), 0
    for _ in range(sweeps):
        before = changed
        for bit in range(codes.n_bits):
            flips = server.step_bit(channel.up(session.bit_errors(bit)))
            changed += len(flips.items)
            if len(flips.items):
                session.hear(channel.down(flips, listeners=len(asked)))
        if changed == before:
            break
    return changed
