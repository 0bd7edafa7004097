# SPDX-License-Identifier: Apache-2.0
from hashrec_fast.data.datasets import available, load
from hashrec_fast.data.event_rows import EventRows
from hashrec_fast.data.filters import drop_unseen, frequent, subset
from hashrec_fast.data.interaction_split import InteractionSplit
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.readers import read
from hashrec_fast.data.readers.npz import save
from hashrec_fast.data.side_info import KnowledgeGraph
from hashrec_fast.data.splits import split
from hashrec_fast.data.synthetic import generate

__all__ = [
    "Dataset",
    "EventRows",
    "InteractionSplit",
    "KnowledgeGraph",
    "available",
    "drop_unseen",
    "frequent",
    "generate",
    "load",
    "read",
    "save",
    "split",
    "subset",
]
