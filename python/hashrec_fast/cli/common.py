# SPDX-License-Identifier: Apache-2.0
"""Parts that the commands share: one-line errors, settings, plain tables."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])


class BadInput(click.ClickException):
    """Error of what was given: one line on stderr and exit code 2."""

    exit_code = 2


class Group(click.Group):
    """Group of commands that turns the package's errors into one line on stderr and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input never shows a traceback."""
        try:
            return super().invoke(ctx)
        except (
            ValueError,
            TypeError,
            IndexError,
            OSError,
            ImportError,
            MemoryError,
            ArithmeticError,
        ) as error:
            text = " ".join(str(error).split()) or type(error).__name__
            raise BadInput(text) from None


def trust_option(function: F) -> F:
    """Add ``--trust``, which may be repeated."""
    return click.option(
        "--trust",
        multiple=True,
        metavar="MODULE",
        help="Module whose parts MODEL may be made of besides this package's.",
    )(function)


def look_here() -> None:
    """Let modules of the working folder be found, as ``python -m`` does."""
    if "" not in sys.path:
        sys.path.insert(0, "")


def json_option(function: F) -> F:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def parse_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings from ``key=value``; what is written like a value in JSON or Python is one.

    ``none``, ``true`` and ``false`` may be written in any case, a tuple as ``32,16``; what else
    stands there is a string.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or not key:
            raise ValueError(f"--set takes key=value, got {pair!r}")
        found[key] = _value(text.strip())
    return found


_WORDS = {"none": None, "null": None, "true": True, "false": False}


def _value(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(value, (bool, int, float, str, tuple, list, dict, type(None))):
            return value
    return text


def show(rows: Any, as_json: bool, text: str) -> None:
    """Print ``rows`` as JSON or the ready ``text``."""
    click.echo(json.dumps(rows, indent=2) if as_json else text)


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Plain table, the left column to the left, the others to the right."""
    cells = [list(header), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        line = [row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(line).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"
    return str(value)


# Labels of users and items travel in the model file as UTF-8 text, one label a line.


def labels_to_bytes(labels: NDArray[Any]) -> NDArray[np.uint8]:
    """JSON text of the labels as uint8."""
    return np.frombuffer(json.dumps(np.asarray(labels).tolist()).encode(), dtype=np.uint8).copy()


def labels_from_bytes(content: NDArray[np.uint8]) -> list[str]:
    """Labels as strings."""
    return [str(label) for label in json.loads(content.tobytes().decode())]
