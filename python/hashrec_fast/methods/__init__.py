# SPDX-License-Identifier: Apache-2.0
"""Methods, one file each that defines ``RECIPE``; those of other packages are found here too."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from hashrec_fast.estimator import FloatRecommender, HashRecommender, Recommender, model_of
from hashrec_fast.methods._facts import MethodFacts, TwoStageFacts
from hashrec_fast.methods._missing import MISSING
from hashrec_fast.methods._registry import all_names, find_recipe, register
from hashrec_fast.recipe import Recipe
from hashrec_fast.recipe_parameters import (
    ParameterTable,
    own_rows,
    recipe_rows,
    with_parameters,
)

if TYPE_CHECKING:
    from hashrec_fast.methods._names import FloatMethod, FloatStrategy, HashMethod, HashStrategy
    from hashrec_fast.types import IndexName

__all__ = [
    "available_methods",
    "create",
    "describe",
    "load_recipe",
    "missing_methods",
    "parameters",
    "register",
]


def available_methods() -> list[str]:
    """Names of all methods, sorted; registered ones and those of other packages among them.

    Examples
    --------
    >>> import hashrec_fast as hf
    >>> "wdcf" in hf.available_methods()
    True
    """
    return all_names()


def missing_methods() -> list[str]:
    """Names of the survey's methods that are not implemented; :func:`describe` says why.

    Examples
    --------
    >>> missing_methods()
    ['edcf', 'h_sage']
    """
    return sorted(MISSING)


def load_recipe(name: str) -> Recipe:
    """Recipe of one method.

    Parameters
    ----------
    name : str
        One of :func:`available_methods`, the label of a recipe such as "WDCF" or "dlcf-like", or a
        reference ``"package.module:RECIPE"``, whose module is imported.

    Raises
    ------
    ValueError
        For an unknown name, with the known ones, or a reference that leads to no recipe.
    """
    return find_recipe(name)


def describe(name: str | Recipe) -> MethodFacts:
    """Facts of a method: paper, venue, year, task, objective, strategy, fidelity.

    Two-stage methods also have their ``quantizer``. Of a method that is not implemented there are
    only the paper's facts and, as its fidelity, the reason; see :func:`missing_methods`.

    Examples
    --------
    >>> import hashrec_fast as hf
    >>> hf.describe("dcf")["venue"]
    'SIGIR'
    """
    if isinstance(name, str) and name in MISSING:
        return MISSING[name].copy()
    recipe = name if isinstance(name, Recipe) else load_recipe(name)
    quantizer = getattr(recipe.strategy, "quantizer", None)
    second_stage: TwoStageFacts = (
        {} if quantizer is None else {"quantizer": type(quantizer).__name__}
    )
    return {
        "name": name if isinstance(name, str) else recipe.name,
        "label": recipe.name,
        "title": recipe.title,
        "venue": recipe.venue,
        "year": recipe.year,
        "reference": recipe.reference,
        "task": recipe.task,
        "feedback": recipe.feedback,
        "objective": [type(term).__name__ for term in recipe.objective],
        "constraints": [type(term).__name__ for term in recipe.constraints],
        "strategy": recipe.strategy.label,
        "solver": type(recipe.strategy.solver).__name__,
        **second_stage,
        "side_info": {"needs": sorted(recipe.needs), "uses": sorted(recipe.uses)},
        "codes": "binary" if recipe.is_binary else "float",
        "fidelity": recipe.fidelity,
    }


@overload
def create(
    name: HashMethod,
    *,
    n_bits: int = ...,
    random_state: int | None = ...,
    num_threads: int = ...,
    device: str = ...,
    index: IndexName = ...,
    strategy: HashStrategy = ...,
    **parameters: object,
) -> HashRecommender: ...


@overload
def create(
    name: FloatMethod,
    *,
    n_bits: int = ...,
    random_state: int | None = ...,
    num_threads: int = ...,
    device: str = ...,
    index: IndexName = ...,
    strategy: FloatStrategy = ...,
    **parameters: object,
) -> FloatRecommender: ...


@overload
def create(
    name: str | Recipe,
    *,
    n_bits: int = ...,
    random_state: int | None = ...,
    num_threads: int = ...,
    device: str = ...,
    index: IndexName = ...,
    **parameters: object,
) -> HashRecommender | FloatRecommender: ...


def create(
    name: str | Recipe,
    *,
    n_bits: int = 64,
    random_state: int | None = None,
    num_threads: int = 0,
    device: str = "cpu",
    index: IndexName = "linear_scan",
    **parameters: object,
) -> HashRecommender | FloatRecommender:
    """Make an unfitted model of a method.

    Parameters
    ----------
    name : str or Recipe
        One of :func:`available_methods`, or a recipe of your own.
    n_bits : int
        Code length, 1 to 4096; the number of factors for a float method.
    random_state : int or None
    num_threads : int
        0 uses all cores; results do not depend on it.
    device : str
        For methods trained with torch; the solvers of the compiled core run on the CPU.
    index : {"linear_scan", "multi_index", "hash_table"}
        How recommendations are searched; the first two are exact, ``"hash_table"`` can miss
        items. Float methods, and those ranked by more than the Hamming distance, know
        ``"linear_scan"`` only.
    **parameters
        Parameters of the recipe, such as ``squared_hinge__weight=0.5`` or ``teacher=None``; see
        :func:`parameters`.

    Returns
    -------
    HashRecommender or FloatRecommender
        Of codes or of float factors, whichever the method yields. Type checkers know which of the
        two where they see the method's name; elsewhere ``isinstance`` tells.

    Raises
    ------
    ValueError
        For an unknown method or parameter, or a value out of its range.
    TypeError
        For a value of another type.

    Examples
    --------
    >>> import hashrec_fast as hf
    >>> model = hf.create("wdcf", n_bits=32, random_state=0, teacher=None)
    >>> model.n_bits
    32
    """
    found = name if isinstance(name, Recipe) else load_recipe(name)
    label = found.name if isinstance(name, Recipe) else name
    recipe: Recipe = with_parameters(found, label, **parameters)
    return model_of(
        recipe,
        n_bits=n_bits,
        random_state=random_state,
        num_threads=num_threads,
        device=device,
        index=index,
    )


def parameters(method: str | Recipe | Recommender) -> ParameterTable:
    """Parameters that can be set: name, default, range and meaning of each.

    Parameters
    ----------
    method : str, Recipe or model
        A name of :func:`available_methods`; of a model the defaults shown are its own values.

    Returns
    -------
    list of Parameter
        In the order of the recipe; printed, those that matter come first.

    Raises
    ------
    ValueError
        For an unknown method.

    Examples
    --------
    >>> [row.range for row in parameters("wdcf") if row.name == "squared_hinge__weight"]
    ['>= 0']
    """
    if isinstance(method, Recommender):
        values, recipe = method.get_params(deep=False), method.recipe
    else:
        values, recipe = {}, method if isinstance(method, Recipe) else load_recipe(method)
    return ParameterTable([*own_rows(recipe.index_kinds, values), *recipe_rows(recipe)])
