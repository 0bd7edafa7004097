// SPDX-License-Identifier: Apache-2.0
// Results as one number, whose order is that of (distance, row).
#pragma once

#include <cstdint>

#include "kernels/hamming_kernels.hpp"

namespace hashrec {

template <class Row>
std::uint64_t make_key(std::int32_t distance, Row row) {
    return static_cast<std::uint64_t>(distance) << kRowBits | static_cast<std::uint64_t>(row);
}

inline std::int32_t distance_of_key(std::uint64_t key) {
    return static_cast<std::int32_t>(key >> kRowBits);
}

inline std::int64_t row_of_key(std::uint64_t key) {
    return static_cast<std::int64_t>(key & ((std::uint64_t{1} << kRowBits) - 1));
}

}  // namespace hashrec
