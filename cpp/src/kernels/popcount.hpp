// SPDX-License-Identifier: Apache-2.0
// Population count that inlines at every level. Without the POPCNT instruction the compiler's
// builtin is a call into a table; the arithmetic form below is about twice as fast.
#pragma once

#include <cstdint>

namespace hashrec {
namespace {

inline std::uint32_t popcount64(std::uint64_t x) {
#if defined(__POPCNT__) || defined(__aarch64__)
    return static_cast<std::uint32_t>(__builtin_popcountll(x));
#else
    x -= (x >> 1) & 0x5555555555555555ULL;
    x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    return static_cast<std::uint32_t>((x * 0x0101010101010101ULL) >> 56);
#endif
}

}  // namespace
}  // namespace hashrec
