# SPDX-License-Identifier: Apache-2.0
"""Towers: what turns ids, graphs, rows and features into the real vectors behind the codes."""

from hashrec_fast.towers.adversary import JudgedEmbedding
from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.behaviour import Behaviour
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.towers.knowledge import KnowledgeSAGE
from hashrec_fast.towers.propagation import Dispersion, Propagation
from hashrec_fast.towers.sage import SampledSAGE

__all__ = [
    "Behaviour",
    "Dispersion",
    "Embedding",
    "JudgedEmbedding",
    "KnowledgeSAGE",
    "Propagation",
    "SampledSAGE",
    "Tower",
    "TowerData",
]
