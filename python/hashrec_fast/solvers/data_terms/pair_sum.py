# SPDX-License-Identifier: Apache-2.0
"""Sum of squares over user-item pairs: what pointwise terms give, added up, before it is bound.

Everything is in units of the code length: a target of 1 is a score of ``n_bits``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PairRequest:
    """Request for pairs: all that a term may look at to give them.

    Attributes
    ----------
    n_bits : int
    rng : numpy.random.Generator
    side_info : SideInfo
        Empty for rows never seen.
    facts : mapping or None
        ``None`` in training; for rows never seen, what the terms noted then as
        :attr:`PairSum.facts`.
    """

    n_bits: int
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    side_info: SideInfo = field(default_factory=SideInfo)
    facts: Mapping[str, Any] | None = None


class Rest(NamedTuple):
    """Weight and target of every pair that is not stored."""

    weight: float
    target: float


@dataclass(frozen=True, kw_only=True)
class PairSum:
    """Sum ``sum_stored w (t f - s)^2 + r sum_others (r_0 f - s)^2 + norm sum_all s^2``.

    Sums of several terms are added with ``+``.

    Attributes
    ----------
    pairs : csr_matrix (n_rows, n_columns) or None
        The pattern of the stored pairs, sorted; values are not read. ``None`` for a term that has
        no pairs of its own.
    targets : float64 (nnz,) or None
        Wanted scores in units of ``n_bits``, or labels of -1 and +1 with a ``slope``.
    weights : float64 (nnz,) or None
        ``None`` for ones.
    slope : float
        If positive, the loss of a stored pair is ``log(1 + exp(-slope t s))``, by its majoriser.
    rest : Rest or None
        ``None`` where a term says nothing of other pairs.
    rest_otherwise : Rest or None
        The rest where no term of the sum has one.
    norm_weight : float
    facts : dict of JSON values
        What the terms must know again for rows never seen; kept with the model.
    """

    pairs: sp.csr_matrix | None = None
    targets: Floats | None = None
    weights: Floats | None = None
    slope: float = 0.0
    rest: Rest | None = None
    rest_otherwise: Rest | None = None
    norm_weight: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    def __add__(self, other: PairSum) -> PairSum:
        """The sum of both; two losses over stored pairs must both be squares."""
        first, second = (self, other) if self.pairs is not None else (other, self)
        if second.pairs is not None:
            first = _squares_of_both(first, second)
        return dataclasses.replace(
            first,
            rest=_both_rests(self.rest, other.rest),
            rest_otherwise=first.rest_otherwise or second.rest_otherwise,
            norm_weight=self.norm_weight + other.norm_weight,
            facts=self.facts | other.facts,
        )

    def data_term(self, n_bits: int) -> ObservedSquares | WeightedPairs:
        """The sum bound for passes over codes of ``n_bits``; it must have pairs."""
        if self.pairs is None or self.targets is None:
            raise ValueError("a sum without stored pairs has nothing to fit")
        targets = self.targets if self.slope > 0 else self.targets * n_bits
        rest = self.rest or self.rest_otherwise
        plain = self.weights is None and self.slope == 0
        if plain and rest is None and self.norm_weight == 0:
            return ObservedSquares(self.pairs, targets, n_bits, self.facts)
        return WeightedPairs(
            self.pairs,
            targets,
            n_bits,
            slope=self.slope,
            rest_weight=rest.weight if rest else 0.0,
            rest_target=rest.target if rest else 0.0,
            norm_weight=self.norm_weight,
            weights=self.weights,
            facts=self.facts,
        )


def _both_rests(a: Rest | None, b: Rest | None) -> Rest | None:
    """One rest with the sum of the weights; two squares add up to one and a constant."""
    if a is None or b is None:
        return a or b
    weight = a.weight + b.weight
    target = (a.weight * a.target + b.weight * b.target) / weight if weight else 0.0
    return Rest(weight, target)


def _squares_of_both(a: PairSum, b: PairSum) -> PairSum:
    """Squares on the pairs of either; where one has no pair, its rest counts there."""
    if a.slope > 0 or b.slope > 0:
        raise ValueError("a logistic loss and another loss of stored pairs cannot be added")
    assert a.pairs is not None
    assert b.pairs is not None
    if a.pairs.shape != b.pairs.shape:
        raise ValueError(f"pairs must have one shape, got {a.pairs.shape} and {b.pairs.shape}")
    pattern = sp.csr_matrix(_ones(a.pairs) + _ones(b.pairs))
    pattern.sort_indices()
    weight, pull = np.zeros(pattern.nnz), np.zeros(pattern.nnz)
    for part in (a, b):
        own_weight, own_pull = _on(pattern, part)
        weight, pull = weight + own_weight, pull + own_pull
    targets = np.divide(pull, weight, out=np.zeros(len(pull)), where=weight != 0)
    return dataclasses.replace(a, pairs=pattern, targets=targets, weights=weight)


def _on(pattern: sp.csr_matrix, part: PairSum) -> tuple[Floats, Floats]:
    """Weight, and weight times target, of every pair of ``pattern``."""
    assert part.pairs is not None
    assert part.targets is not None
    rest = part.rest or Rest(0.0, 0.0)
    keys, own = _keys(pattern), _keys(part.pairs)
    places = np.searchsorted(keys, own)
    weight = np.full(len(keys), rest.weight)
    pull = np.full(len(keys), rest.weight * rest.target)
    weight[places] = 1.0 if part.weights is None else part.weights
    pull[places] = weight[places] * part.targets
    return weight, pull


def _keys(matrix: sp.csr_matrix) -> NDArray[np.int64]:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return np.asarray(rows * matrix.shape[1] + matrix.indices)


def _ones(matrix: sp.csr_matrix) -> sp.csr_matrix:
    parts = (np.ones(matrix.nnz), matrix.indices, matrix.indptr)
    return sp.csr_matrix(parts, shape=matrix.shape)
