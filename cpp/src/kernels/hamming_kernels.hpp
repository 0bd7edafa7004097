// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// One query's running selection. Plain data, so that a kernel can add its hits on the spot.
//
// Held candidates lie in `kept`, then `buffer`, in rising row order as keys
// (distance << kRowBits | row).
// Invariant: `held` of them have distance <= threshold, fewer than k; once the threshold has
// fallen, at least k have distance <= threshold + 1, so a later row must be strictly nearer.
struct ScanQuery {
    const std::uint64_t* words = nullptr;
    std::int32_t threshold = -1;  // accept distance <= threshold; -1: nothing can enter any more
    std::size_t k = 0;
    std::size_t held = 0;
    std::uint32_t* histogram = nullptr;  // of held distances, exact up to `threshold`
    std::uint64_t* kept = nullptr;       // room for as many keys as the result can have
    std::size_t n_kept = 0;
    std::uint64_t* buffer = nullptr;  // small: moved to `kept` by make_room
    std::size_t length = 0;
    std::size_t capacity = 0;                      // >= 64
    const std::uint16_t* pattern = nullptr;        // of the bit-sliced scan
    const std::int32_t* excluded = nullptr;        // cursor into rising row numbers
    const std::int32_t* excluded_end = nullptr;    //
    void (*make_room)(ScanQuery& self) = nullptr;  // called when fewer than 64 places are left
    void* owner = nullptr;                         // for make_room
};

constexpr int kRowBits = 40;  // 2^40 rows; 4096-bit distances need 13 of the other 24 bits
constexpr std::size_t kGroupRows = 64;
constexpr std::size_t kQueryTile = 4;  // queries that one scan call holds in registers

// Rows [first_row, first_row + n_rows) of the database.
struct ScanBlock {
    const std::uint64_t* rows = nullptr;    // row-major words of the first row
    const std::uint64_t* sliced = nullptr;  // the same as [group][word][64 rows], or null
    const std::uint64_t* allow = nullptr;   // bitmap from first_row on, or null for all rows
    std::size_t first_row = 0;
    std::size_t n_rows = 0;
    std::size_t n_words = 0;
    // What the scan may fetch into the second-level cache while it computes: this many bytes
    // from `ahead` on for every group of rows.
    const char* ahead = nullptr;
    std::size_t ahead_bytes = 0;
};

// Kernels on packed codes. All are exact, so every level returns the same numbers.
struct HammingKernels {
    // out[i] = distance of the query to codes[i]; rows of n_words words.
    void (*distances)(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                      std::size_t n_words, std::int32_t* out);
    // out[i] = distance of a[i] to b[i].
    void (*pair_distances)(const std::uint64_t* a, const std::uint64_t* b, std::size_t n_rows,
                           std::size_t n_words, std::int32_t* out);
    // The same in 16 bits, for samples.
    void (*short_distances)(const std::uint64_t* query, const std::uint64_t* codes,
                            std::size_t n_rows, std::size_t n_words, std::uint16_t* out);
    // How many of the n < 2^32 values are <= limit.
    std::size_t (*count_at_most)(const std::uint16_t* values, std::size_t n, std::uint16_t limit);
    // Adds the block's hits to each of 1..kQueryTile queries.
    void (*scan)(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block);
    // Copies whole groups to the sliced layout; null where `scan` does not use it.
    void (*slice)(const std::uint64_t* rows, std::size_t n_groups, std::size_t n_words,
                  std::uint64_t* out);
};

extern const HammingKernels hamming_scalar;
extern const HammingKernels hamming_popcnt;
extern const HammingKernels hamming_avx2;
extern const HammingKernels hamming_avx512;
extern const HammingKernels hamming_neon;

}  // namespace hashrec
