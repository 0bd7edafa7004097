// SPDX-License-Identifier: Apache-2.0
#include "index/count_ranker.hpp"

#include <algorithm>
#include <limits>

#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kBlockRows = 2048;  // counts, biases and places stay in the first cache

}  // namespace

void CountRanker::scan(const RowSource& source, std::span<RankedSelection> selections) {
    counts_.resize(kBlockRows);
    places_.resize(kBlockRows);
    scores_.resize(bias_ == nullptr ? 0 : kBlockRows);
    block_bias_.resize(bias_ == nullptr ? 0 : kBlockRows);
    for (std::size_t row = 0; row < source.n_rows; row += kBlockRows) {
        const std::size_t n = std::min(kBlockRows, source.n_rows - row);
        for (std::size_t i = 0; bias_ != nullptr && i < n; ++i) {
            block_bias_[i] = bias_[source.begin + (row + i) * source.stride];
        }
        for (std::size_t q = 0; q < loaded_.size(); ++q) {
            const std::uint64_t* query = queries_.row(loaded_[q]);
            if (bias_ == nullptr) {
                scan_counts(source, row, n, query, selections[q]);
            } else {
                scan_biased(source, row, n, query, selections[q]);
            }
        }
    }
}

void CountRanker::scan_counts(const RowSource& source, std::size_t row, std::size_t n_rows,
                              const std::uint64_t* query, RankedSelection& selection) {
    const ScoreKernels& kernels = score_kernels(1, queries_.n_words);
    if (selection.limit() == 0) return;
    const std::uint64_t* rows = source.rows + row * queries_.n_words;
    kernels.missing_bits(query, rows, n_rows, queries_.n_words, counts_.data());
    const auto limit = static_cast<std::int32_t>(
        std::min<std::uint32_t>(selection.limit() - 1, std::numeric_limits<std::int32_t>::max()));
    const std::size_t found = kernels.at_most(counts_.data(), n_rows, limit, places_.data());
    for (std::size_t i = 0; i < found; ++i) {
        selection.offer(static_cast<std::uint32_t>(counts_[places_[i]]),
                        static_cast<std::uint32_t>((row + places_[i]) * source.stride));
    }
}

void CountRanker::scan_biased(const RowSource& source, std::size_t row, std::size_t n_rows,
                              const std::uint64_t* query, RankedSelection& selection) {
    const std::uint64_t* rows = source.rows + row * queries_.n_words;
    hamming_kernels().distances(query, rows, n_rows, queries_.n_words, counts_.data());
    const std::size_t found =
        score_kernels(1, queries_.n_words)
            .biased_above(counts_.data(), block_bias_.data(), n_rows,
                          static_cast<std::int32_t>(n_bits_), score_below(selection.limit()),
                          scores_.data(), places_.data());
    for (std::size_t i = 0; i < found; ++i) {
        selection.offer(falling_rank(scores_[places_[i]]),
                        static_cast<std::uint32_t>((row + places_[i]) * source.stride));
    }
}

}  // namespace hashrec
