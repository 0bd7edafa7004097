# SPDX-License-Identifier: Apache-2.0
"""Values against type hints with declared ranges."""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Protocol

import numpy as np
import pytest

from hashrec_fast.field_checks import check_fields, checked
from hashrec_fast.hints import field_hints, range_text, wanted
from hashrec_fast.ranges import (
    Above,
    AnyPart,
    AnyPartOrNone,
    AtLeast,
    Between,
    Count,
    Interval,
    Main,
    Positive,
    PositiveShare,
    Share,
    ShareBelowOne,
    Weight,
    ZeroOrMore,
)


class Walks(Protocol):
    def walk(self) -> int: ...


@dataclass(frozen=True)
class Inner:
    size: Count = 1

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Sample:
    weight: Main[Weight] = 1.0
    rate: Positive = 0.1
    share: Share = 0.5
    dropout: ShareBelowOne = 0.0
    decay: PositiveShare = 0.9
    target: float = -0.2
    rounds: Count = 3
    steps: ZeroOrMore = 0
    limit: Count | None = None
    end: Main[Weight | None] = None
    flag: bool = False
    label: str = "x"
    way: Literal["a", "b"] = "a"
    widths: tuple[Count, ...] = (4,)
    scale: tuple[float, float] | None = None
    inner: Inner = field(default_factory=Inner)
    maybe: Inner | None = None
    walker: Walks = field(default_factory=Inner)
    tower: AnyPartOrNone = None
    part: AnyPart = field(default_factory=Inner)
    free: Any = 3


HINTS = field_hints(Sample)


@pytest.mark.parametrize(
    ("name", "range_", "words"),
    [
        ("weight", ">= 0", "a number of at least 0"),
        ("rate", "> 0", "a number above 0"),
        ("share", "0 .. 1", "a number of at least 0 and at most 1"),
        ("dropout", ">= 0, < 1", "a number of at least 0 and below 1"),
        ("decay", "> 0, <= 1", "a number above 0 and at most 1"),
        ("target", "a number", "a number"),
        ("rounds", ">= 1", "an integer of at least 1"),
        ("limit", "None or >= 1", "None or an integer of at least 1"),
        ("end", "None or >= 0", "None or a number of at least 0"),
        ("flag", "True or False", "True or False"),
        ("label", "a string", "a string"),
        ("way", "one of 'a', 'b'", "one of 'a', 'b'"),
        ("widths", "a tuple, each >= 1", "a tuple, each an integer of at least 1"),
        ("scale", "None or a tuple of 2, each a number", "None or a tuple of 2, each a number"),
        ("inner", "an Inner", "an Inner"),
        ("walker", "a Walks", "a Walks"),
        ("tower", "None or a part", "None or a part"),
        ("free", "anything", "anything"),
    ],
)
def test_ranges_in_words(name, range_, words):
    assert range_text(HINTS[name]) == range_
    assert wanted(HINTS[name]) == words


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("weight", [0, 0.0, 1e300, np.float32(2), Fraction(1, 2)]),
        ("share", [0, 1, 0.5]),
        ("dropout", [0, 0.999]),
        ("decay", [1, 1e-9]),
        ("target", [-1e9, 5]),
        ("rounds", [1, 10**9, np.int64(4)]),
        ("limit", [None, 1]),
        ("flag", [True, False, np.bool_(True)]),
        ("way", ["a", "b"]),
        ("widths", [(), (1, 2), (np.int32(3),)]),
        ("scale", [None, (1, 5)]),
        ("walker", [Inner(2)]),
        ("tower", [None, Inner()]),
        ("free", [None, "x", object()]),
    ],
)
def test_what_fits(name, values):
    for value in values:
        found = checked(value, HINTS[name], name)
        assert found == value
        assert not isinstance(found, np.generic)
        if name in {"weight", "share", "target"}:
            assert type(found) is float


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("weight", -1, ValueError, "weight must be at least 0, got -1"),
        ("weight", math.nan, ValueError, "weight must be at least 0 and finite, got nan"),
        ("weight", math.inf, ValueError, "weight must be at least 0 and finite, got inf"),
        ("weight", 10**400, ValueError, "weight must be at least 0 and finite, got 1000"),
        ("weight", "1", TypeError, "weight must be a number of at least 0, got '1' (str)"),
        ("weight", True, TypeError, "weight must be a number of at least 0, got True (bool)"),
        ("weight", None, TypeError, "weight must be a number of at least 0, got None"),
        ("weight", 1j, TypeError, "got 1j (complex)"),
        ("weight", np.ones(2), TypeError, "got array([1., 1.]) (ndarray)"),
        ("rate", 0, ValueError, "rate must be above 0, got 0"),
        ("share", 1.5, ValueError, "share must be at most 1, got 1.5"),
        ("share", -0.5, ValueError, "share must be at least 0, got -0.5"),
        ("dropout", 1, ValueError, "dropout must be below 1, got 1"),
        ("decay", 0, ValueError, "decay must be above 0, got 0"),
        ("rounds", 0, ValueError, "rounds must be at least 1, got 0"),
        ("rounds", 2.0, TypeError, "rounds must be an integer of at least 1, got 2.0 (float)"),
        ("rounds", True, TypeError, "got True (bool)"),
        ("limit", 0, ValueError, "limit must be at least 1, got 0"),
        ("limit", "x", TypeError, "limit must be None or an integer of at least 1, got 'x' (str)"),
        ("flag", 1, TypeError, "flag must be True or False, got 1 (int)"),
        ("label", 3, TypeError, "label must be a string, got 3 (int)"),
        ("way", "c", ValueError, "way must be one of 'a', 'b', got 'c'"),
        ("way", 3, ValueError, "way must be one of 'a', 'b', got 3"),
        ("widths", 3, TypeError, "widths must be a tuple, each an integer of at least 1, got 3"),
        ("widths", (1, 0), ValueError, "widths must be a tuple, each at least 1, got (1, 0)"),
        ("widths", ("a",), TypeError, "widths must be a tuple, each an integer"),
        ("scale", (1, 2, 3), TypeError, "scale must be None or a tuple of 2"),
        ("inner", "x", TypeError, "inner must be an Inner, got 'x' (str)"),
        ("inner", Inner, TypeError, "inner must be an Inner, got <class"),
        ("inner", None, TypeError, "inner must be an Inner, got None"),
        ("walker", 3, TypeError, "walker must be a Walks, got 3 (int)"),
        ("tower", "none", TypeError, "tower must be None or a part, got 'none' (str)"),
        ("part", None, TypeError, "part must be a part, got None"),
    ],
)
def test_what_does_not_fit(name, value, error, message):
    with pytest.raises(error) as caught:
        checked(value, HINTS[name], name)
    assert message in str(caught.value)


def test_parts_check_themselves():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        Inner(size=0)


def test_hints_that_only_type_checkers_can_read_allow_anything():
    @dataclass(frozen=True)
    class Local:
        size: Count = 1
        other: "Nowhere" = 3  # noqa: F821

    assert field_hints(Local)["size"] == Count
    assert field_hints(Local)["other"] is Any


def test_intervals():
    assert 0 not in Above(0)
    assert 0 in AtLeast(0)
    assert {0, 1} == {x for x in (-1, 0, 1, 2) if x in Between(0, 1)}
    assert str(Interval(low=-1, high=2, high_open=True)) == ">= -1, < 2"
    assert str(Interval(high=2)) == "<= 2"
    assert Interval(high=2).words == "at most 2"
    assert Interval(high=2).missed_by(3) == "at most 2"
