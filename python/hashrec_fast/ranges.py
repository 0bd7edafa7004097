# SPDX-License-Identifier: Apache-2.0
"""Ranges of settings, declared where the setting is: ``weight: Weight = 0.3``.

The declarations are ``typing.Annotated`` hints, so type checkers see plain floats and integers.
They are read by :mod:`hashrec_fast.field_checks` and shown by :func:`hashrec_fast.parameters`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends, which may be open (left out) or infinite."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        """The short form of tables, such as ">= 0" or "0 .. 1"."""
        if -math.inf < self.low and self.high < math.inf and not (self.low_open or self.high_open):
            return f"{self.low:g} .. {self.high:g}"
        low = f"{'>' if self.low_open else '>='} {self.low:g}"
        high = f"{'<' if self.high_open else '<='} {self.high:g}"
        return self._join(low, high, ", ")

    @property
    def words(self) -> str:
        """The form of messages, such as "at least 0" or "above 0 and at most 1"."""
        return self._join(self._low_words, self._high_words, " and ")

    def missed_by(self, value: float) -> str:
        """The end that a value outside misses, such as "at least 0"."""
        return self._low_words if value <= self.low else self._high_words

    @property
    def _low_words(self) -> str:
        return f"{'above' if self.low_open else 'at least'} {self.low:g}"

    @property
    def _high_words(self) -> str:
        return f"{'below' if self.high_open else 'at most'} {self.high:g}"

    def _join(self, low: str, high: str, between: str) -> str:
        ends = [low] if self.low > -math.inf else []
        return between.join([*ends, high] if self.high < math.inf else ends)


def AtLeast(low: float) -> Interval:
    """Numbers from ``low`` on."""
    return Interval(low=low)


def Above(low: float) -> Interval:
    """Numbers above ``low``."""
    return Interval(low=low, low_open=True)


def Between(low: float, high: float) -> Interval:
    """Numbers from ``low`` to ``high``, both allowed."""
    return Interval(low=low, high=high)


@dataclass(frozen=True)
class Described:
    """Words for values that no interval describes, such as "a metric, as 'recall@50'"."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class PartMark:
    """A frozen dataclass of one of the rooms of parts, whichever it is."""

    optional: bool

    def __str__(self) -> str:
        return "None or a part" if self.optional else "a part"


@dataclass(frozen=True)
class Mark:
    """Mark of how much a setting matters; see :data:`Main` and :data:`Minor`."""

    matters: bool


T = TypeVar("T")

Main = Annotated[T, Mark(matters=True)]
"""One of the few settings of its part worth trying first. A part marked so counts as a whole."""
Minor = Annotated[T, Mark(matters=False)]
"""Nothing below is worth trying first, whatever is marked there."""

Weight = Annotated[float, AtLeast(0)]
"""A weight in a sum; 0 leaves the term out."""
NonNegative = Annotated[float, AtLeast(0)]
Positive = Annotated[float, Above(0)]
Share = Annotated[float, Between(0, 1)]
"""A part of a whole or a probability."""
ShareBelowOne = Annotated[float, Interval(low=0, high=1, high_open=True)]
"""A share of what is left out or kept from before; with 1 nothing else would be left."""
PositiveShare = Annotated[float, Interval(low=0, high=1, low_open=True)]
"""A share of which there must be some, or a factor by which something shrinks."""
Count = Annotated[int, AtLeast(1)]
ZeroOrMore = Annotated[int, AtLeast(0)]
"""A number of things of which there may be none."""

ScaleLimits = Annotated[tuple[float, float], Described("(lowest, highest) rating")]
Metric = Annotated[str, Described("a metric, as 'recall@50' or 'ndcg@10'")]

AnyPart = Annotated[Any, PartMark(optional=False)]
AnyPartOrNone = Annotated[Any, PartMark(optional=True)]
