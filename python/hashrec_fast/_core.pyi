# SPDX-License-Identifier: Apache-2.0
# Arrays are checked at run time: exact dtype, shape and C order, nothing is converted.
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

__version__: str

Codes = NDArray[np.uint64]
Ids = NDArray[np.int32]
Offsets = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# --- levels and threads
def simd_level() -> str: ...
def available_simd_levels() -> list[str]: ...
def set_simd_level(level: str) -> None: ...
def max_threads() -> int: ...

# --- codes
def pack_bool(signs: NDArray[np.uint8], bitorder: str) -> Codes: ...
def pack_int8(signs: NDArray[np.int8], bitorder: str) -> Codes: ...
def pack_float32(signs: Floats, bitorder: str) -> Codes: ...
def pack_float64(signs: Doubles, bitorder: str) -> Codes: ...
def unpack(codes: Codes, n_bits: int, bitorder: str) -> NDArray[np.int8]: ...
def hamming(a: Codes, b: Codes, num_threads: int = 0) -> NDArray[np.int32]: ...
def hamming_matrix(a: Codes, b: Codes, num_threads: int = 0) -> NDArray[np.int32]: ...
def row_with_padding(codes: Codes, n_bits: int) -> int: ...

# --- search
def lists_rise(indptr: Offsets, indices: Ids, n_rows: int) -> bool: ...
def scan_search(
    codes: Codes,
    n_bits: int,
    queries: Codes,
    k: int,
    exclude_indptr: Offsets | None = None,
    exclude_rows: Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
def scan_within(
    codes: Codes, n_bits: int, queries: Codes, max_distance: int, num_threads: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
def scan_real(
    codes: Codes,
    n_bits: int,
    queries: Floats,
    as_distance: bool,
    k: int,
    exclude_indptr: Offsets | None = None,
    exclude_rows: Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...
def scan_projected(
    codes: Codes,
    n_bits: int,
    queries: Codes,
    k: int,
    exclude_indptr: Offsets | None = None,
    exclude_rows: Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
def scan_biased(
    codes: Codes,
    n_bits: int,
    queries: Codes,
    item_bias: Floats,
    k: int,
    exclude_indptr: Offsets | None = None,
    exclude_rows: Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...
def scan_scaled(
    codes: Codes,
    n_bits: int,
    queries: Codes,
    query_scales: Floats,
    item_scales: Floats,
    blocks: NDArray[np.int64],
    k: int,
    item_bias: Floats | None = None,
    exclude_indptr: Offsets | None = None,
    exclude_rows: Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...
def rerank_float32(
    user_vectors: Floats,
    item_vectors: Floats,
    ids: NDArray[np.int64],
    k: int,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...
def rerank_float16(
    user_vectors: Floats,
    item_vectors: NDArray[np.uint16],
    ids: NDArray[np.int64],
    k: int,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...
def rerank_int8(
    user_vectors: NDArray[np.int8],
    item_vectors: NDArray[np.int8],
    ids: NDArray[np.int64],
    k: int,
    user_scales: Floats | None = None,
    item_scales: Floats | None = None,
    num_threads: int = 0,
) -> tuple[Floats, NDArray[np.int64]]: ...

# --- tables; counts are int64 (n_queries, 4): look-ups, candidates, radius, whether scanned
class _Occupancy(TypedDict):
    key_bits: int
    n_buckets: int
    largest_bucket: int
    n_bytes: int

class HashTable:
    def __init__(
        self, codes: Codes, n_bits: int, key_bits: int, is_spread: bool, num_threads: int = 0
    ) -> None: ...
    def search(
        self,
        queries: Codes,
        k: int,
        max_radius: int,
        n_candidates: int,
        exclude_indptr: Offsets | None = None,
        exclude_rows: Ids | None = None,
        allow: NDArray[np.uint64] | None = None,
        num_threads: int = 0,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]: ...
    def within(
        self, queries: Codes, max_distance: int, max_radius: int, num_threads: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
    def occupancy(self) -> _Occupancy: ...

class MultiIndex:
    def __init__(
        self, codes: Codes, n_bits: int, n_tables: int = 0, num_threads: int = 0
    ) -> None: ...
    def search(
        self,
        queries: Codes,
        k: int,
        strategy: str,
        exclude_indptr: Offsets | None = None,
        exclude_rows: Ids | None = None,
        allow: NDArray[np.uint64] | None = None,
        num_threads: int = 0,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]: ...
    def within(
        self, queries: Codes, max_distance: int, strategy: str, num_threads: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
    def build(self) -> None: ...
    def occupancy(self) -> list[_Occupancy]: ...

# --- evaluation
def rank_counts_codes(
    user_codes: Codes,
    item_codes: Codes,
    seen_indptr: Offsets,
    seen_indices: Ids,
    target_indptr: Offsets,
    target_indices: Ids,
    item_priority: Ids | None = None,
    num_threads: int = 0,
) -> tuple[Ids, Ids]: ...
def rank_counts_scores(
    scores: Floats,
    seen_indptr: Offsets,
    seen_indices: Ids,
    target_indptr: Offsets,
    target_indices: Ids,
    item_priority: Ids | None = None,
    num_threads: int = 0,
) -> tuple[Ids, Ids]: ...

# --- solvers
def row_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other_state: NDArray[np.int16],
    indptr: Offsets,
    indices: Ids,
    quad_weights: Doubles | None,
    lin_weights: Doubles,
    *,
    other_codes: Codes | None = None,
    rows: Ids | None = None,
    base_quad: Doubles | None = None,
    base_linear: Doubles | None = None,
    row_scale: Doubles | None = None,
    row_linear: Doubles | None = None,
    delegate_matrix: Doubles | None = None,
    delegate_mean: Doubles | None = None,
    hinge: tuple[Any, ...] | None = None,
    temperature: float = 0.0,
    sweeps: int = 5,
    block_bits: int = 1,
    num_threads: int = 0,
) -> int: ...
def pairwise_user_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other_state: NDArray[np.int16],
    indptr: Offsets,
    indices: Ids,
    pair_weight: Doubles,
    margin: float,
    *,
    other_codes: Codes,
    item_gram: Doubles,
    item_total: Doubles,
    row_linear: Doubles | None = None,
    delegate_matrix: Doubles | None = None,
    delegate_mean: Doubles | None = None,
    sweeps: int = 100,
    num_threads: int = 0,
) -> int: ...
def pairwise_item_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other_state: NDArray[np.int16],
    indptr: Offsets,
    indices: Ids,
    pair_weight: Doubles,
    margin: float,
    *,
    positives: Doubles,
    own_score: Doubles,
    item_total: Doubles,
    n_items: int,
    sequential: bool = True,
    row_linear: Doubles | None = None,
    delegate_matrix: Doubles | None = None,
    delegate_mean: Doubles | None = None,
    sweeps: int = 100,
    num_threads: int = 0,
) -> int: ...
def residual_pass(
    state: NDArray[np.int16],
    n_bits: int,
    design: Codes | Floats,
    indptr: Offsets,
    indices: Ids,
    quad_weights: Doubles | None,
    lin_weights: Doubles,
    *,
    rows: Ids | None = None,
    base_quad: Doubles | None = None,
    base_linear: Doubles | None = None,
    row_scale: Doubles | None = None,
    row_linear: Doubles | None = None,
    delegate_matrix: Doubles | None = None,
    delegate_mean: Doubles | None = None,
    sweeps: int = 5,
    num_threads: int = 0,
) -> int: ...
def sign_moments(
    state: NDArray[np.int16], n_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None: ...
def hinge_loss(
    codes: Codes,
    other: Codes,
    indptr: Offsets,
    indices: Ids,
    n_bits: int,
    max_distance: int,
    num_threads: int = 0,
) -> NDArray[np.int64]: ...
def ridge_pass(
    x: Floats,
    y: Floats,
    indptr: Offsets,
    indices: Ids,
    *,
    use_gram: bool,
    quad: float | Floats,
    lin: float | Floats,
    reg: float,
    row_reg: Floats | None = None,
    row_linear: Floats | None = None,
    steps: int = 3,
    num_threads: int = 0,
) -> None: ...
def factor_topk(
    users: NDArray[np.int16],
    items: NDArray[np.int16],
    indptr: Offsets,
    indices: Ids,
    k: int,
    num_threads: int = 0,
) -> Ids: ...

# --- propagation
def csr_times_dense(
    indptr: Offsets,
    indices: Ids,
    values: Floats,
    dense: Floats,
    num_threads: int = 0,
    out: Floats | None = None,
) -> Floats: ...
