# SPDX-License-Identifier: Apache-2.0
"""What a solver is given besides its own configuration, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.side_inputs import SideInfo


def silent(row: dict[str, Any]) -> None:
    """Take a report and say nothing."""
    del row


@dataclass(frozen=True)
class FitContext:
    """Settings of one fit.

    Attributes
    ----------
    n_bits : int
        Code length; the number of factors for a float method.
    rng : numpy.random.Generator
    num_threads : int
        0 uses all cores; the result does not depend on it.
    validation : csr_matrix or None
        Held-out pairs for choices inside the fit; ``None`` lets the solver hold out its own.
    report : callable
        Called after each round with a dict of what was measured.
    side_info : SideInfo
        Features, social links, a second behaviour; empty for methods that use none.
    device : str
        For methods trained with torch.
    binders : mapping
        Term class name to a function that makes its pull; how parts that need torch reach the
        solvers, which do not import it.
    binarizer : part or None
        What losses see of real outputs while a training loop follows gradients.
    finish : callable or None
        Turns the real outputs of both sides into codes, or into factors of a float method.
    checkpoint : path or None
        File in which a training loop keeps its state, and from which it goes on.
    """

    n_bits: int
    rng: np.random.Generator
    num_threads: int = 0
    validation: sp.csr_matrix | None = None
    report: Callable[[dict[str, Any]], None] = silent
    side_info: SideInfo = field(default_factory=SideInfo)
    device: str = "cpu"
    binders: Mapping[str, Any] = field(default_factory=dict)
    binarizer: Any = None
    finish: Callable[[NDArray[Any], NDArray[Any], tuple[int, ...]], Fitted] | None = None
    checkpoint: Path | None = None


@dataclass
class Fitted:
    """What a solver returns.

    Attributes
    ----------
    user, item : arrays
        uint64 codes (n, n_words), or float32 factors (n, n_factors) of a float method.
    arrays : dict
        Further arrays that folding in needs; saved with the model.
    facts : dict
        JSON values that folding in needs or a user may want to see; saved with the model.
    history : list of dict
        One row per round.
    """

    user: NDArray[Any]
    item: NDArray[Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


Terms = Mapping[str, Any]  # objective and constraints by class name


class RecipeTerms(dict[str, Any]):
    """Terms by class name that also know their order, the tower and the similarity.

    Raises
    ------
    ValueError
        Where two terms are of one class, of which solvers would see only one.
    """

    def __init__(
        self,
        objective: Sequence[Any],
        constraints: Sequence[Any] = (),
        tower: Any = None,
        similarity: Any = None,
    ) -> None:
        parts = (*objective, *constraints)
        super().__init__((type(part).__name__, part) for part in parts)
        if len(self) < len(parts):
            names = ", ".join(type(part).__name__ for part in parts)
            raise ValueError(f"terms must be of different classes, got {names}")
        self.objective, self.constraints = tuple(objective), tuple(constraints)
        self.tower, self.similarity = tower, similarity
