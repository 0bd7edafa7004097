# SPDX-License-Identifier: Apache-2.0
"""Towers: what turns ids, graphs, rows and features into the real vectors behind the codes."""

from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.content import Content
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.towers.propagation import Propagation
from hashrec_fast.towers.sides import Sides

__all__ = [
    "Content",
    "Embedding",
    "Propagation",
    "Sides",
    "Tower",
    "TowerData",
]
