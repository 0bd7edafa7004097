# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec methods``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hashrec_fast.cli.common import json_option, look_here, show, table

if TYPE_CHECKING:
    from hashrec_fast.recipe_parameters import Parameter


@click.command()
@click.argument("name", required=False)
@json_option
def methods(name: str | None, as_json: bool) -> None:
    """List the methods, or show one method, what it leaves out and its parameters."""
    from hashrec_fast.methods import available_methods, describe, missing_methods, parameters

    if name is None:
        found = [_facts(method) for method in (*available_methods(), *missing_methods())]
        columns = ("name", "year", "venue", "task", "feedback", "strategy", "codes", "fidelity")
        rows = [[str(row.get(c, "-")).split(":")[0] for c in columns] for row in found]
        show(found, as_json, table(columns, rows))
        return
    if ":" in name:
        look_here()
    facts = describe(name)
    if name in missing_methods():
        show(facts, as_json, "\n".join(f"{key:<12}{value}" for key, value in facts.items()))
        return
    settings = parameters(name)
    lines = [f"{key:<12}{value}" for key, value in facts.items()]
    text = "\n".join([*lines, "", "parameters, set with --set name=value", repr(settings)])
    show({**facts, "parameters": [_plain(row) for row in settings]}, as_json, text)


def _facts(name: str) -> dict[str, Any]:
    """Facts of a method; of another package's that cannot be loaded, why."""
    from hashrec_fast.methods import describe

    try:
        return dict(describe(name))
    except ValueError as error:
        return {"name": name, "fidelity": " ".join(str(error).split()).replace(":", ";")}


def _plain(row: Parameter) -> dict[str, Any]:
    """A row for JSON; parts are named by their classes."""
    simple = isinstance(row.default, (bool, int, float, str, type(None)))
    return {**vars(row), "default": row.default if simple else row.default_text}
