// SPDX-License-Identifier: Apache-2.0
#include "hashrec/sparse/times_dense.hpp"

#include <algorithm>
#include <vector>

#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

// Bounds of parts with about as much work each: an entry costs one, and so does a row, so that
// long runs of empty rows are shared too. A row is never cut, its sum has one order.
std::vector<std::size_t> balanced_parts(const CsrView& matrix, std::size_t n_parts) {
    const auto work_before = [&](std::size_t row) { return matrix.begin(row) + row; };
    const std::size_t total = matrix.begin(matrix.n_rows) + matrix.n_rows;
    std::vector<std::size_t> bounds{0};
    for (std::size_t part = 1; part < n_parts; ++part) {
        const std::size_t wanted = total / n_parts * part;
        std::size_t low = bounds.back(), high = matrix.n_rows;
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (work_before(middle) < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        bounds.push_back(low);
    }
    bounds.push_back(matrix.n_rows);
    return bounds;
}

}  // namespace

void csr_times_dense(const CsrView& matrix, const float* values, const float* dense,
                     std::size_t dim, int num_threads, float* out) {
    constexpr std::size_t kPartsPerThread = 16;  // a part that waits for memory holds up less
    const auto threads = static_cast<std::size_t>(resolve_threads(num_threads));
    const std::size_t wanted = threads == 1 ? 1 : threads * kPartsPerThread;
    const std::size_t n_parts = std::max<std::size_t>(1, std::min(wanted, matrix.n_rows));
    const std::vector<std::size_t> bounds = balanced_parts(matrix, n_parts);
    const SparseProduct product{matrix.indptr, matrix.indices, values, dense, dim, out};
    const PropagationKernels& kernels = propagation_kernels();
    parallel_for(n_parts, num_threads, 1, [&](std::size_t part, int) {
        kernels.times_dense(product, bounds[part], bounds[part + 1]);
    });
}

}  // namespace hashrec
