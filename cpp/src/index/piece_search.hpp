// SPDX-License-Identifier: Apache-2.0
// One thread's search through the piece tables of a MultiIndex, one query at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/index/multi_index.hpp"
#include "index/best_keys.hpp"
#include "index/candidates.hpp"

namespace hashrec {

// Nanoseconds that one query may spend in the tables.
struct Allowance {
    double spend = 0.0;     // always
    double extended = 0.0;  // if by then the rest is known to fit in
};

// Rough costs for predictions only; what was really spent is read from the clock.
constexpr double kLookupNs = 24.0;
constexpr double kCandidateNs = 8.0;

class PieceSearch {
  public:
    PieceSearch(CodeView codes, std::size_t n_bits, const std::vector<BucketTable>& tables);

    // Whether keys() is now the k smallest keys at distance <= max_distance; false: given up.
    bool run(const std::uint64_t* query, const RowFilter& filter, std::size_t k,
             std::int64_t max_distance, const Allowance& allowance);

    const std::vector<std::uint64_t>& keys() { return best_.sorted(); }
    const PieceCounts& counts() const { return counts_; }
    double nanoseconds() const;  // since the start of run()

  private:
    bool probe_ring();
    bool take(Bucket bucket);
    void offer(std::uint32_t row, std::int32_t distance);
    bool was_seen(std::uint32_t row) const;
    std::int64_t proven() const;
    double mean_fill(std::size_t table) const;
    bool may_spend(double more);
    double rest_of_search(std::int64_t distance) const;

    CodeView codes_;
    std::size_t n_bits_;
    const std::vector<BucketTable>& tables_;
    CandidateBlock block_;
    BestKeys best_;
    PieceCounts counts_;
    std::vector<std::uint64_t> piece_keys_;  // of the query

    const RowFilter* filter_ = nullptr;
    std::int64_t max_distance_ = 0;
    Allowance allowance_;
    std::chrono::steady_clock::time_point start_;
    std::size_t table_ = 0;   // the step under way: this table
    std::size_t radius_ = 0;  // at this radius
};

}  // namespace hashrec
