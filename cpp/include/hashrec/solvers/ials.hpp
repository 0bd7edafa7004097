// SPDX-License-Identifier: Apache-2.0
// Implicit-feedback ALS (Hu, Koren, Volinsky, ICDM 2008) by warm-started conjugate gradients:
// min sum_all c (p - x'y)^2 + reg (|x|^2 + |y|^2), p = 1 and c = 1 + alpha on observed pairs,
// p = 0 and c = 1 elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/types.hpp"

namespace hashrec {

// Updates all rows of x (n_rows x width) with y (n_other x width) fixed; width % 16 == 0.
void ials_half_step(float* x, const float* y, std::size_t n_other, std::size_t width,
                    const CsrView& entries, float alpha, float reg, int steps, int num_threads);

// Top k other rows by inner product of quantised factors, entries of `seen` left out, order
// (score descending, id ascending); missing places hold -1. Scores must fit 32 bits:
// width * max|users| * max|items| < 2^31. width is even.
void factor_topk(const std::int16_t* users, std::size_t n_users, const std::int16_t* items,
                 std::size_t n_items, std::size_t width, const CsrView& seen, std::size_t k,
                 int num_threads, std::int32_t* ids);

}  // namespace hashrec
