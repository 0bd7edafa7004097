# SPDX-License-Identifier: Apache-2.0
# Arrays are checked at run time: exact dtype, shape and C order, nothing is converted.
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

__version__: str

_Codes = NDArray[np.uint64]
_Ids = NDArray[np.int32]
_Offsets = NDArray[np.int64]
_Floats = NDArray[np.float32]
_Doubles = NDArray[np.float64]

# --- levels and threads
def simd_level() -> str: ...
def available_simd_levels() -> list[str]: ...
def set_simd_level(level: str) -> None: ...
def max_threads() -> int: ...

# --- codes
def pack_bool(signs: NDArray[np.uint8], bitorder: str) -> _Codes: ...
def pack_int8(signs: NDArray[np.int8], bitorder: str) -> _Codes: ...
def pack_float32(signs: _Floats, bitorder: str) -> _Codes: ...
def pack_float64(signs: _Doubles, bitorder: str) -> _Codes: ...
def unpack(codes: _Codes, n_bits: int, bitorder: str) -> NDArray[np.int8]: ...
def hamming(a: _Codes, b: _Codes, num_threads: int = 0) -> NDArray[np.int32]: ...
def hamming_matrix(a: _Codes, b: _Codes, num_threads: int = 0) -> NDArray[np.int32]: ...
def row_with_padding(codes: _Codes, n_bits: int) -> int: ...

# --- search
def lists_rise(indptr: _Offsets, indices: _Ids, n_rows: int) -> bool: ...
def scan_search(
    codes: _Codes,
    n_bits: int,
    queries: _Codes,
    k: int,
    exclude_indptr: _Offsets | None = None,
    exclude_rows: _Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
def scan_within(
    codes: _Codes, n_bits: int, queries: _Codes, max_distance: int, num_threads: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
def scan_real(
    codes: _Codes,
    n_bits: int,
    queries: _Floats,
    as_distance: bool,
    k: int,
    exclude_indptr: _Offsets | None = None,
    exclude_rows: _Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...
def scan_projected(
    codes: _Codes,
    n_bits: int,
    queries: _Codes,
    k: int,
    exclude_indptr: _Offsets | None = None,
    exclude_rows: _Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
def scan_biased(
    codes: _Codes,
    n_bits: int,
    queries: _Codes,
    item_bias: _Floats,
    k: int,
    exclude_indptr: _Offsets | None = None,
    exclude_rows: _Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...
def scan_scaled(
    codes: _Codes,
    n_bits: int,
    queries: _Codes,
    query_scales: _Floats,
    item_scales: _Floats,
    blocks: NDArray[np.int64],
    k: int,
    item_bias: _Floats | None = None,
    exclude_indptr: _Offsets | None = None,
    exclude_rows: _Ids | None = None,
    allow: NDArray[np.uint64] | None = None,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...
def rerank_float32(
    user_vectors: _Floats,
    item_vectors: _Floats,
    ids: NDArray[np.int64],
    k: int,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...
def rerank_float16(
    user_vectors: _Floats,
    item_vectors: NDArray[np.uint16],
    ids: NDArray[np.int64],
    k: int,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...
def rerank_int8(
    user_vectors: NDArray[np.int8],
    item_vectors: NDArray[np.int8],
    ids: NDArray[np.int64],
    k: int,
    user_scales: _Floats | None = None,
    item_scales: _Floats | None = None,
    num_threads: int = 0,
) -> tuple[_Floats, NDArray[np.int64]]: ...

# --- tables; counts are int64 (n_queries, 4): look-ups, candidates, radius, whether scanned
class _Occupancy(TypedDict):
    key_bits: int
    n_buckets: int
    largest_bucket: int
    n_bytes: int

class HashTable:
    def __init__(
        self, codes: _Codes, n_bits: int, key_bits: int, is_spread: bool, num_threads: int = 0
    ) -> None: ...
    def search(
        self,
        queries: _Codes,
        k: int,
        max_radius: int,
        n_candidates: int,
        exclude_indptr: _Offsets | None = None,
        exclude_rows: _Ids | None = None,
        allow: NDArray[np.uint64] | None = None,
        num_threads: int = 0,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]: ...
    def within(
        self, queries: _Codes, max_distance: int, max_radius: int, num_threads: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
    def occupancy(self) -> _Occupancy: ...

class MultiIndex:
    def __init__(
        self, codes: _Codes, n_bits: int, n_tables: int = 0, num_threads: int = 0
    ) -> None: ...
    def search(
        self,
        queries: _Codes,
        k: int,
        strategy: str,
        exclude_indptr: _Offsets | None = None,
        exclude_rows: _Ids | None = None,
        allow: NDArray[np.uint64] | None = None,
        num_threads: int = 0,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]: ...
    def within(
        self, queries: _Codes, max_distance: int, strategy: str, num_threads: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]: ...
    def build(self) -> None: ...
    def occupancy(self) -> list[_Occupancy]: ...

# --- evaluation
def rank_counts_codes(
    user_codes: _Codes,
    item_codes: _Codes,
    seen_indptr: _Offsets,
    seen_indices: _Ids,
    target_indptr: _Offsets,
    target_indices: _Ids,
    item_priority: _Ids | None = None,
    num_threads: int = 0,
) -> tuple[_Ids, _Ids]: ...
def rank_counts_scores(
    scores: _Floats,
    seen_indptr: _Offsets,
    seen_indices: _Ids,
    target_indptr: _Offsets,
    target_indices: _Ids,
    item_priority: _Ids | None = None,
    num_threads: int = 0,
) -> tuple[_Ids, _Ids]: ...

# --- solvers
def row_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other_state: NDArray[np.int16],
    indptr: _Offsets,
    indices: _Ids,
    quad_weights: _Doubles | None,
    lin_weights: _Doubles,
    *,
    other_codes: _Codes | None = None,
    rows: _Ids | None = None,
    base_quad: _Doubles | None = None,
    base_linear: _Doubles | None = None,
    row_scale: _Doubles | None = None,
    row_linear: _Doubles | None = None,
    delegate_matrix: _Doubles | None = None,
    delegate_mean: _Doubles | None = None,
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
    indptr: _Offsets,
    indices: _Ids,
    pair_weight: _Doubles,
    margin: float,
    *,
    other_codes: _Codes,
    item_gram: _Doubles,
    item_total: _Doubles,
    row_linear: _Doubles | None = None,
    delegate_matrix: _Doubles | None = None,
    delegate_mean: _Doubles | None = None,
    sweeps: int = 100,
    num_threads: int = 0,
) -> int: ...
def pairwise_item_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other_state: NDArray[np.int16],
    indptr: _Offsets,
    indices: _Ids,
    pair_weight: _Doubles,
    margin: float,
    *,
    positives: _Doubles,
    own_score: _Doubles,
    item_total: _Doubles,
    n_items: int,
    sequential: bool = True,
    row_linear: _Doubles | None = None,
    delegate_matrix: _Doubles | None = None,
    delegate_mean: _Doubles | None = None,
    sweeps: int = 100,
    num_threads: int = 0,
) -> int: ...
def residual_pass(
    state: NDArray[np.int16],
    n_bits: int,
    design: _Codes | _Floats,
    indptr: _Offsets,
    indices: _Ids,
    quad_weights: _Doubles | None,
    lin_weights: _Doubles,
    *,
    rows: _Ids | None = None,
    base_quad: _Doubles | None = None,
    base_linear: _Doubles | None = None,
    row_scale: _Doubles | None = None,
    row_linear: _Doubles | None = None,
    delegate_matrix: _Doubles | None = None,
    delegate_mean: _Doubles | None = None,
    sweeps: int = 5,
    num_threads: int = 0,
) -> int: ...
def sign_moments(
    state: NDArray[np.int16], n_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None: ...
def hinge_loss(
    codes: _Codes,
    other: _Codes,
    indptr: _Offsets,
    indices: _Ids,
    n_bits: int,
    max_distance: int,
    num_threads: int = 0,
) -> NDArray[np.int64]: ...
def ridge_pass(
    x: _Floats,
    y: _Floats,
    indptr: _Offsets,
    indices: _Ids,
    *,
    use_gram: bool,
    quad: float | _Floats,
    lin: float | _Floats,
    reg: float,
    row_reg: _Floats | None = None,
    row_linear: _Floats | None = None,
    steps: int = 3,
    num_threads: int = 0,
) -> None: ...
def factor_topk(
    users: NDArray[np.int16],
    items: NDArray[np.int16],
    indptr: _Offsets,
    indices: _Ids,
    k: int,
    num_threads: int = 0,
) -> _Ids: ...

# --- propagation
def csr_times_dense(
    indptr: _Offsets,
    indices: _Ids,
    values: _Floats,
    dense: _Floats,
    num_threads: int = 0,
    out: _Floats | None = None,
) -> _Floats: ...
