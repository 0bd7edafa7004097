// SPDX-License-Identifier: Apache-2.0
// Sorted keys of queries turned into the arrays of a result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "index/scan_keys.hpp"

namespace hashrec {

// One row of a k-nearest result, padded with -1.
inline void write_nearest(const std::vector<std::uint64_t>& keys, std::size_t k,
                          std::int32_t* distances, std::int64_t* rows) {
    const std::size_t n = std::min(keys.size(), k);
    for (std::size_t i = 0; i < n; ++i) {
        distances[i] = distance_of_key(keys[i]);
        rows[i] = row_of_key(keys[i]);
    }
    std::fill(distances + n, distances + k, -1);
    std::fill(rows + n, rows + k, std::int64_t{-1});
}

inline RangeResult joined(const std::vector<std::vector<std::uint64_t>>& found) {
    RangeResult result;
    result.limits.push_back(0);
    for (const std::vector<std::uint64_t>& keys : found) {
        result.limits.push_back(result.limits.back() + static_cast<std::int64_t>(keys.size()));
    }
    result.distances.reserve(static_cast<std::size_t>(result.limits.back()));
    result.rows.reserve(static_cast<std::size_t>(result.limits.back()));
    for (const std::vector<std::uint64_t>& keys : found) {
        for (const std::uint64_t key : keys) {
            result.distances.push_back(distance_of_key(key));
            result.rows.push_back(row_of_key(key));
        }
    }
    return result;
}

}  // namespace hashrec
