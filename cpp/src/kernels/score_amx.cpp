// SPDX-License-Identifier: Apache-2.0
// Filter by AMX: 16 rows x 16 queries per tile product, 64 bits deep.
//
//   tdpbssd     16 x 16 x 64 products of bytes, sums in 32 bits   1 per 16 cycles
//   tileload    1 KB                                              1 per 8 cycles from L1
//   tilestore   1 KB                                              1 per 16 cycles
//   vpminsd     16 rows of a result, then one compare             1/cycle (port 0)
//   vpmovm2b    64 bits of a row to bytes 0 / -1                  only to expand
//
// A query is m_k = min(127, floor(|p_k| / step)) with the preferred sign, so a row that differs in
// a set of bits loses at least step * (sum of m over it) = step * (M + value), with M = sum of m
// over bits where a one is preferred and value = -(sum of signed m over the row's ones). Sums are
// at most 4096 * 127. Two tiles of rows meet two tiles of queries, so each load serves twice.
#include "kernels/score_avx512.inl"

namespace hashrec {
namespace {

constexpr std::size_t kTile = 16;
constexpr std::size_t kTileBytes = 1024;
constexpr std::size_t kQueryPair = 2 * kTile;
constexpr std::size_t kRowPair = 2 * kTile;

struct alignas(64) TileConfig {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t n_rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Tile load intrinsics do not tell the compiler that they read memory.
inline void finish_stores() { __asm__ volatile("" ::: "memory"); }

// tables: [16 queries][word][4 bits][query][bit]
FilterScale prepare_amx(ScoreBatch& batch, std::size_t query, const float* magnitudes,
                        const std::uint64_t* signs, double bound) {
    const std::size_t n_bits = 64 * batch.n_words;
    double largest = 0.0;
    for (std::size_t i = 0; i < n_bits; ++i) {
        const auto value = static_cast<double>(magnitudes[i]);
        largest = value > largest ? value : largest;
    }
    const double wanted = resolved(bound, total_magnitude(magnitudes, n_bits));
    const double step = (largest > 0.0 && largest < wanted ? largest : wanted) / 127.0;
    auto* tables = reinterpret_cast<std::int8_t*>(
        batch.tables + query / kTile * batch.n_words * kTileBytes + query % kTile * 4);
    std::int32_t ones = 0;
    for (std::size_t i = 0; i < n_bits; ++i) {
        const double ratio = static_cast<double>(magnitudes[i]) / step * kBelow;
        const auto m = static_cast<std::int32_t>(ratio < 127.0 ? ratio : 127.0);
        const bool one = (signs[i / 64] >> (i % 64) & 1) != 0;
        if (one) ones += m;
        tables[i / 64 * kTileBytes + i % 64 / 4 * 64 + i % 4] =
            static_cast<std::int8_t>(one ? m : -m);
    }
    return {step * static_cast<double>(ones), step};
}

// planes: [16 rows][word][row][64 bytes]
void expand_amx(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                std::uint8_t* planes) {
    std::size_t row = 0;
    for (; row + kTile <= n_rows; row += kTile) {
        for (std::size_t w = 0; w < n_words; ++w, planes += kTileBytes) {
            const std::uint64_t* source = rows + row * n_words + w;
#pragma GCC unroll 16
            for (std::size_t i = 0; i < kTile; ++i) {
                store(planes + 64 * i, _mm512_movm_epi8(source[i * n_words]));
            }
        }
    }
    for (; row < (n_rows + 63) / 64 * 64; row += kTile) {
        for (std::size_t w = 0; w < n_words; ++w, planes += kTileBytes) {
            for (std::size_t i = 0; i < kTile; ++i) {
                const std::uint64_t word = row + i < n_rows ? rows[(row + i) * n_words + w] : 0;
                store(planes + 64 * i, _mm512_movm_epi8(word));
            }
        }
    }
    finish_stores();
}

// Values of 16 rows x 16 queries, row after row.
using Values = std::int32_t[kTile * kTile];

inline __mmask16 passing_queries(const Values& values, const std::int32_t* limits) {
    __m512i least = load(values);
    __m512i other = load(values + kTile);
#pragma GCC unroll 14
    for (std::size_t row = 2; row < kTile; row += 2) {
        least = _mm512_min_epi32(least, load(values + row * kTile));
        other = _mm512_min_epi32(other, load(values + (row + 1) * kTile));
    }
    return _mm512_cmple_epi32_mask(_mm512_min_epi32(least, other), load(limits));
}

[[gnu::noinline]] void take_columns(ScoreBatch& batch, std::size_t first_query, __mmask16 queries,
                                    const Values& values, const ScoreBlock& block,
                                    std::size_t first) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i index = _mm512_slli_epi32(lanes, 4);
    if (first >= block.n_rows) return;
    const std::uint64_t present = existing(first, block.n_rows);
    for (std::uint32_t left = queries; left != 0; left &= left - 1) {
        const auto column = static_cast<std::size_t>(__builtin_ctz(left));
        const std::size_t query = first_query + column;
        const __m512i value = _mm512_i32gather_epi32(index, values + column, 4);
        const __m512i limit = _mm512_set1_epi32(batch.limits[query]);
        const std::uint64_t mask = _mm512_cmple_epi32_mask(value, limit) & present;
        push_hits(batch, query, mask, block.place + static_cast<std::uint32_t>(first));
    }
}

inline void take(ScoreBatch& batch, std::size_t first_query, const Values& values,
                 const ScoreBlock& block, std::size_t first) {
    const __mmask16 queries = passing_queries(values, batch.limits + first_query);
    if (queries != 0) take_columns(batch, first_query, queries, values, block, first);
}

// The four products of two tiles of rows with two tiles of queries. Tiles 6 and 7 hold the queries
// already when there is one word.
template <bool kOneWord>
inline void multiply(const std::uint8_t* rows, const std::uint8_t* queries, std::size_t n_words,
                     Values (&values)[4]) {
    const std::size_t next_tile = n_words * kTileBytes;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (std::size_t w = 0; w < n_words; ++w) {
        if (!kOneWord) {
            _tile_loadd(6, queries + w * kTileBytes, 64);
            _tile_loadd(7, queries + next_tile + w * kTileBytes, 64);
        }
        _tile_loadd(4, rows + w * kTileBytes, 64);
        _tile_loadd(5, rows + next_tile + w * kTileBytes, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_stored(0, values[0], 64);
    _tile_stored(1, values[1], 64);
    _tile_stored(2, values[2], 64);
    _tile_stored(3, values[3], 64);
}

// Two tiles of queries from `query` on against the whole block.
template <bool kOneWord>
void scan_pair(ScoreBatch& batch, const ScoreBlock& block, std::size_t query) {
    const std::size_t n_words = kOneWord ? 1 : batch.n_words;
    const std::size_t next_tile = n_words * kTileBytes;
    const std::uint8_t* queries = batch.tables + query / kTile * next_tile;
    // Values are looked at one step late, while the next products are under way.
    alignas(64) Values values[2][4];
    const auto take_all = [&](std::size_t row) {
        const Values(&made)[4] = values[row / kRowPair % 2];
        take(batch, query, made[0], block, row);
        take(batch, query + kTile, made[1], block, row);
        take(batch, query, made[2], block, row + kTile);
        take(batch, query + kTile, made[3], block, row + kTile);
    };
    if (kOneWord) {
        _tile_loadd(6, queries, 64);
        _tile_loadd(7, queries + next_tile, 64);
    }
    for (std::size_t row = 0; row < block.n_rows; row += kRowPair) {
        const std::uint8_t* rows = block.planes + row / kTile * next_tile;
        multiply<kOneWord>(rows, queries, n_words, values[row / kRowPair % 2]);
        if (row != 0) take_all(row - kRowPair);
    }
    take_all((block.n_rows - 1) / kRowPair * kRowPair);
}

bool any_active(const ScoreBatch& batch, std::size_t query) {
    const __m512i nothing = _mm512_set1_epi32(ScoreBatch::kNothing);
    return (_mm512_cmpneq_epi32_mask(load(batch.limits + query), nothing) |
            _mm512_cmpneq_epi32_mask(load(batch.limits + query + kTile), nothing)) != 0;
}

void scan_amx(ScoreBatch& batch, const ScoreBlock& block) {
    const TileConfig config;
    finish_stores();
    _tile_loadconfig(&config);
    for (std::size_t query = 0; query < batch.n_queries; query += kQueryPair) {
        if (!any_active(batch, query)) continue;
        if (batch.n_words == 1) {
            scan_pair<true>(batch, block, query);
        } else {
            scan_pair<false>(batch, block, query);
        }
    }
    _tile_release();
}

}  // namespace

const ScoreKernels score_amx = {
    .query_tile = kQueryPair,
    .table_bytes = 64,
    .plane_bytes = 64,
    .block_bytes = 192 << 10,
    .prepare = prepare_amx,
    .expand = expand_amx,
    .scan = scan_amx,
    .missing_bits = missing_bits_avx512,
    .at_most = at_most_generic,
    .biased_above = biased_above_generic,
    .dot_float = dot_float_vectors,
    .dot_half = dot_half_vectors,
    .dot_int8 = dot_int8_generic,
};

}  // namespace hashrec
