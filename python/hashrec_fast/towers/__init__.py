# SPDX-License-Identifier: Apache-2.0
"""Towers: what turns ids, graphs, rows and features into the real vectors behind the codes."""

from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.towers.history import History
from hashrec_fast.towers.propagation import Propagation

__all__ = ["Embedding", "History", "Propagation", "Tower", "TowerData"]
