# SPDX-License-Identifier: Apache-2.0
"""The settings that every model has beside its recipe's."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from hashrec_fast.field_checks import checked
from hashrec_fast.hints import field_hints
from hashrec_fast.ranges import Between, Described, Main, ZeroOrMore


@dataclass(frozen=True, kw_only=True)
class OwnParameters:
    """Settings of a model that are not its recipe's.

    Attributes
    ----------
    n_bits : int
        Code length; the number of factors of a float method.
    random_state : None, int or numpy.random.Generator
        Seed of all random draws; ``None`` draws differently each time.
    num_threads : int
        Threads; 0 uses all cores. Results do not depend on it.
    device : str
        Where methods trained with torch run.
    index : str
        How recommendations are searched; "hash_table" can miss items, the others are exact.
    """

    n_bits: Main[Annotated[int, Between(1, 4096)]] = 64
    random_state: ZeroOrMore | np.random.Generator | None = None
    num_threads: ZeroOrMore = 0
    device: Annotated[str, Described("a device of torch, as 'cpu' or 'cuda:0'")] = "cpu"
    index: Literal["linear_scan", "multi_index", "hash_table"] = "linear_scan"


OWN_PARAMETERS = ("recipe", *(field.name for field in dataclasses.fields(OwnParameters)))


def check_own_parameters(
    label: str, indexes: Sequence[str], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Own parameters of a model as plain Python values.

    Parameters
    ----------
    label : str
        The method, for messages.
    indexes : sequence of str
        What ``index`` may be for this method.
    parameters : dict
        All or some of the fields of :class:`OwnParameters`; others pass as they are.

    Raises
    ------
    TypeError, ValueError
        Naming the parameter, what it must be and what it is.
    """
    hints = field_hints(OwnParameters)
    plain = {
        name: checked(value, hints[name], name) if name in hints else value
        for name, value in parameters.items()
    }
    if plain.get("index", indexes[0]) not in indexes:
        raise ValueError(
            f"index must be one of {tuple(indexes)} for {label}, got {plain['index']!r}"
        )
    return plain
