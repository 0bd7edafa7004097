// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the Hamming kernels; each level's file includes this with its own flags.
#include "kernels/hamming_kernels.hpp"
#include "kernels/popcount.hpp"

namespace hashrec {
namespace {

void distances_generic(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                       std::size_t n_words, std::int32_t* out) {
    for (std::size_t row = 0; row < n_rows; ++row) {
        std::uint32_t distance = 0;
        for (std::size_t w = 0; w < n_words; ++w) {
            distance += popcount64(query[w] ^ codes[row * n_words + w]);
        }
        out[row] = static_cast<std::int32_t>(distance);
    }
}

}  // namespace
}  // namespace hashrec
