// SPDX-License-Identifier: Apache-2.0
// Ranks: 32-bit integers that rise as results get worse, so that one selection serves distances,
// scores and real-valued distances. Both zeros are one value.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace hashrec {

inline constexpr std::uint32_t kNoLimit = 0xffffffff;  // above the rank of every finite value

inline std::uint32_t rising_rank(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value == 0.0f ? 0.0f : value);
    return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}

inline float rising_value(std::uint32_t rank) {
    return std::bit_cast<float>((rank >> 31) != 0 ? rank & 0x7fffffffU : ~rank);
}

inline std::uint32_t falling_rank(float value) { return ~rising_rank(value); }
inline float falling_value(std::uint32_t rank) { return rising_value(~rank); }

// The nearest float; what lies beyond the range becomes the largest finite one.
inline float rounded(double value) {
    constexpr auto kLargest = static_cast<double>(std::numeric_limits<float>::max());
    if (value > kLargest) return std::numeric_limits<float>::max();
    if (value < -kLargest) return std::numeric_limits<float>::lowest();
    return static_cast<float>(value);
}

// A value v has a falling rank below `limit` only if v > score_below(limit). The rank after that of
// zero is taken by no value; it reads as minus zero and must admit zero.
inline float score_below(std::uint32_t limit) {
    if (limit == kNoLimit) return -std::numeric_limits<float>::infinity();
    const float value = falling_value(limit);
    const bool minus_zero = std::bit_cast<std::uint32_t>(value) == 0x80000000U;
    return minus_zero ? -std::numeric_limits<float>::denorm_min() : value;
}

}  // namespace hashrec
