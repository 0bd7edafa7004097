// SPDX-License-Identifier: Apache-2.0
#include "solvers/block_search.hpp"

#include <algorithm>
#include <bit>

namespace hashrec {

unsigned best_flips(BlockProblem& block) {
    const std::size_t m = block.m;
    double value = 0.0, best = 0.0;  // of the objective, the present bits being 0
    unsigned mask = 0, best_mask = 0;
    for (unsigned step = 1; step < 1U << m; ++step) {
        const auto j = static_cast<std::size_t>(std::countr_zero(step));
        value += 4.0 * block.x[j] * block.q[j];
        const double change = -2.0 * block.x[j];
        block.x[j] = -block.x[j];
        const double* line = block.matrix + j * m;
        for (std::size_t l = 0; l < m; ++l) {
            if (l != j) block.q[l] -= change * line[l];
        }
        mask ^= 1U << j;
        if (value < best - block.tolerance) {
            best = value;
            best_mask = mask;
        }
    }
    return best_mask;
}

void fill_block(const SignRow& row, std::size_t start, const double* const* columns,
                BlockProblem& block) {
    double margin = 0.0;
    for (std::size_t i = 0; i < block.m; ++i) {
        const std::size_t k = start + i;
        double rest = row.linear[k];
        if (row.quad != nullptr) {
            rest = rest - row.scale * (row.quad_h[k] - row.quad_diagonal[k] * row.x[k]);
        }
        block.x[i] = row.x[k];
        block.q[i] = row.gain[k] + rest;
        margin = std::max(margin, row.margin[k]);
        for (std::size_t j = 0; j < block.m; ++j) {
            double entry = columns[i][start + j];
            if (row.quad != nullptr) entry += row.scale * row.quad[k * row.width + start + j];
            block.matrix[i * block.m + j] = entry;
        }
    }
    block.tolerance = 4.0 * margin;
}

void flip_with_column(const SignRow& row, std::size_t k, const double* column) {
    const double change = -2.0 * row.x[k], own = row.gain[k];
    row.x[k] = -row.x[k];
    for (std::size_t l = 0; l < row.width; ++l) row.gain[l] -= change * column[l];
    row.gain[k] = own;
    if (row.quad == nullptr) return;
    const double* line = row.quad + k * row.width;
    for (std::size_t l = 0; l < row.width; ++l) row.quad_h[l] += change * line[l];
}

}  // namespace hashrec
