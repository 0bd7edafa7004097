# SPDX-License-Identifier: Apache-2.0
"""Interaction data: read it, split it, load public sets, generate planted sets.

The names below are loaded on first use, so that importing the package stays cheap; they are added
to ``__init__.pyi`` as well.
"""

from hashrec_fast import _lazy

_HOMES = {
    "datasets": ("available", "load"),
    "event_rows": ("EventRows",),
    "filters": ("drop_unseen", "frequent", "subset"),
    "interaction_split": ("InteractionSplit",),
    "interactions": ("Dataset",),
    "readers": ("read",),
    "readers.npz": ("save",),
    "side_info": ("KnowledgeGraph",),
    "splits": ("split",),
    "synthetic": ("generate",),
}

__getattr__, __dir__, __all__ = _lazy.attach(__name__, _HOMES)
