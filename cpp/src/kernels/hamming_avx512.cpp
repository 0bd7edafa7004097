// SPDX-License-Identifier: Apache-2.0
// Scan with VPOPCNTDQ. Per 8 codes of one 64-bit word and one query:
//
//   vpxorq         2/cycle (ports 0, 5)
//   vpopcntq       1/cycle (port 5)        the limit: hence no compare per vector, which would
//   vpminuw        1/cycle (port 0)        also need port 5, but a running minimum on port 0
//   vpcmpq         1/cycle (port 5)        once per 64 codes
//
// Four queries stay in registers, so one load serves four distances. Distances are at most 4096
// and stand in 64-bit lanes, so the 16-bit minimum is right. Hits are rare: the branch once per
// group and query is cheaper than to defer them.
#include "kernels/avx512_words.inl"
#include "kernels/hamming_avx512_rows.inl"

namespace hashrec {
namespace {

// Out of the hot loop: the exact mask of the group that starts at `row`, then its hits. One word:
// its few hits are counted again; wider distances take longer to form than to keep.
template <std::size_t kWords>
[[gnu::noinline]] void add_group(ScanQuery& query, const ScanBlock& block, std::size_t row) {
    const std::uint64_t* rows = block.rows + row * block.n_words;
    const std::uint64_t allowed =
        block.allow != nullptr ? block.allow[row / kGroupRows] : ~std::uint64_t{0};
    std::uint64_t mask = 0;
    if constexpr (kWords == 1) {
        const __m512i q = broadcast(*query.words);
        const __m512i limit = _mm512_set1_epi64(query.threshold);
        for (std::size_t i = 0; i < kGroupRows; i += kLanes) {
            const __mmask8 bits = _mm512_cmple_epi64_mask(count(load8(rows + i), q), limit);
            mask |= static_cast<std::uint64_t>(bits) << i;
        }
        add_hits(query, mask & allowed, block.first_row + row,
                 [&](std::size_t i) { return popcount64(*query.words ^ rows[i]); });
    } else {
        std::int32_t distance[kGroupRows];
        distances_avx512(query.words, rows, kGroupRows, block.n_words, distance);
        const __m512i limit = _mm512_set1_epi32(query.threshold);
        for (std::size_t i = 0; i < kGroupRows; i += 16) {
            const __mmask16 bits = _mm512_cmple_epi32_mask(_mm512_loadu_si512(distance + i), limit);
            mask |= static_cast<std::uint64_t>(bits) << i;
        }
        add_hits(query, mask & allowed, block.first_row + row,
                 [&](std::size_t i) { return distance[i]; });
    }
}

// kQueries queries against groups in the sliced layout (the plain one when there is one word).
template <std::size_t kQueries, std::size_t kWords>
void scan_sliced(ScanQuery* const* queries, const ScanBlock& block, const std::uint64_t* sliced) {
    __m512i words[kQueries][kWords];
    __m512i limit[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) {
        for (std::size_t w = 0; w < kWords; ++w) words[q][w] = broadcast(queries[q]->words[w]);
        limit[q] = _mm512_set1_epi64(queries[q]->threshold);
    }
    for (std::size_t row = 0; row + kGroupRows <= block.n_rows; row += kGroupRows) {
        const std::uint64_t* group = sliced + row * kWords;
        for (std::size_t b = 0; b < block.ahead_bytes; b += 64) {
            _mm_prefetch(block.ahead + row / kGroupRows * block.ahead_bytes + b, _MM_HINT_T1);
        }
        __m512i nearest[kQueries];
#pragma GCC unroll 8
        for (std::size_t j = 0; j < kVectors; ++j) {
            __m512i distance[kQueries];
#pragma GCC unroll 4
            for (std::size_t w = 0; w < kWords; ++w) {
                const __m512i codes = load8(group + w * kGroupRows + j * kLanes);
#pragma GCC unroll 4
                for (std::size_t q = 0; q < kQueries; ++q) {
                    const __m512i part = count(codes, words[q][w]);
                    distance[q] = w == 0 ? part : _mm512_add_epi64(distance[q], part);
                }
            }
#pragma GCC unroll 4
            for (std::size_t q = 0; q < kQueries; ++q) {
                nearest[q] = j == 0 ? distance[q] : _mm512_min_epu16(nearest[q], distance[q]);
            }
        }
#pragma GCC unroll 4
        for (std::size_t q = 0; q < kQueries; ++q) {
            if (_mm512_cmple_epi64_mask(nearest[q], limit[q]) != 0) [[unlikely]] {
                add_group<kWords>(*queries[q], block, row);
                limit[q] = _mm512_set1_epi64(queries[q]->threshold);
            }
        }
    }
}

// Any number of words: the sums of 64 codes and two queries stay in registers, word by word.
template <std::size_t kQueries>
void scan_sliced_any(ScanQuery* const* queries, const ScanBlock& block) {
    const std::size_t n_words = block.n_words;
    for (std::size_t row = 0; row + kGroupRows <= block.n_rows; row += kGroupRows) {
        __m512i sum[kQueries][kVectors];
#pragma GCC unroll 2
        for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 8
            for (std::size_t j = 0; j < kVectors; ++j) sum[q][j] = _mm512_setzero_si512();
        }
        for (std::size_t w = 0; w < n_words; ++w) {
            const std::uint64_t* group = block.sliced + (row / kGroupRows * n_words + w) * 64;
#pragma GCC unroll 8
            for (std::size_t j = 0; j < kVectors; ++j) {
                const __m512i codes = load8(group + j * kLanes);
#pragma GCC unroll 2
                for (std::size_t q = 0; q < kQueries; ++q) {
                    sum[q][j] =
                        _mm512_add_epi64(sum[q][j], count(codes, broadcast(queries[q]->words[w])));
                }
            }
        }
#pragma GCC unroll 2
        for (std::size_t q = 0; q < kQueries; ++q) {
            __m512i nearest = sum[q][0];
#pragma GCC unroll 8
            for (std::size_t j = 1; j < kVectors; ++j) {
                nearest = _mm512_min_epu16(nearest, sum[q][j]);
            }
            const __m512i limit = _mm512_set1_epi64(queries[q]->threshold);
            if (_mm512_cmple_epi64_mask(nearest, limit) != 0) add_group<0>(*queries[q], block, row);
        }
    }
}

// Few queries: rows where they lie, bound by memory.
template <std::size_t kWords>
void scan_row_major(ScanQuery& query, const ScanBlock& block) {
    const __m512i q = repeated<kWords>(query.words);
    __m512i limit = _mm512_set1_epi64(query.threshold);
    for (std::size_t row = 0; row + kGroupRows <= block.n_rows; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row * kWords;
        __m512i nearest = distances8<kWords>(rows, q);
#pragma GCC unroll 8
        for (std::size_t j = 1; j < kVectors; ++j) {
            const std::uint64_t* next = rows + j * kLanes * kWords;
            nearest = _mm512_min_epu16(nearest, distances8<kWords>(next, q));
        }
        if (_mm512_cmple_epi64_mask(nearest, limit) != 0) {
            add_group<kWords>(query, block, row);
            limit = _mm512_set1_epi64(query.threshold);
        }
    }
}

void scan_row_major_any(ScanQuery& query, const ScanBlock& block) {
    const std::size_t n_words = block.n_words;
    for (std::size_t row = 0; row + kGroupRows <= block.n_rows; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row * n_words;
        __m512i nearest = distances8_any(query.words, rows, n_words);
        for (std::size_t j = 1; j < kVectors; ++j) {
            nearest = _mm512_min_epu16(
                nearest, distances8_any(query.words, rows + j * kLanes * n_words, n_words));
        }
        const __m512i limit = _mm512_set1_epi64(query.threshold);
        if (_mm512_cmple_epi64_mask(nearest, limit) != 0) add_group<0>(query, block, row);
    }
}

template <std::size_t kWords>
void scan_words(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block) {
    const std::uint64_t* sliced = kWords == 1 ? block.rows : block.sliced;
    if (sliced == nullptr || (kWords == 1 && n_queries == 1)) {
        for (std::size_t q = 0; q < n_queries; ++q) scan_row_major<kWords>(*queries[q], block);
    } else if (n_queries == 4) {
        scan_sliced<4, kWords>(queries, block, sliced);
    } else if (n_queries == 3) {
        scan_sliced<3, kWords>(queries, block, sliced);
    } else if (n_queries == 2) {
        scan_sliced<2, kWords>(queries, block, sliced);
    } else {
        scan_sliced<1, kWords>(queries, block, sliced);
    }
}

void scan_avx512(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block) {
    if (block.n_words == 1) {
        scan_words<1>(queries, n_queries, block);
    } else if (block.n_words == 2) {
        scan_words<2>(queries, n_queries, block);
    } else if (block.n_words == 4) {
        scan_words<4>(queries, n_queries, block);
    } else if (block.sliced == nullptr) {
        for (std::size_t q = 0; q < n_queries; ++q) scan_row_major_any(*queries[q], block);
    } else {
        std::size_t q = 0;
        for (; q + 2 <= n_queries; q += 2) {
            scan_sliced_any<2>(queries + q, block);
        }
        if (q < n_queries) scan_sliced_any<1>(queries + q, block);
    }
    const std::size_t tail = block.n_rows / kGroupRows * kGroupRows;
    for (std::size_t q = 0; q < n_queries; ++q) scan_rows<0>(*queries[q], block, tail);
}

template <std::size_t kWords>
void slice_words(const std::uint64_t* rows, std::size_t n_groups, std::size_t n_words,
                 std::uint64_t* out) {
    for (std::size_t g = 0; g < n_groups; ++g, out += n_words * kGroupRows) {
        for (std::size_t i = 0; i < kGroupRows; i += kLanes, rows += kLanes * n_words) {
            store_columns<kWords>(rows, n_words, out + i, kGroupRows);
        }
    }
}

void slice_avx512(const std::uint64_t* rows, std::size_t n_groups, std::size_t n_words,
                  std::uint64_t* out) {
    if (n_words == 2) return slice_words<2>(rows, n_groups, n_words, out);
    if (n_words == 4) return slice_words<4>(rows, n_groups, n_words, out);
    if (n_words == 8) return slice_words<8>(rows, n_groups, n_words, out);
    slice_words<0>(rows, n_groups, n_words, out);
}

}  // namespace

const HammingKernels hamming_avx512 = {
    distances_avx512<std::int32_t>, pair_distances_avx512, distances_avx512<std::uint16_t>,
    count_at_most_generic,          scan_avx512,           slice_avx512,
};

}  // namespace hashrec
