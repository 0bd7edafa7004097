# SPDX-License-Identifier: Apache-2.0
"""``hashrec methods``."""

from __future__ import annotations

import click

from hashrec_fast.cli.common import json_option, show, table


@click.command()
@click.argument("name", required=False)
@json_option
def methods(name: str | None, as_json: bool) -> None:
    """List the methods, or show one method, what it leaves out and its parameters."""
    from hashrec_fast.methods import available_methods, describe, load_recipe, missing_methods
    from hashrec_fast.recipe import flat_parameters

    if name is None:
        found = [describe(method) for method in (*available_methods(), *missing_methods())]
        columns = ("name", "year", "venue", "task", "feedback", "strategy", "codes", "fidelity")
        rows = [[str(row.get(c, "-")).split(":")[0] for c in columns] for row in found]
        show(found, as_json, table(columns, rows))
        return
    facts = describe(name)
    if name in missing_methods():
        show(facts, as_json, "\n".join(f"{key:<12}{value}" for key, value in facts.items()))
        return
    plain = (bool, int, float, str, type(None))
    parameters = {
        key: value
        for key, value in flat_parameters(load_recipe(name)).items()
        if isinstance(value, plain)
    }
    lines = [f"{key:<12}{value}" for key, value in facts.items()]
    lines += ["", "parameters (set with --set name=value):"]
    lines += [f"  {key} = {value!r}" for key, value in parameters.items()]
    show({**facts, "parameters": parameters}, as_json, "\n".join(lines))
