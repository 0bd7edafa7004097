// SPDX-License-Identifier: Apache-2.0
// Codes of chosen rows as bit columns, the layout that the popcount kernels read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/types.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {

// Writes the codes of `ids` to `columns` in blocks of 64 codes, starting at block `first`; the
// vector grows as needed. Block b holds `width` words, word k the bits k of its codes.
template <class Id>
void gather_columns(const SolverKernels& kernels, const CodeView& codes, const Id* ids,
                    std::size_t n, std::size_t first, std::size_t width,
                    std::vector<std::uint64_t>& columns) {
    const std::size_t n_blocks = (n + 63) / 64;
    if (columns.size() < (first + n_blocks) * width) {
        columns.resize((first + n_blocks) * width * 2);
    }
    std::uint64_t in[64], out[64];
    for (std::size_t b = 0; b < n_blocks; ++b) {
        const std::size_t base = b * 64, count = std::min<std::size_t>(64, n - base);
        for (std::size_t w = 0; w < codes.n_words; ++w) {
            for (std::size_t j = 0; j < count; ++j) {
                in[j] = codes.row(static_cast<std::size_t>(ids[base + j]))[w];
            }
            std::fill(in + count, in + 64, 0);
            kernels.transpose64(in, out);
            const std::size_t wanted = std::min<std::size_t>(64, width - w * 64);
            std::copy(out, out + wanted, columns.data() + (first + b) * width + w * 64);
        }
    }
}

// Fills the blocks of a width x width matrix left of its diagonal, 8 x 8 at a time.
inline void mirror_blocks(double* matrix, std::size_t width) {
    for (std::size_t k = 8; k < width; k += 8) {
        for (std::size_t l = 0; l < k; l += 8) {
            for (std::size_t i = 0; i < 8; ++i) {
                for (std::size_t j = 0; j < 8; ++j) {
                    matrix[(k + i) * width + l + j] = matrix[(l + j) * width + k + i];
                }
            }
        }
    }
}

}  // namespace hashrec
