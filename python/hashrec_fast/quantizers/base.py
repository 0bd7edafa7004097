# SPDX-License-Identifier: Apache-2.0
"""Base of the quantisers, which learn from training factors, then sign any factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.field_checks import check_fields
from hashrec_fast.kernels.packing import pack

State = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Quantizer:
    """Base of the quantisers.

    ``fit`` sees the training rows of both sides once. Its arrays are saved with the model, so
    that rows which come later are quantised as the training rows were, each on its own.
    """

    def __post_init__(self) -> None:
        check_fields(self)

    def extra_bits(self, n_bits: int) -> int:
        """Bits of a code of ``n_bits`` that no real dimension gives.

        The factors to be quantised have ``n_bits - extra_bits(n_bits)`` columns, at least one.
        """
        del n_bits
        return 0

    def fit(
        self, user: NDArray[Any], item: NDArray[Any], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """State learnt from the factors of the training rows.

        Parameters
        ----------
        user, item : float (n_users, d), float (n_items, d)
        rng : numpy.random.Generator
        """
        del user, item, rng
        return {}

    def signs(self, real: NDArray[Any], side: str, state: State) -> NDArray[np.bool_]:
        """Signs of factors, True for +1, bool (n_rows, at least n_bits).

        Of columns beyond ``n_bits``, which only codes of one or two bits can have, none counts.

        Parameters
        ----------
        real : float (n_rows, d)
        side : {"user", "item"}
        state : what :meth:`fit` returned
        """
        raise NotImplementedError(f"{type(self).__name__} has no signs")

    def codes(self, real: NDArray[Any], side: str, state: State, n_bits: int) -> NDArray[np.uint64]:
        """Packed signs, uint64 (n_rows, ceil(n_bits / 64))."""
        packed: NDArray[np.uint64] = pack(self.signs(real, side, state)[:, :n_bits])
        return packed


def times(rows: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Product ``rows @ matrix`` in doubles, row by row: the rounding of a row is its own affair."""
    return np.asarray((rows.astype(np.float64)[:, None, :] @ matrix)[:, 0, :])
