// SPDX-License-Identifier: Apache-2.0
// Exact selection of the k smallest (rank, row) pairs of one query among rows offered in rising
// order: an append buffer that is cut to k when full.
//
// Why it is exact. After a cut the limit is the k-th smallest rank held. A later row of that rank
// has a larger row number than the k rows held, so only strictly smaller ranks can enter. A limit
// given at the start can be too small; then fewer than k rows are held and the caller scans again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/score_order.hpp"

namespace hashrec {

// Which rows of the database a query may return.
struct RowFilter {
    const std::uint64_t* allow = nullptr;    // bitmap over all rows, or null
    std::span<const std::int32_t> excluded;  // rising row numbers
};

class RankedSelection {
  public:
    // Rows are counted from `begin` of the database. Only ranks below `limit` are taken.
    void start(std::size_t k, std::uint32_t limit, std::size_t begin, const RowFilter& filter);

    void offer(std::uint32_t rank, std::uint32_t row) {
        if (rank >= limit_ || !may_return(begin_ + row)) return;
        keys_.push_back(static_cast<std::uint64_t>(rank) << 32 | row);
        if (keys_.size() >= capacity_) cut();
    }

    std::uint32_t limit() const { return limit_; }
    // The k smallest keys (rank << 32 | row), fewer if there are fewer, in rising order.
    const std::vector<std::uint64_t>& finish();

    static std::size_t bytes(std::size_t k);

  private:
    bool may_return(std::size_t row);
    void cut();

    std::vector<std::uint64_t> keys_;  // rows rise
    std::size_t k_ = 0;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::uint32_t limit_ = kNoLimit;
    RowFilter filter_;
};

}  // namespace hashrec
