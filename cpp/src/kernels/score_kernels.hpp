// SPDX-License-Identifier: Apache-2.0
// Filters for real-valued queries against packed codes, and a few exact counts.
//
// A query has a magnitude >= 0 and a preferred sign per bit. The loss of a row is the sum of the
// magnitudes where its sign differs from the preferred one, so the best row has the least loss.
// A filter gives every row a small integer with the proven property
//
//     loss >= base + step * value,
//
// hence a row with value > (bound - base) / step has a loss above `bound` and is dropped. The rows
// that pass are scored exactly elsewhere: filters may differ between levels, answers cannot.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

inline constexpr std::size_t kScoreGroupRows = 64;  // blocks are expanded in groups of this size
inline constexpr std::size_t kHitRoom = 192;        // candidates a query can hold unscored

// A batch of queries. Entries from n_queries up to the next multiple of the kernels' query tile
// exist and have the limit kNothing.
struct ScoreBatch {
    static constexpr std::int32_t kNothing = INT32_MIN;
    static constexpr std::int32_t kEverything = INT32_MAX;

    std::size_t n_queries = 0;
    std::size_t n_words = 0;
    std::uint8_t* tables = nullptr;   // table_bytes per query of every word, 64-byte aligned
    std::int32_t* limits = nullptr;   // a row passes if value <= limit
    std::uint32_t* hits = nullptr;    // kHitRoom per query: places of passed rows, rising
    std::uint32_t* n_hits = nullptr;  // per query, at most kHitRoom - 64 when `scan` starts
    // Takes the hits of a query away and may lower its limit.
    void (*take_hits)(void* owner, std::size_t query) = nullptr;
    void* owner = nullptr;
};

// Rows [place, place + n_rows) of what is scanned.
struct ScoreBlock {
    const std::uint64_t* rows = nullptr;
    std::uint8_t* planes = nullptr;  // the rows as `expand` wrote them; unused without `expand`
    std::uint32_t place = 0;
    std::size_t n_rows = 0;
};

// loss >= base + step * value; step > 0.
struct FilterScale {
    double base = 0.0;
    double step = 1.0;
};

struct ScoreKernels {
    std::size_t query_tile;   // queries whose tables lie interleaved
    std::size_t table_bytes;  // per query and word
    std::size_t plane_bytes;  // per row and word
    std::size_t block_bytes;  // planes of one block that the cache is to hold

    // Writes the tables of one query of the batch. magnitudes: 64 * n_words floats, zero beyond
    // the code; signs: the preferred signs as a code. `bound` is the loss that will be asked for:
    // the filter is sharpest there, and valid everywhere.
    FilterScale (*prepare)(ScoreBatch& batch, std::size_t query, const float* magnitudes,
                           const std::uint64_t* signs, double bound);
    // Lays rows out for `scan`, whole groups, absent rows as zeros; null where rows are read as
    // they are.
    void (*expand)(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                   std::uint8_t* planes);
    // Appends the places of passing rows to the hits of every query.
    void (*scan)(ScoreBatch& batch, const ScoreBlock& block);

    // out[i] = number of bits set in the query and not in codes[i].
    void (*missing_bits)(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                         std::size_t n_words, std::int32_t* out);
    // Places of values[i] <= limit, rising; returns how many. Room for n entries.
    std::size_t (*at_most)(const std::int32_t* values, std::size_t n, std::int32_t limit,
                           std::uint32_t* out);
    // scores[i] = float(n_bits - 2 * distances[i]) + bias[i], then places of scores[i] > limit.
    std::size_t (*biased_above)(const std::int32_t* distances, const float* bias, std::size_t n,
                                std::int32_t n_bits, float limit, float* scores,
                                std::uint32_t* out);

    // Inner products in a fixed order: exact products in double, term i added to sum i % 8, the
    // sums folded as ((0+4)+(2+6)) + ((1+5)+(3+7)).
    double (*dot_float)(const float* a, const float* b, std::size_t n);
    double (*dot_half)(const float* a, const std::uint16_t* b, std::size_t n);
    std::int64_t (*dot_int8)(const std::int8_t* a, const std::int8_t* b, std::size_t n);
};

extern const ScoreKernels score_scalar;
extern const ScoreKernels score_popcnt;
extern const ScoreKernels score_avx2;
extern const ScoreKernels score_avx512;
extern const ScoreKernels score_amx;
extern const ScoreKernels score_neon;

}  // namespace hashrec
