# SPDX-License-Identifier: Apache-2.0
"""Settings of recipes and models by name: listed, explained, checked, changed."""

from hashrec_fast.recipe_parameters.changes import (
    check_ranges,
    flat_parameters,
    listed_names,
    with_parameters,
)
from hashrec_fast.recipe_parameters.own import OWN_PARAMETERS, OwnParameters, check_own_parameters
from hashrec_fast.recipe_parameters.table import Parameter, ParameterTable, own_rows, recipe_rows

__all__ = [
    "OWN_PARAMETERS",
    "OwnParameters",
    "Parameter",
    "ParameterTable",
    "check_own_parameters",
    "check_ranges",
    "flat_parameters",
    "listed_names",
    "own_rows",
    "recipe_rows",
    "with_parameters",
]
