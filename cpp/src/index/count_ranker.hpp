// SPDX-License-Identifier: Apache-2.0
// Ranks rows by an exact bit count, alone (projected Hamming) or with a bias per row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/ranked_scan.hpp"

namespace hashrec {

class CountRanker final : public Ranker {
  public:
    // With a bias, by float(n_bits - 2 * distance) + bias, falling; without, by the number of bits
    // set in the query alone, rising.
    CountRanker(CodeView queries, std::size_t n_bits, const float* bias)
        : queries_(queries), n_bits_(n_bits), bias_(bias) {}

    void load(std::span<const std::size_t> queries) override {
        loaded_.assign(queries.begin(), queries.end());
    }
    void scan(const RowSource& source, std::span<RankedSelection> selections) override;

  private:
    void scan_counts(const RowSource& source, std::size_t row, std::size_t n_rows,
                     const std::uint64_t* query, RankedSelection& selection);
    void scan_biased(const RowSource& source, std::size_t row, std::size_t n_rows,
                     const std::uint64_t* query, RankedSelection& selection);

    CodeView queries_;
    std::size_t n_bits_;
    const float* bias_;
    std::vector<std::size_t> loaded_;
    std::vector<std::int32_t> counts_;
    std::vector<float> block_bias_;
    std::vector<float> scores_;
    std::vector<std::uint32_t> places_;
};

}  // namespace hashrec
