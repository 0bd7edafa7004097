// SPDX-License-Identifier: Apache-2.0
#include "index/start_threshold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hashrec {
namespace {

constexpr std::size_t kMinSample = 4096;
constexpr std::size_t kMaxSample = 32768;
constexpr std::size_t kMinStride = 32;  // a larger share of the rows would cost too much

// Enough sample rows within the threshold to expect k rows in the whole, by four standard
// deviations and a bit.
std::size_t needed(double expected, std::size_t k) {
    const double wanted = std::ceil(expected + 4.0 * std::sqrt(expected) + 4.0);
    return std::min(k, static_cast<std::size_t>(wanted));
}

}  // namespace

StartThreshold::StartThreshold(CodeView codes, std::size_t begin, std::size_t end,
                               const std::uint64_t* allow, std::size_t k)
    : begin_(begin), k_(k), n_words_(codes.n_words), has_allow_(allow != nullptr) {
    const std::size_t n_rows = end - begin;
    // Checked first: k may be so large that 16 k overflows.
    if (k >= kMaxSample || 2 * k > n_rows / kMinStride) return;
    const std::size_t wanted = std::clamp(16 * k, kMinSample, kMaxSample);
    stride_ = std::max(kMinStride, n_rows / wanted);
    for (std::size_t row = begin; row < end; row += stride_) {
        if (has_allow_ && !(allow[row / 64] >> (row % 64) & 1)) continue;
        sampled_.push_back(static_cast<std::int64_t>(row));
    }
    if (sampled_.size() < 2 * k) sampled_.clear();
    words_.reserve(sampled_.size() * n_words_);
    for (const std::int64_t row : sampled_) {
        const std::uint64_t* words = codes.row(static_cast<std::size_t>(row));
        words_.insert(words_.end(), words, words + n_words_);
    }
    distances_.resize(sampled_.size());
}

std::int32_t StartThreshold::operator()(const HammingKernels& kernels, const std::uint64_t* query,
                                        std::span<const std::int32_t> excluded,
                                        std::int32_t limit) {
    if (sampled_.empty()) return limit;
    const std::size_t n_sample = sampled_.size();
    kernels.distances(query, words_.data(), n_sample, n_words_, distances_.data());
    for (const std::int32_t row : excluded) {
        const std::size_t offset = static_cast<std::size_t>(row) - begin_;
        if (offset % stride_ != 0) continue;
        std::size_t place = offset / stride_;
        if (has_allow_) {
            const auto found = std::lower_bound(sampled_.begin(), sampled_.end(), row);
            if (found == sampled_.end() || *found != row) continue;
            place = static_cast<std::size_t>(found - sampled_.begin());
        }
        distances_[place] = std::numeric_limits<std::int32_t>::max();
    }
    // Rows left out do not count, so the share of the sample is one in stride_ either way.
    const std::size_t need = needed(static_cast<double>(k_) / static_cast<double>(stride_), k_);
    std::int32_t low = 0;
    std::int32_t high = limit;  // bisection: the smallest threshold with `need` rows
    while (low < high) {
        const std::int32_t middle = low + (high - low) / 2;
        if (kernels.count_at_most(distances_.data(), n_sample, middle) >= need) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace hashrec
