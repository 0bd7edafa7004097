// SPDX-License-Identifier: Apache-2.0
// Products of sparse rows with a dense matrix. Every element is summed over the entries of its row
// in their order, each product rounded before it is added (no fused operations), so all levels
// return the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// Rows in CSR form and the dense rows that their entries pick.
struct SparseProduct {
    const std::int64_t* indptr = nullptr;
    const std::int32_t* indices = nullptr;
    const float* values = nullptr;
    const float* dense = nullptr;  // rows `dim` apart
    std::size_t dim = 0;
    float* out = nullptr;  // rows `dim` apart
};

struct PropagationKernels {
    // out[row] = sum_e values[e] * dense[indices[e]] for rows [begin, end).
    void (*times_dense)(const SparseProduct& product, std::size_t begin, std::size_t end);
};

extern const PropagationKernels propagation_scalar;
extern const PropagationKernels propagation_popcnt;
extern const PropagationKernels propagation_avx2;
extern const PropagationKernels propagation_avx512;
extern const PropagationKernels propagation_neon;

}  // namespace hashrec
