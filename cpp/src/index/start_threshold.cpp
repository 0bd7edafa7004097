// SPDX-License-Identifier: Apache-2.0
#include "index/start_threshold.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hashrec {
namespace {

constexpr std::size_t kMinSample = 4096;
constexpr std::size_t kMaxSample = 32768;
constexpr std::size_t kMaxSampleBytes = std::size_t{1} << 19;
// To fetch rows from all over the memory takes as long as some queries: few of them are content
// with whole cache lines, whose rows may be alike.
constexpr std::size_t kFewQueries = 32;
constexpr std::size_t kMinStride = 32;  // a larger share of the rows would cost too much

// Enough sample rows within the threshold to expect k rows in the whole, by four standard
// deviations and a bit.
std::size_t needed(double expected, std::size_t k) {
    const double wanted = std::ceil(expected + 4.0 * std::sqrt(expected) + 4.0);
    return std::min(k, static_cast<std::size_t>(wanted));
}

}  // namespace

StartThreshold::StartThreshold(CodeView codes, std::size_t begin, std::size_t end,
                               const std::uint64_t* allow, std::size_t k, std::size_t n_queries)
    : begin_(begin), n_words_(codes.n_words) {
    const std::size_t n_rows = end - begin;
    // Checked first: k may be so large that 16 k overflows.
    if (k >= kMaxSample || 2 * k > n_rows / kMinStride) return;
    const std::size_t most =
        std::min(kMaxSample, kMaxSampleBytes / (n_words_ * sizeof(std::uint64_t)));
    const std::size_t wanted = std::min(std::max(16 * k, kMinSample), most);
    // Powers of two: excluded rows are tested for being in the sample without a division.
    const std::size_t stride = std::bit_ceil(std::max(kMinStride, n_rows / wanted));
    if (n_queries < kFewQueries && n_words_ < 8) run_ = std::bit_floor(8 / n_words_);
    period_ = stride * run_;
    words_.reserve((n_rows / stride + run_) * n_words_);
    for (std::size_t first = begin; first < end; first += period_) {
        const std::size_t last = std::min(first + run_, end);
        for (std::size_t row = first; row < last; ++row) {
            if (allow != nullptr) {
                if (!(allow[row / 64] >> (row % 64) & 1)) continue;
                allowed_.push_back(static_cast<std::int64_t>(row));
            }
            const std::uint64_t* words = codes.row(row);
            words_.insert(words_.end(), words, words + n_words_);
        }
    }
    const std::size_t n_sample = words_.size() / n_words_;
    // Rows left out do not count, so the share of the sample is one in `stride` either way.
    need_ = needed(static_cast<double>(k) / static_cast<double>(stride), k);
    if (n_sample < 2 * need_) words_.clear();
    distances_.resize(words_.size() / n_words_);
}

void StartThreshold::leave_out(std::span<const std::int32_t> excluded) {
    for (const std::int32_t row : excluded) {
        const std::size_t offset = static_cast<std::size_t>(row) - begin_;
        const std::size_t in_period = offset & (period_ - 1);
        if (in_period >= run_) continue;
        std::size_t place = offset / period_ * run_ + in_period;
        if (!allowed_.empty()) {
            const auto found = std::lower_bound(allowed_.begin(), allowed_.end(), row);
            if (found == allowed_.end() || *found != row) continue;
            place = static_cast<std::size_t>(found - allowed_.begin());
        }
        distances_[place] = std::numeric_limits<std::uint16_t>::max();
    }
}

std::int32_t StartThreshold::operator()(const HammingKernels& kernels, const std::uint64_t* query,
                                        std::span<const std::int32_t> excluded,
                                        std::int32_t limit) {
    if (words_.empty()) return limit;
    const std::size_t n_sample = distances_.size();
    kernels.short_distances(query, words_.data(), n_sample, n_words_, distances_.data());
    leave_out(excluded);
    const auto enough = [&](std::int32_t threshold) {
        return threshold >= limit ||
               kernels.count_at_most(distances_.data(), n_sample,
                                     static_cast<std::uint16_t>(threshold)) >= need_;
    };
    // The smallest threshold that is enough lies in (low, high]: steps that double, from the last
    // guess on, then halving.
    std::int32_t low = -1, high = limit;
    if (last_ >= 0 && last_ < limit) {
        const bool down = enough(last_);
        (down ? high : low) = last_;
        for (std::int32_t step = 1; high - low > 1; step *= 2) {
            const std::int32_t next = down ? high - step : low + step;
            if (next <= low || next >= high) break;
            const bool is_enough = enough(next);
            (is_enough ? high : low) = next;
            if (is_enough != down) break;
        }
    }
    while (high - low > 1) {
        const std::int32_t middle = low + (high - low) / 2;
        (enough(middle) ? high : low) = middle;
    }
    last_ = high;
    return high;
}

}  // namespace hashrec
