// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "hashrec/parallel.hpp"
#include "hashrec/solvers/factors.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {

namespace {

// Y'Y in float. Chunks are fixed by the data, not by the threads: the rounding is always the same.
std::vector<float> gram_matrix(const float* y, std::size_t n_rows, std::size_t width, int threads) {
    const SolverKernels& kernels = solver_kernels();
    constexpr std::size_t kChunks = 16;
    const std::size_t per_chunk = (n_rows + kChunks - 1) / kChunks;
    const std::size_t size = width * width;
    std::vector<float> parts(kChunks * size, 0.0f);
    parallel_for(kChunks, threads, 1, [&](std::size_t c, int) {
        const std::size_t begin = std::min(n_rows, c * per_chunk);
        const std::size_t end = std::min(n_rows, begin + per_chunk);
        // Rows in L1-sized runs, so that every tile of the matrix finds them there.
        for (std::size_t r = begin; r < end; r += 32) {
            kernels.float_gram(y + r * width, std::min<std::size_t>(32, end - r), width,
                               parts.data() + c * size);
        }
    });
    for (std::size_t c = 1; c < kChunks; ++c) {
        for (std::size_t i = 0; i < size; ++i) parts[i] += parts[c * size + i];
    }
    parts.resize(size);
    return parts;
}

}  // namespace

void run_ridge_pass(const RidgePass& pass) {
    const SolverKernels& kernels = solver_kernels();
    const int threads = resolve_threads(pass.num_threads);
    const std::size_t width = pass.width;
    std::vector<float> gram;
    if (pass.use_gram) gram = gram_matrix(pass.y, pass.n_other, width, threads);
    std::vector<std::vector<float>> scratch(static_cast<std::size_t>(threads));
    for (auto& buffer : scratch) buffer.resize(3 * width);
    parallel_for(pass.entries.n_rows, threads, 16, [&](std::size_t r, int thread) {
        float* x = pass.x + r * width;
        const std::size_t begin = pass.entries.begin(r);
        RidgeRow row;
        row.gram = pass.use_gram ? gram.data() : nullptr;
        row.linear = pass.row_linear != nullptr ? pass.row_linear + r * width : nullptr;
        row.factors = pass.y;
        row.ids = pass.entries.indices + begin;
        row.n_ids = pass.entries.size(r);
        row.quad = pass.quad_weights != nullptr ? pass.quad_weights + begin : nullptr;
        row.lin = pass.lin_weights != nullptr ? pass.lin_weights + begin : nullptr;
        row.quad_constant = pass.quad;
        row.lin_constant = pass.lin;
        row.reg = pass.reg + (pass.row_reg != nullptr ? pass.row_reg[r] : 0.0f);
        if (row.n_ids == 0 && row.linear == nullptr) {
            std::fill(x, x + width, 0.0f);
            return;
        }
        kernels.ridge_row(row, width, pass.steps, x,
                          scratch[static_cast<std::size_t>(thread)].data());
    });
}

}  // namespace hashrec
