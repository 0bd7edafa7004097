# SPDX-License-Identifier: Apache-2.0
"""Side information: knowledge graphs, and edge lists as sparse matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False, kw_only=True)
class KnowledgeGraph:
    """Triples (head, relation, tail) over entities, some of which are items.

    Parameters
    ----------
    head, relation, tail : integer arrays of shape (n_triples,)
        Entity, relation and entity of every triple, 0-based.
    item_entity : integer array of shape (n_items,)
        The entity of every item, -1 for an item without one.
    n_entities, n_relations : int
        How many of each there are; every number above must be below them.
    relation_names : array of str of shape (n_relations,), optional

    Raises
    ------
    ValueError
        The arrays differ in length, or hold numbers out of range.
    """

    head: NDArray[np.int32]
    relation: NDArray[np.int32]
    tail: NDArray[np.int32]
    item_entity: NDArray[np.int32]
    n_entities: int
    n_relations: int
    relation_names: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        if not len(self.head) == len(self.relation) == len(self.tail):
            raise ValueError(
                "head, relation and tail must be of one length, got "
                f"{len(self.head)}, {len(self.relation)} and {len(self.tail)}"
            )
        for name, low, high in (
            ("head", 0, self.n_entities),
            ("tail", 0, self.n_entities),
            ("relation", 0, self.n_relations),
            ("item_entity", -1, self.n_entities),
        ):
            check_range(getattr(self, name), name, high, minimum=low)
        if self.relation_names is not None and len(self.relation_names) != self.n_relations:
            raise ValueError(
                f"relation_names must hold {self.n_relations} names, got {len(self.relation_names)}"
            )

    def __len__(self) -> int:
        return len(self.head)

    def __repr__(self) -> str:
        return (
            f"KnowledgeGraph({len(self)} triples, {self.n_entities} entities, "
            f"{self.n_relations} relations)"
        )


def check_range(values: NDArray[np.integer], name: str, high: int, *, minimum: int = 0) -> None:
    """Raise ``ValueError`` with the first row whose value is not in ``minimum .. high - 1``."""
    bad = np.flatnonzero((values < minimum) | (values >= high))
    if bad.size:
        raise ValueError(
            f"row {bad[0]}: {name} must be from {minimum} to {high - 1}, got {values[bad[0]]}"
        )


def adjacency(src: NDArray[np.integer], dst: NDArray[np.integer], n: int) -> csr_matrix:
    """Turn directed edges into a binary float32 CSR of shape (n, n); repeated edges count once.

    Raises
    ------
    ValueError
        ``src`` and ``dst`` differ in length, or an end of an edge is not in 0 .. n - 1.
    """
    if len(src) != len(dst):
        raise ValueError(f"src and dst must be of one length, got {len(src)} and {len(dst)}")
    check_range(src, "src", n)
    check_range(dst, "dst", n)
    matrix = csr_matrix((np.ones(len(src), np.float32), (src, dst)), shape=(n, n))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix
