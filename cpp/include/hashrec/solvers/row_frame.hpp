// SPDX-License-Identifier: Apache-2.0
// What every pass over the rows of one side has besides the entries: the rows and their shared
// terms. Row r minimises x'(A_r + scale_r C)x - 2 (g_r + a_r)'x over signs, where the entries give
// A_r and g_r and
//   a_r = scale_r * base_linear + row_linear_r + M (x_r - mean).
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

struct RowFrame {
    std::size_t n_bits = 0;
    std::size_t width = 0;  // n_bits rounded up to 8; columns beyond n_bits are zero

    std::int16_t* state = nullptr;       // n_rows x width, multiples of 1/256, updated in place
    const std::int32_t* rows = nullptr;  // which rows to visit; null: all
    std::size_t n_visits = 0;

    const double* base_quad = nullptr;    // C, width x width, or null
    const double* base_linear = nullptr;  // width or null
    const double* row_scale = nullptr;    // per row or null (= 1)
    const double* row_linear = nullptr;   // n_rows x width or null

    const double* delegate_matrix = nullptr;  // M, width x width, or null
    const double* delegate_mean = nullptr;    // width

    int sweeps = 5;
    int num_threads = 0;

    std::size_t visit(std::size_t i) const {
        return rows != nullptr ? static_cast<std::size_t>(rows[i]) : i;
    }
};

// Whether all visited rows are signs, 256 or -256.
bool holds_signs(const RowFrame& frame);

}  // namespace hashrec
