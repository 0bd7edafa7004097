// SPDX-License-Identifier: Apache-2.0
// Exhaustive Hamming ranking. Results follow the total order (distance, row), so neither the SIMD
// level nor the number of threads nor the batch can change them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/types.hpp"

namespace hashrec {

// Which rows a search may return. Nothing here costs more than a test per candidate.
struct ScanFilter {
    const CsrView* exclude = nullptr;      // rising row numbers per query, or null
    const std::uint64_t* allow = nullptr;  // bitmap over rows, bit = 1 may be returned; or null
};

struct RangeResult {
    std::vector<std::int64_t> limits;  // n_queries + 1
    std::vector<std::int32_t> distances;
    std::vector<std::int64_t> rows;
};

// A view: the codes stay with the caller and must outlive it.
class LinearScan {
  public:
    LinearScan(CodeView codes, std::size_t n_bits, int num_threads = 0)
        : codes_(codes), n_bits_(n_bits), num_threads_(num_threads) {}

    // The k nearest rows of every query, (n_queries, k) each; -1 in both where there are fewer.
    void search(CodeView queries, std::size_t k, const ScanFilter& filter, std::int32_t* distances,
                std::int64_t* rows) const;

    // All rows at distance <= max_distance, in (distance, row) order.
    RangeResult within(CodeView queries, std::int64_t max_distance) const;

  private:
    CodeView codes_;
    std::size_t n_bits_;
    int num_threads_;
};

}  // namespace hashrec
