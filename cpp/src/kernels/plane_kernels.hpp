// SPDX-License-Identifier: Apache-2.0
// Bit-sliced scan for many queries: no distance is formed and no popcount executed.
//
// A sub-block of V codes (V = bits of a vector) is held as bit planes. Three planes a, b, c and the
// three bits q of a query differ in 0..3 places per code: a two-bit number whose low bit is the
// parity of a^q0, b^q1, c^q2 and whose high bit is their majority. For the 8 values of q these are
// 2 and 8 different planes, so the ten planes of each triple are tabulated once for all queries,
// and a query is a list of places in that table. Counters made of planes add the numbers up; they
// start at 2^L - 1 - threshold, so that a carry out of the last level means "too far".
#pragma once

#include "kernels/hamming_kernels.hpp"

namespace hashrec {

constexpr std::size_t kTriplePlanes = 10;  // parity, not parity, then majority of the 8 patterns

struct PlaneKernels {
    // From this many queries on it is faster than HammingKernels::scan.
    std::size_t (*min_queries)(std::size_t n_words);
    // Rows are scanned in multiples of this.
    std::size_t granularity;
    // Length of a query's pattern, and what it is.
    std::size_t (*pattern_places)(std::size_t n_words);
    void (*pattern)(const std::uint64_t* words, std::size_t n_words, std::uint16_t* out);
    // Words of scratch memory, 64-byte aligned, that a scan needs.
    std::size_t (*scratch_words)(std::size_t n_words);
    // As HammingKernels::scan, for any number of queries with `pattern`; block.n_rows is a
    // multiple of `granularity`.
    void (*scan)(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block,
                 std::uint64_t* scratch);
};

extern const PlaneKernels plane_scalar;
extern const PlaneKernels plane_popcnt;
extern const PlaneKernels plane_avx2;
extern const PlaneKernels plane_avx512;
extern const PlaneKernels plane_neon;

}  // namespace hashrec
