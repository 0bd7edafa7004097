// SPDX-License-Identifier: Apache-2.0
// Sparse times dense, as graph propagation needs it.
#pragma once

#include <cstddef>

#include "hashrec/types.hpp"

namespace hashrec {

// out = matrix @ dense in float32: matrix (n_rows, any) with one value per entry, dense rows `dim`
// apart, out (n_rows, dim). Every element is summed in the order of the row's entries, each product
// rounded before it is added: the same bits at every SIMD level and thread count. `out` must not
// overlap the inputs.
void csr_times_dense(const CsrView& matrix, const float* values, const float* dense,
                     std::size_t dim, int num_threads, float* out);

}  // namespace hashrec
