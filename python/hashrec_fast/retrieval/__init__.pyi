# SPDX-License-Identifier: Apache-2.0
from hashrec_fast.retrieval.float_scan import FloatScan
from hashrec_fast.retrieval.hash_table import HashTable
from hashrec_fast.retrieval.linear_scan import LinearScan
from hashrec_fast.retrieval.loading import load_index
from hashrec_fast.retrieval.multi_index import MultiIndex
from hashrec_fast.retrieval.registry import create_index
from hashrec_fast.retrieval.reranking import rerank

__all__ = [
    "FloatScan",
    "HashTable",
    "LinearScan",
    "MultiIndex",
    "create_index",
    "load_index",
    "rerank",
]
