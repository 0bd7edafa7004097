// SPDX-License-Identifier: Apache-2.0
// What the user and the item pass of pairwise least squares do alike with one row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/solvers/pairwise_pass.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {

// Buffers of one row problem; the matrix belongs to the caller.
struct PairwiseRow {
    std::vector<double> linear, x, h, product;

    explicit PairwiseRow(std::size_t width) : linear(width), x(width), h(width), product(width) {}

    void load(const PairwiseRows& pass, std::size_t row) {
        const std::int16_t* state = pass.state + row * pass.width;
        for (std::size_t k = 0; k < pass.width; ++k) {
            x[k] = static_cast<double>(state[k]) * kStateUnit;
        }
    }

    // linear = the pull on the row.
    void start_linear(const PairwiseRows& pass, const SolverKernels& kernels, std::size_t row) {
        const std::size_t width = pass.width;
        for (std::size_t k = 0; k < width; ++k) {
            linear[k] = pass.row_linear != nullptr ? pass.row_linear[row * width + k] : 0.0;
        }
        if (pass.delegate_matrix == nullptr) return;
        for (std::size_t k = 0; k < width; ++k) h[k] = x[k] - pass.delegate_mean[k];
        kernels.matvec(pass.delegate_matrix, h.data(), width, product.data());
        for (std::size_t k = 0; k < width; ++k) linear[k] += product[k];
    }

    // Descends on x'Ax - 2 linear'x and writes the signs back; returns the number of bits changed.
    std::size_t descend(const PairwiseRows& pass, const SolverKernels& kernels, const double* quad,
                        std::size_t row) {
        kernels.matvec(quad, x.data(), pass.width, h.data());
        kernels.sweep_signs(quad, linear.data(), pass.n_bits, pass.width, pass.sweeps, x.data(),
                            h.data());
        std::int16_t* state = pass.state + row * pass.width;
        std::size_t changed = 0;
        for (std::size_t k = 0; k < pass.n_bits; ++k) {
            const auto value = static_cast<std::int16_t>(x[k] * kStateOne);
            changed += value != state[k];
            state[k] = value;
        }
        return changed;
    }
};

}  // namespace hashrec
