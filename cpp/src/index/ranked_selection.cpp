// SPDX-License-Identifier: Apache-2.0
#include "index/ranked_selection.hpp"

#include <algorithm>
#include <array>

namespace hashrec {
namespace {

constexpr std::size_t kSpare = 128;

std::uint32_t rank_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32); }

std::size_t room_for(std::size_t k) { return k > (std::size_t{1} << 40) ? k : 2 * k + kSpare; }

// Stable sort by 11 bits of the rank; rows, which rise already, need no pass.
void radix_pass(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to, int shift) {
    std::array<std::uint32_t, 2048> places{};
    for (const std::uint64_t key : from) ++places[key >> shift & 2047];
    std::uint32_t sum = 0;
    for (std::uint32_t& place : places) {
        const std::uint32_t count = place;
        place = sum;
        sum += count;
    }
    for (const std::uint64_t key : from) to[places[key >> shift & 2047]++] = key;
}

void sort_keys(std::vector<std::uint64_t>& keys) {
    constexpr std::size_t kFewKeys = 512;
    if (keys.size() < kFewKeys || keys.size() >= kNoLimit) {
        std::sort(keys.begin(), keys.end());
        return;
    }
    std::vector<std::uint64_t> other(keys.size());
    for (const int shift : {32, 43, 54}) {
        radix_pass(keys, other, shift);
        keys.swap(other);
    }
}

}  // namespace

std::size_t RankedSelection::bytes(std::size_t k) {
    return std::min<std::size_t>(room_for(k), std::size_t{1} << 40) * sizeof(std::uint64_t);
}

void RankedSelection::start(std::size_t k, std::uint32_t limit, std::size_t begin,
                            const RowFilter& filter) {
    keys_.clear();
    k_ = k;
    capacity_ = room_for(k);
    begin_ = begin;
    limit_ = limit;
    filter_ = filter;
}

bool RankedSelection::may_return(std::size_t row) {
    if (filter_.allow != nullptr && !(filter_.allow[row / 64] >> (row % 64) & 1)) return false;
    auto& excluded = filter_.excluded;  // shrinks from the front as rows rise
    if (excluded.empty()) return true;
    std::size_t n = 0;
    while (n < excluded.size() && static_cast<std::size_t>(excluded[n]) < row) ++n;
    excluded = excluded.subspan(n);
    return excluded.empty() || static_cast<std::size_t>(excluded.front()) != row;
}

// Keeps the k smallest keys in their order.
void RankedSelection::cut() {
    if (keys_.size() <= k_) return;
    thread_local std::vector<std::uint32_t> ranks;
    ranks.resize(keys_.size());
    std::transform(keys_.begin(), keys_.end(), ranks.begin(), rank_of);
    const auto last = ranks.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
    std::nth_element(ranks.begin(), last, ranks.end());
    limit_ = *last;
    const auto nearer =
        std::count_if(ranks.begin(), last, [this](std::uint32_t rank) { return rank < limit_; });
    std::size_t spare = k_ - static_cast<std::size_t>(nearer);
    std::size_t kept = 0;
    for (const std::uint64_t key : keys_) {
        const std::uint32_t rank = rank_of(key);
        if (rank > limit_ || (rank == limit_ && spare == 0)) continue;
        if (rank == limit_) --spare;
        keys_[kept++] = key;
    }
    keys_.resize(kept);
}

const std::vector<std::uint64_t>& RankedSelection::finish() {
    sort_keys(keys_);
    if (keys_.size() > k_) keys_.resize(k_);
    return keys_;
}

}  // namespace hashrec
