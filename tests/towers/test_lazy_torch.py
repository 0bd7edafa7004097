# SPDX-License-Identifier: Apache-2.0
"""Towers and their networks without torch until one is built."""

import copy
import pkgutil
import subprocess
import sys

import pytest

from hashrec_fast import towers
from hashrec_fast.towers.lazy_torch import Module
from hashrec_fast.towers.lazy_torch import torch as lazy

NAMES = sorted(info.name for info in pkgutil.walk_packages(towers.__path__, towers.__name__ + "."))


def test_no_file_of_the_room_imports_torch():
    code = f"""
import importlib, sys
for name in {NAMES}:
    importlib.import_module(name)
    assert "torch" not in sys.modules, name
print(len({NAMES}))
"""
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert int(output.stdout) > 15


torch = pytest.importorskip("torch")


class Scale(Module):
    """One number."""

    shift: torch.Tensor

    def __init__(self, start):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor([float(start)]))
        self.register_buffer("shift", torch.zeros(1))

    def forward(self, x):
        return self.factor * x + self.shift


class Square(Scale):
    """Its square."""

    def forward(self, x):
        return super().forward(x) ** 2


class Both(Module):
    """One inside the other."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.ModuleList([Scale(2), Square(3)])


def test_instances_are_modules_of_torch():
    both = Both()
    assert isinstance(both, torch.nn.Module)
    assert isinstance(both, Both)
    scale, square = both.inner
    assert isinstance(square, Scale)
    assert not isinstance(scale, Square)
    assert type(scale) is type(Scale(1))
    assert repr(square) == "Square()"
    x = torch.tensor([5.0])
    assert scale(x).item() == 10
    assert square(x).item() == 225
    names = ["inner.0.factor", "inner.0.shift", "inner.1.factor", "inner.1.shift"]
    assert list(both.state_dict()) == names
    assert [name for name, _ in both.named_parameters()] == names[::2]


def test_copies_are_whole():
    one = Square(3)
    two = copy.deepcopy(one)
    assert type(two) is type(one)
    with torch.no_grad():
        two.factor += 1
    assert (one.factor.item(), two.factor.item()) == (3, 4)
    assert not one.train(False).training
    assert two.training


def test_the_lazy_torch_is_torch():
    assert lazy.Tensor is torch.Tensor
    assert lazy.nn.functional.relu is torch.nn.functional.relu
    with pytest.raises(AttributeError, match="no attribute 'tensro'"):
        lazy.tensro  # noqa: B018
