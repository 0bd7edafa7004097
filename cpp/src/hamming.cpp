// SPDX-License-Identifier: Apache-2.0
#include "hashrec/hamming.hpp"

#include <algorithm>

#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kSliceRows = std::size_t{1} << 14;  // rows per piece of work

std::size_t n_slices(std::size_t n_rows) { return (n_rows + kSliceRows - 1) / kSliceRows; }

}  // namespace

void hamming(CodeView a, CodeView b, int num_threads, std::int32_t* out) {
    const HammingKernels& kernels = hamming_kernels();
    parallel_for(n_slices(a.n_rows), num_threads, 1, [&](std::size_t slice, int) {
        const std::size_t first = slice * kSliceRows;
        const std::size_t n = std::min(kSliceRows, a.n_rows - first);
        kernels.pair_distances(a.row(first), b.row(first), n, a.n_words, out + first);
    });
}

void hamming_matrix(CodeView a, CodeView b, int num_threads, std::int32_t* out) {
    const HammingKernels& kernels = hamming_kernels();
    // Slices of b outermost: one stays in cache while all rows of a pass over it.
    parallel_for(n_slices(b.n_rows) * a.n_rows, num_threads, 64, [&](std::size_t cell, int) {
        const std::size_t first = cell / a.n_rows * kSliceRows;
        const std::size_t row = cell % a.n_rows;
        const std::size_t n = std::min(kSliceRows, b.n_rows - first);
        kernels.distances(a.row(row), b.row(first), n, a.n_words, out + row * b.n_rows + first);
    });
}

}  // namespace hashrec
