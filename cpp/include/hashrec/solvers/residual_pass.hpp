// SPDX-License-Identifier: Apache-2.0
// One pass of bit-wise descent in residual form: instead of a row's f x f matrix it keeps what each
// entry still lacks, v_e = lin_e - quad_e z_e'x, and sums it per bit. O(entries x f) a sweep.
//
// The design z_e is the code of the other side, or any real vector: row `indices[e]` of a table.
// Codes: sums are exact where weights are dyadic, and the result is that of the Gram form
// (row_pass.hpp). Real vectors: sums round in one order, the same at every SIMD level.
#pragma once

#include "hashrec/solvers/row_frame.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

struct ResidualPass : RowFrame {
    CodeView codes;                 // design of signs, or
    const float* design = nullptr;  // real design, n_design x width; columns beyond n_bits are zero
    CsrView entries;
    const double* quad_weights = nullptr;  // per entry; null: one
    const double* lin_weights = nullptr;   // per entry: weight x target
};

// Rows must be signs. Returns the number of bits that changed.
std::size_t run_residual_pass(const ResidualPass& pass);

}  // namespace hashrec
