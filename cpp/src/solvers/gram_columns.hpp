// SPDX-License-Identifier: Apache-2.0
// What the Gram forms share: codes as bit columns, a symmetric matrix from its upper half, and a
// loop over rows with one solver per thread.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "hashrec/parallel.hpp"
#include "hashrec/solvers/row_frame.hpp"
#include "hashrec/types.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {

// Appends the codes of `ids` as bit columns in blocks of 64, starting at block `first`.
template <class Id>
void gather_columns(const CodeView& codes, const Id* ids, std::size_t n, std::size_t width,
                    std::size_t first, const SolverKernels& kernels,
                    std::vector<std::uint64_t>& columns) {
    const std::size_t n_words = codes.n_words, n_blocks = (n + 63) / 64;
    if (columns.size() < (first + n_blocks) * width) {
        columns.resize((first + n_blocks) * width * 2);
    }
    std::uint64_t in[64], out[64];
    for (std::size_t b = 0; b < n_blocks; ++b) {
        const std::size_t base = b * 64, count = std::min<std::size_t>(64, n - base);
        for (std::size_t w = 0; w < n_words; ++w) {
            for (std::size_t j = 0; j < count; ++j) {
                in[j] = codes.row(static_cast<std::size_t>(ids[base + j]))[w];
            }
            std::fill(in + count, in + 64, 0);
            kernels.transpose64(in, out);
            const std::size_t used = std::min<std::size_t>(64, width - w * 64);
            std::copy(out, out + used, columns.data() + (first + b) * width + w * 64);
        }
    }
}

// Fills the blocks left of the diagonal, 8 x 8 at a time.
inline void mirror_gram(double* gram, std::size_t width) {
    for (std::size_t k = 8; k < width; k += 8) {
        for (std::size_t l = 0; l < k; l += 8) {
            for (std::size_t i = 0; i < 8; ++i) {
                for (std::size_t j = 0; j < 8; ++j) {
                    gram[(k + i) * width + l + j] = gram[(l + j) * width + k + i];
                }
            }
        }
    }
}

// Sum of Solver(arguments...).solve(row) over the visited rows.
template <class Solver, class... Arguments>
std::size_t sum_over_rows(const RowFrame& frame, const Arguments&... arguments) {
    struct alignas(64) Total {  // a cache line each
        std::size_t value = 0;
    };
    const auto threads = static_cast<std::size_t>(resolve_threads(frame.num_threads));
    std::vector<Solver> solvers;
    solvers.reserve(threads);
    for (std::size_t t = 0; t < threads; ++t) solvers.emplace_back(arguments...);
    std::vector<Total> totals(threads);
    parallel_for(frame.n_visits, static_cast<int>(threads), 16, [&](std::size_t i, int thread) {
        const auto t = static_cast<std::size_t>(thread);
        totals[t].value += solvers[t].solve(frame.visit(i));
    });
    return std::accumulate(totals.begin(), totals.end(), std::size_t{0},
                           [](std::size_t sum, const Total& t) { return sum + t.value; });
}

}  // namespace hashrec
