# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for torch that load it on first use: a tower and its network can share a file.

Recipes name towers, and listing the methods must not cost the seconds that torch takes to load.
Files of this room write ``from hashrec_fast.towers.lazy_torch import Module, torch`` and go on as
if torch were imported; it is loaded when a function first uses it or a network is built. What a
file does while it is imported must not touch it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Self

__all__ = ["Module", "functional", "torch"]


class LazyImport:
    """A module that is imported when it is first asked for something."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)


class LazyModule:
    """Base of classes whose instances are ``torch.nn.Module``, though the classes need no torch.

    An instance is one of a subclass, made once, that has ``torch.nn.Module`` as its last base.
    ``super().__init__()`` reaches it as usual.
    """

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        """An instance of the completed class."""
        del args, keywords  # they are for __init__
        complete: type[Self] = _COMPLETED.get(cls) or _COMPLETED.setdefault(cls, _with_torch(cls))
        return super().__new__(complete)


_COMPLETED: dict[type[Any], type[Any]] = {}


def _with_torch(cls: type[Any]) -> type[Any]:
    """The class, or the subclass of it that is a ``torch.nn.Module``."""
    module = importlib.import_module("torch.nn").Module
    if issubclass(cls, module):
        return cls
    names = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls, module), names)


if TYPE_CHECKING:
    import torch
    from torch.nn import Module, functional
else:
    torch = LazyImport("torch")
    functional = LazyImport("torch.nn.functional")
    Module = LazyModule
