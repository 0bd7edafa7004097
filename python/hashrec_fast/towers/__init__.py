# SPDX-License-Identifier: Apache-2.0
"""Towers: what turns ids, graphs, rows and features into the real vectors behind the codes."""

from hashrec_fast.towers.adversary import JudgedEmbedding
from hashrec_fast.towers.attention_history import AttentionHistory
from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.behaviour import Behaviour
from hashrec_fast.towers.content import Content
from hashrec_fast.towers.dispersion import Dispersion
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.towers.history import History
from hashrec_fast.towers.knowledge import KnowledgeSAGE
from hashrec_fast.towers.outfit_graph import OutfitGraph
from hashrec_fast.towers.outfits import Outfits
from hashrec_fast.towers.propagation import Propagation
from hashrec_fast.towers.sage import SampledSAGE
from hashrec_fast.towers.sides import Sides

__all__ = [
    "AttentionHistory",
    "Behaviour",
    "Content",
    "Dispersion",
    "Embedding",
    "History",
    "JudgedEmbedding",
    "KnowledgeSAGE",
    "OutfitGraph",
    "Outfits",
    "Propagation",
    "SampledSAGE",
    "Sides",
    "Tower",
    "TowerData",
]
