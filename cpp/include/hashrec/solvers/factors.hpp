// SPDX-License-Identifier: Apache-2.0
// Alternating ridge regressions by warm-started conjugate gradients, and top-k of float factors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/types.hpp"

namespace hashrec {

// Row r of x solves (weight_gram * Y'Y + reg_r I + sum_e quad_e y y') x = linear_r + sum_e lin_e y.
// Implicit ALS (Hu, Koren, Volinsky, ICDM 2008): full Gram matrix, quad = alpha, lin = 1 + alpha.
struct RidgePass {
    float* x = nullptr;  // n_rows x width, start values in, solutions out
    const float* y = nullptr;
    std::size_t n_other = 0;
    std::size_t width = 0;  // a multiple of 16
    CsrView entries;
    bool use_gram = true;
    const float* quad_weights = nullptr;  // per entry; null: quad
    const float* lin_weights = nullptr;   // per entry; null: lin
    float quad = 0.0f;
    float lin = 0.0f;
    float reg = 0.0f;
    const float* row_reg = nullptr;     // added to reg per row, or null
    const float* row_linear = nullptr;  // n_rows x width or null
    int steps = 3;
    int num_threads = 0;
};

// Rows without entries become zero unless they have a linear term of their own.
void run_ridge_pass(const RidgePass& pass);

// Top k other rows by inner product of quantised factors, entries of `seen` left out, order
// (score descending, id ascending); missing places hold -1. Scores must fit 32 bits:
// width * max|users| * max|items| < 2^31. width is even.
void factor_topk(const std::int16_t* users, std::size_t n_users, const std::int16_t* items,
                 std::size_t n_items, std::size_t width, const CsrView& seen, std::size_t k,
                 int num_threads, std::int32_t* ids);

}  // namespace hashrec
