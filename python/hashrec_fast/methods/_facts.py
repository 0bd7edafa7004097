# SPDX-License-Identifier: Apache-2.0
"""Facts that ``describe`` tells of a method, key by key."""

from __future__ import annotations

from typing import Literal, TypedDict


class PaperFacts(TypedDict):
    """Facts of the paper.

    ``reference`` is the survey's number, ``None`` where the survey has none; ``fidelity`` says how
    far the method is the paper's, or why it is not implemented.
    """

    name: str
    label: str
    title: str
    venue: str
    year: int
    reference: int | None
    task: str
    fidelity: str


class SideInfoNames(TypedDict):
    """Names of the side information that a method must have, and of all that it takes."""

    needs: list[str]
    uses: list[str]


class TwoStageFacts(TypedDict, total=False):
    """Class name of the quantiser, which only two-stage methods have."""

    quantizer: str


class MethodFacts(PaperFacts, TwoStageFacts, total=False):
    """Facts of a method; of one that is not implemented there are only the paper's.

    Terms, strategy and solver are given by their class names.
    """

    feedback: str
    objective: list[str]
    constraints: list[str]
    strategy: str
    solver: str
    side_info: SideInfoNames
    codes: Literal["binary", "float"]
