# SPDX-License-Identifier: Apache-2.0
"""Recipes as version 0.1 wrote them, brought to the form of today."""

from __future__ import annotations

import importlib
from typing import Any

from hashrec_fast.recipe_json import ROOMS


def upgraded(value: Any) -> Any:
    """JSON of a model file of format 1 in the form that ``recipe_json`` reads.

    Parts were named by class alone; objectives of whole-data variants were one flat part.
    """
    if isinstance(value, list):
        return [upgraded(item) for item in value]
    if not isinstance(value, dict):
        return value
    body = {key: upgraded(item) for key, item in value.items()}
    name = body.get("part")
    if name == "Variant":
        loss = body.pop("loss")
        body["objective"] = _whole_data_terms(loss)
    if name == "Recipe" and body["strategy"]["solver"]["part"].endswith(":ImplicitALS"):
        body["objective"] = [{"part": "hashrec_fast.losses:ConfidenceSquare"}]
    if name == "WholeDataLoss":
        return body
    return {**body, "part": _path_of(str(name))}


def _whole_data_terms(loss: dict[str, Any]) -> list[dict[str, Any]]:
    """The terms that one ``WholeDataLoss`` stood for; soft positives need a teacher."""
    square = {key: loss[key] for key in ("target", "rest_target", "rest_weight", "user_power")}
    terms = [{"part": "hashrec_fast.losses:WholeDataSquare", **square}]
    if loss["hinge_weight"] > 0:
        hinge = {"weight": loss["hinge_weight"], "margin": loss["hinge_margin"]}
        terms.append({"part": "hashrec_fast.losses:SquaredHinge", **hinge})
    return terms


def _path_of(name: str) -> str:
    for room in ROOMS:
        if hasattr(importlib.import_module(room), name):
            return f"{room}:{name}"
    raise ValueError(f"it is made of an unknown part {name!r}")
