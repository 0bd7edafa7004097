# SPDX-License-Identifier: Apache-2.0
"""Packages whose names are loaded on first use; type checkers read the ``.pyi`` beside them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping


def attach(
    package: str,
    homes: Mapping[str, tuple[str, ...]],
    rooms: tuple[str, ...] = (),
    present: tuple[str, ...] = (),
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    A public name must not be that of a module in the package: importing the module would put it
    in the place of the name.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : mapping of str to tuple of str
        Modules below the package, and the public names that each of them holds.
    rooms : tuple of str
        Modules below the package that are public themselves.
    present : tuple of str
        Public names that the package itself binds.
    """
    home_of = {name: home for home, names in homes.items() for name in names}
    public = sorted((*home_of, *rooms, *present))

    def load(name: str) -> object:
        if name not in public:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{home_of.get(name, name)}")
        value: object = getattr(module, name) if name in home_of else module
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: list(public), public
