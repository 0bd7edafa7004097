# SPDX-License-Identifier: Apache-2.0
"""Knowledge graphs at the door of the estimators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.data.side_info import KnowledgeGraph

NAME = "side_info['kg']"


def as_knowledge_graph(value: KnowledgeGraph | NDArray[np.integer], n_items: int) -> KnowledgeGraph:
    """Check a knowledge graph, or make one from an array of triples.

    Parameters
    ----------
    value : KnowledgeGraph or integer array (n_triples, 3)
        Rows of an array are head, relation and tail; entity ``i < n_items`` is item ``i``.
    n_items : int

    Raises
    ------
    TypeError, ValueError
        For anything else, negative ids, or a graph of another number of items.

    Examples
    --------
    >>> import numpy as np
    >>> as_knowledge_graph(np.array([[0, 0, 2], [1, 0, 2]]), n_items=2)
    KnowledgeGraph(2 triples, 3 entities, 1 relations)
    """
    if isinstance(value, KnowledgeGraph):
        if len(value.item_entity) != n_items:
            raise ValueError(
                f"{NAME} must have one entry of item_entity for each of {n_items} items, "
                f"got {len(value.item_entity)}"
            )
        return value
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{NAME} must be a KnowledgeGraph or an integer array (n_triples, 3), "
            f"got {type(value).__name__}"
        )
    if value.ndim != 2 or value.shape[1] != 3:
        raise ValueError(f"{NAME} must be of shape (n_triples, 3), got {value.shape}")
    if not np.issubdtype(value.dtype, np.integer):
        raise TypeError(f"{NAME} must hold integers, got {value.dtype}")
    if len(value) and (value.min() < 0 or value.max() > np.iinfo(np.int32).max):
        row = int(np.flatnonzero((value < 0).any(1) | (value > np.iinfo(np.int32).max).any(1))[0])
        raise ValueError(f"{NAME} must hold ids from 0 to 2^31 - 1, got {value[row]} in row {row}")
    head, relation, tail = (column.astype(np.int32) for column in value.T)
    ends = np.concatenate((head, tail))
    return KnowledgeGraph(
        head=head,
        relation=relation,
        tail=tail,
        item_entity=np.arange(n_items, dtype=np.int32),
        n_entities=max(n_items, int(ends.max(initial=-1)) + 1),
        n_relations=int(relation.max(initial=-1)) + 1,
    )
