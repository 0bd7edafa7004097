// SPDX-License-Identifier: Apache-2.0
#include "hashrec/solvers/sign_moments.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/dispatch.hpp"
#include "solvers/gram_columns.hpp"

namespace hashrec {

bool sign_moments(const std::int16_t* state, std::size_t n_rows, std::size_t n_bits,
                  std::int64_t* gram, std::int64_t* total) {
    constexpr std::size_t kRows = 2048;  // whose bit columns stay in the cache at 64 bits
    const DescentKernels& descent = descent_kernels();
    const SolverKernels& kernels = solver_kernels();
    const std::size_t width = (n_bits + 7) / 8 * 8, n_words = (n_bits + 63) / 64;
    std::vector<std::uint64_t> codes(kRows * n_words), columns;
    std::vector<std::int64_t> differing(width * width), set(width);
    std::vector<std::uint32_t> ids(kRows);
    std::iota(ids.begin(), ids.end(), 0U);
    const std::int64_t weight = 1;
    for (std::size_t start = 0; start < n_rows; start += kRows) {
        const std::size_t n = std::min(kRows, n_rows - start);
        for (std::size_t i = 0; i < n; ++i) {
            const std::int16_t* row = state + (start + i) * width;
            if (!descent.read_signs(row, n_bits, codes.data() + i * n_words)) return false;
        }
        gather_columns(CodeView{codes.data(), n, n_words}, ids.data(), n, width, 0, kernels,
                       columns);
        const auto n_blocks = static_cast<std::uint32_t>((n + 63) / 64);
        const std::uint32_t blocks[2] = {0, n_blocks};
        kernels.bit_gram(columns.data(), width, blocks, &weight, 1, differing.data());
        kernels.bit_counts(columns.data(), width, n_blocks, weight, set.data());
    }
    const auto count = static_cast<std::int64_t>(n_rows);
    for (std::size_t k = 0; k < n_bits; ++k) {
        total[k] = 2 * set[k] - count;
        for (std::size_t l = k; l < n_bits; ++l) {
            gram[k * n_bits + l] = gram[l * n_bits + k] = count - 2 * differing[k * width + l];
        }
    }
    return true;
}

}  // namespace hashrec
