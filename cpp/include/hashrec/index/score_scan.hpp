// SPDX-License-Identifier: Apache-2.0
// Exhaustive ranking by similarities other than the Hamming distance. Results follow a total order
// (best first, then the row), so neither the SIMD level nor the number of threads nor the batch can
// change them; -1 stands for the row where there are fewer than k.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/index/linear_scan.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

// Real queries against codes. The sum over bits is taken in double: four neighbouring terms as
// (t0 + t1) + (t2 + t3), then these in rising order. It is rounded to float (beyond the range: the
// largest finite float), and rows are ordered by the rounded value.
enum class RealSimilarity {
    kScore,     // sum of p_k where the bit is 1, of -p_k where it is 0; largest first
    kDistance,  // sum of |p_k| where the bit is not (p_k >= 0); smallest first
};

// queries: (n_queries, n_bits) finite. Missing values are -inf for scores, +inf for distances.
void search_real(CodeView codes, std::size_t n_bits, const float* queries, std::size_t n_queries,
                 RealSimilarity similarity, std::size_t k, const ScanFilter& filter,
                 int num_threads, float* values, std::int64_t* rows);

// Number of bits set in the query and not in the code, smallest first; missing: -1.
void search_projected(CodeView codes, std::size_t n_bits, CodeView queries, std::size_t k,
                      const ScanFilter& filter, int num_threads, std::int32_t* distances,
                      std::int64_t* rows);

// float(n_bits - 2 * distance) + bias[row], one float addition, largest first; missing: -inf.
void search_biased(CodeView codes, std::size_t n_bits, CodeView queries, const float* bias,
                   std::size_t k, const ScanFilter& filter, int num_threads, float* scores,
                   std::int64_t* rows);

// Codes of layers that follow each other bit by bit, a scale per layer of every query and row.
struct CodeLayers {
    const std::size_t* n_bits = nullptr;  // of each layer, at least 1
    std::size_t n_layers = 0;
    const float* query_scales = nullptr;  // (n_queries, n_layers), finite
    const float* item_scales = nullptr;   // (n_rows, n_layers), finite
    const float* item_bias = nullptr;     // (n_rows), finite, or null
};

// Sum over layers of u_l * i_l * (n_bits_l - 2 * distance_l), plus the bias; largest first. Each
// term is rounded once to double, the sum taken in double in rising order, the bias added last;
// then rounded to float as above. Missing: -inf.
void search_scaled(CodeView codes, CodeView queries, const CodeLayers& layers, std::size_t k,
                   const ScanFilter& filter, int num_threads, float* scores, std::int64_t* rows);

}  // namespace hashrec
