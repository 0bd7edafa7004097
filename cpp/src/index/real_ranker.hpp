// SPDX-License-Identifier: Apache-2.0
// Ranks rows for real-valued queries: a SIMD filter proposes rows, which are scored exactly here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hashrec/index/score_scan.hpp"
#include "index/ranked_scan.hpp"
#include "kernels/score_kernels.hpp"

namespace hashrec {

// 64-byte aligned memory.
class AlignedBytes {
  public:
    void resize(std::size_t n_bytes) { memory_.assign(n_bytes / sizeof(Line) + 1, Line{}); }
    std::uint8_t* data() { return memory_.data()->bytes; }

  private:
    struct alignas(64) Line {
        std::uint8_t bytes[64];
    };
    std::vector<Line> memory_;
};

class RealRanker final : public Ranker {
  public:
    RealRanker(const float* queries, std::size_t n_bits, std::size_t n_words,
               RealSimilarity similarity)
        : queries_(queries), n_bits_(n_bits), n_words_(n_words), similarity_(similarity) {}

    void load(std::span<const std::size_t> queries) override;
    void scan(const RowSource& source, std::span<RankedSelection> selections) override;

    static std::size_t bytes_per_query(const ScoreKernels& kernels, std::size_t n_words);

  private:
    struct Query {
        double total = 0.0;           // sum of magnitudes, an upper bound
        std::uint32_t best_rank = 0;  // no row can do better
        FilterScale scale;
        std::uint32_t seen_limit = 0;  // of the selection, when the filter's limit was set
    };

    void load_query(std::size_t place, const float* query);
    double loss_bound(const Query& query, std::uint32_t limit) const;
    std::int32_t filter_limit(const Query& query, std::uint32_t limit) const;
    std::uint32_t rank_of(double value) const;
    void make_sums(std::size_t query);
    double exact(const std::uint64_t* row) const;
    void take_hits(std::size_t query);

    const float* queries_;
    std::size_t n_bits_;
    std::size_t n_words_;
    RealSimilarity similarity_;

    const ScoreKernels* kernels_ = nullptr;
    std::vector<Query> loaded_;
    std::vector<float> magnitudes_;     // 64 * n_words per query
    std::vector<std::uint64_t> signs_;  // preferred signs, n_words per query
    std::vector<double> sums_;          // of every nibble of one query: 16 x 16 per word
    AlignedBytes tables_;
    AlignedBytes planes_;
    std::vector<std::int32_t> limits_;
    std::vector<std::uint32_t> hits_;
    std::vector<std::uint32_t> n_hits_;
    RowSource source_;
    std::span<RankedSelection> selections_;
    ScoreBatch batch_;
};

}  // namespace hashrec
