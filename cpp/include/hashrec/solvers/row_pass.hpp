// SPDX-License-Identifier: Apache-2.0
// One pass of bit-wise coordinate descent over the rows of one side, the other side held fixed.
//
// Row problem: min over x in {-1,+1}^f of x'Ax - 2g'x with
//   A = scale_r * base_quad + sum_e quad_e z_e z_e' + hinge_r * sum_{H_r} class weight * d d'
//   g = scale_r * base_lin + row_linear_r + M (x_r - mean) + sum_e lin_e z_e
//       + hinge_r * bound * sum_{H_r} class weight * d
// where e runs over the entries of the row, z_e is the state of the other side and H_r holds the
// other side's rows within max_distance of the row's signs, entries of the row excepted.
// temperature > 0 takes mean-field steps x_k <- tanh(q_k / (temperature * mean diagonal)) instead
// of sign steps. Rows are independent, so the result does not depend on the number of threads.
// Rows of signs without hinge and temperature take the road of sign_rows.hpp, whose order of
// operations is that of the residual form.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/solvers/row_frame.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

// The other side's codes, reordered so that rows of one weight class are neighbours.
struct HingeSet {
    CodeView codes;                              // reordered
    const std::int32_t* position = nullptr;      // original row -> place in `codes`
    const std::int64_t* class_begin = nullptr;   // n_classes + 1 offsets into `codes`
    const std::int64_t* class_weight = nullptr;  // integers, in units of `unit`
    std::size_t n_classes = 0;
    double unit = 1.0;
    std::uint32_t max_distance = 0;
    double weight = 0.0;
    double bound = 0.0;  // theta', the score of the largest allowed distance
};

struct RowPass : RowFrame {
    const std::int16_t* other_state = nullptr;  // n_other x width
    CodeView other_codes;                       // set only where quad weights are all one
    CsrView entries;
    const double* quad_weights = nullptr;  // per entry; null: one, and other_codes is used
    const double* lin_weights = nullptr;   // per entry

    bool has_hinge = false;
    HingeSet hinge;

    double temperature = 0.0;
    std::size_t block_bits = 1;  // bits that a sign step chooses together
};

// Returns the number of rows' signs (bits) that changed.
std::size_t run_row_pass(const RowPass& pass);

// sum over H_r of (score - bound)^2 per visited row, scores in signs; entries excepted.
void hinge_loss(const CodeView& codes, const CodeView& other, const CsrView& entries,
                std::size_t n_bits, std::uint32_t max_distance, int num_threads,
                std::int64_t* loss);

}  // namespace hashrec
