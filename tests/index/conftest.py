# SPDX-License-Identifier: Apache-2.0
import pytest

from hashrec_fast.retrieval import HashTable, LinearScan, MultiIndex

# With parameters that make the results exact even for few codes.
EXACT = {
    "scan": (LinearScan, {}),
    "hash": (HashTable, {"key_bits": 9, "max_radius": 64, "n_candidates": 10**9}),
    "hash_spread": (
        HashTable,
        {"key_bits": 20, "max_radius": 64, "n_candidates": 10**9, "key": "spread"},
    ),
    "multi": (MultiIndex, {}),
    "multi_tables": (MultiIndex, {"n_tables": 7, "strategy": "tables"}),
}


@pytest.fixture(params=EXACT)
def make(request):
    """Makes an empty index; the test is run once for every kind."""
    kind, parameters = EXACT[request.param]
    return lambda n_bits=33, num_threads=0: kind(
        n_bits=n_bits, num_threads=num_threads, **parameters
    )
