# SPDX-License-Identifier: Apache-2.0
"""What a solver is given besides its own configuration, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    """

    n_bits: int
    rng: np.random.Generator
    num_threads: int = 0
    validation: sp.csr_matrix | None = None
    report: Callable[[dict[str, Any]], None] = silent
    side_info: SideInfo = field(default_factory=SideInfo)
    device: str = "cpu"
    binders: Mapping[str, Any] = field(default_factory=dict)


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
