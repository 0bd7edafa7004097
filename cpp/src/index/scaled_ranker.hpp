// SPDX-License-Identifier: Apache-2.0
// Ranks rows of codes in layers by sums of scaled inner products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hashrec/index/score_scan.hpp"
#include "index/ranked_scan.hpp"
#include "kernels/scaled_kernels.hpp"

namespace hashrec {

// A block of rows is laid out once for all queries loaded: each layer's bits as words of their own,
// word by word, with the scales as doubles. So layers of any width cost no masks in the scan.
class ScaledRanker final : public Ranker {
  public:
    ScaledRanker(CodeView queries, const CodeLayers& layers);

    void load(std::span<const std::size_t> queries) override;
    void scan(const RowSource& source, std::span<RankedSelection> selections) override;

    static std::size_t bytes_per_query(const CodeLayers& layers);

  private:
    void lay_out(const RowSource& source, std::size_t row, std::size_t n_rows);

    CodeView queries_;
    CodeLayers layers_;
    std::vector<LayerWord> words_;
    std::vector<std::uint32_t> layer_words_;
    std::size_t stride_;  // rows of a block
    std::size_t n_loaded_ = 0;
    std::vector<std::uint64_t> query_words_;  // words_.size() per query
    std::vector<double> all_;                 // n_layers per query
    std::vector<double> twice_;
    std::vector<std::uint64_t> columns_;
    std::vector<double> scales_;
    std::vector<double> bias_;
    std::vector<double> scores_;
    std::vector<std::uint32_t> places_;
};

}  // namespace hashrec
