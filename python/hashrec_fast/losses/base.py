# SPDX-License-Identifier: Apache-2.0
"""What every loss says about itself, so that impossible mixtures are refused early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Base of all objective terms.

    Attributes
    ----------
    samples : {"pointwise", "pairwise", "listwise"}
        What one term of the sum looks at (survey, section II-C).
    quadratic : bool
        Whether the term is quadratic in the codes of one side; only such terms can be solved
        bit by bit without a majoriser.
    majorised : bool
        Whether the solvers know a quadratic upper bound of the term.
    needs : frozenset of str
        Side information without which the term means nothing; constraints may say it too.
    """

    samples: ClassVar[str] = "pointwise"
    quadratic: ClassVar[bool] = False
    majorised: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset()
