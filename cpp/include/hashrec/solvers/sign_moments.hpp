// SPDX-License-Identifier: Apache-2.0
// First and second moments of a side's codes, by counting bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// gram = sum of z z' (n_bits x n_bits) and total = sum of z over the rows of a state (multiples of
// 1/256, rows n_bits rounded up to 8 apart). False, with nothing of use written, unless all values
// are signs.
bool sign_moments(const std::int16_t* state, std::size_t n_rows, std::size_t n_bits,
                  std::int64_t* gram, std::int64_t* total);

}  // namespace hashrec
