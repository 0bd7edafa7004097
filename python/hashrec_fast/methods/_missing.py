# SPDX-License-Identifier: Apache-2.0
"""Methods of the survey that this package does not have, and why: said, not silently left out."""

from __future__ import annotations

from hashrec_fast.methods._facts import MethodFacts

MISSING: dict[str, MethodFacts] = {
    "edcf": {
        "name": "edcf",
        "label": "EDCF",
        "title": "Explainable Discrete Collaborative Filtering",
        "venue": "IEEE TKDE",
        "year": 2023,
        "reference": 82,
        "task": "explainable",
        "fidelity": "not implemented: no source. Codes and explanations come from the texts of "
        "reviews; the survey has one line of its table on it, the authors' repository no code, "
        "and no data set with reviews is at hand, so that anything under this name would be ours",
    },
    "h_sage": {
        "name": "h_sage",
        "label": "H-SAGE",
        "title": "Hashing-based Semantic Relevance Attributed Knowledge Graph Embedding "
        "Enhancement for Deep Probabilistic Recommendation",
        "venue": "Applied Intelligence",
        "year": 2023,
        "reference": 85,
        "task": "knowledge graph",
        "fidelity": "not implemented: no source. By its abstract it hashes embeddings of walks "
        "into buckets and learns no codes of users and items",
    },
}
"""Facts by name, as in ``describe``."""
