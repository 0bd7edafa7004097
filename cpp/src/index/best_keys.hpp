// SPDX-License-Identifier: Apache-2.0
// The k smallest keys (distance << kRowBits | row) of a stream that comes in any order. Keys are
// distinct, so the result does not depend on that order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/scan_keys.hpp"

namespace hashrec {

class BestKeys {
  public:
    // Only keys at distance <= max_distance count.
    void start(std::size_t k, std::int64_t max_distance) {
        k_ = k;
        limit_ = static_cast<std::uint64_t>(max_distance + 1) << kRowBits;
        keys_.clear();
    }

    // A key at or above it cannot be among the k smallest.
    std::uint64_t limit() const { return limit_; }

    // `key` must be below limit().
    void add(std::uint64_t key) {
        keys_.push_back(key);
        if (keys_.size() >= kSlack && keys_.size() / 2 >= k_) keep_best();
    }

    // How many are held at distance <= `distance`, or some number >= k.
    std::size_t n_within(std::int64_t distance) const {
        const std::uint64_t bound = static_cast<std::uint64_t>(distance + 1) << kRowBits;
        return static_cast<std::size_t>(std::count_if(
            keys_.begin(), keys_.end(), [bound](std::uint64_t key) { return key < bound; }));
    }

    // Drops all but the k smallest; afterwards limit() is the largest of them if k are held.
    void keep_best() {
        if (keys_.size() < k_) return;
        const auto kth = keys_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
        std::nth_element(keys_.begin(), kth, keys_.end());
        limit_ = *kth;
        keys_.resize(k_);
    }

    // The result, in order.
    const std::vector<std::uint64_t>& sorted() {
        keep_best();
        std::sort(keys_.begin(), keys_.end());
        return keys_;
    }

    bool is_full() const { return keys_.size() >= k_; }

  private:
    static constexpr std::size_t kSlack = 128;

    std::size_t k_ = 0;
    std::uint64_t limit_ = 0;
    std::vector<std::uint64_t> keys_;
};

}  // namespace hashrec
