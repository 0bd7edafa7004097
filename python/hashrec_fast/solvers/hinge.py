# SPDX-License-Identifier: Apache-2.0
"""The squared hinge on unobserved pairs: weight classes of users, and the hinge of a pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.hinge import Hinge

UNIT = 1.0 / 64.0  # user weights are multiples of this, so that class sums are integers


@dataclass(frozen=True)
class WeightClasses:
    """Users grouped into classes of equal weight.

    Attributes
    ----------
    weight : float64 (n_users,)
        Weight of each user, a multiple of 1/64, mean about one.
    order : int64 (n_users,)
        Users sorted by class.
    position : int32 (n_users,)
        Place of each user in ``order``.
    begin : int64 (n_classes + 1,)
        Offsets of the classes in ``order``.
    units : int64 (n_classes,)
        Weight of each class in multiples of 1/64.
    """

    weight: NDArray[np.float64]
    order: NDArray[np.int64]
    position: NDArray[np.int32]
    begin: NDArray[np.int64]
    units: NDArray[np.int64]


def activity_classes(
    activity: NDArray[np.int64], power: float, n_classes: int = 8
) -> tuple[WeightClasses, float]:
    """Weights ``|row| ** power / mean``, averaged over quantile classes of activity.

    Also returns the mean that was divided by, so that new rows can be weighed alike.
    """
    raw = np.maximum(activity, 1).astype(np.float64) ** power
    mean = float(raw.mean())
    raw /= mean
    order = np.argsort(raw, kind="stable")
    cuts = np.unique(np.linspace(0, len(raw), min(n_classes, len(raw)) + 1).astype(np.int64))
    weight = np.empty(len(raw))
    for a, b in pairwise(cuts):
        weight[order[a:b]] = max(1, round(float(raw[order[a:b]].mean()) / UNIT)) * UNIT
    return classes_of(weight), mean


def classes_of(weight: NDArray[np.float64]) -> WeightClasses:
    """Group rows by their weights, all multiples of 1/64."""
    order = np.argsort(weight, kind="stable").astype(np.int64)
    values, counts = np.unique(weight, return_counts=True)
    begin = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    position = np.empty(len(weight), dtype=np.int32)
    position[order] = np.arange(len(weight), dtype=np.int32)
    units = np.rint(values / UNIT).astype(np.int64)
    return WeightClasses(weight, order, position, begin, units)


def max_distance(n_bits: int, margin: float) -> int:
    """Largest distance that is still inside the hinge, floor((1 - margin) f / 2)."""
    return int(np.floor((1.0 - margin) * n_bits / 2 + 1e-9))


def make_hinge(
    codes: NDArray[np.uint64],
    classes: WeightClasses | None,
    n_bits: int,
    weight: float,
    margin: float,
) -> Hinge:
    """The hinge on the other side's ``codes``, with the score of the margin as its bound.

    ``classes`` weighs the other side's rows; ``None`` gives them all weight one.
    """
    distance = max_distance(n_bits, margin)
    bound = float(n_bits - 2 * distance)
    n = len(codes)
    if classes is None:
        identity = np.arange(n, dtype=np.int32)
        ends = np.array([0, n], dtype=np.int64)
        ones = np.ones(1, dtype=np.int64)
        return Hinge(codes, identity, ends, ones, 1.0, distance, weight, bound)
    ordered = np.ascontiguousarray(codes[classes.order])
    return Hinge(
        ordered, classes.position, classes.begin, classes.units, UNIT, distance, weight, bound
    )
