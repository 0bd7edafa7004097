// SPDX-License-Identifier: Apache-2.0
// How the scans divide their work.
#pragma once

#include <algorithm>
#include <cstddef>

namespace hashrec {

inline std::size_t ratio_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

inline std::size_t round_up(std::size_t value, std::size_t unit) {
    return ratio_up(value, unit) * unit;
}

// Parts of the database: one while the queries keep all threads busy, else one per thread.
inline std::size_t count_parts(std::size_t n_queries, std::size_t n_rows, std::size_t threads) {
    constexpr std::size_t kQueriesPerThread = 64;
    constexpr std::size_t kMinPartRows = std::size_t{1} << 15;
    if (threads <= 1 || n_queries >= kQueriesPerThread * threads) return 1;
    return std::clamp<std::size_t>(n_rows / kMinPartRows, 1, threads);
}

}  // namespace hashrec
