// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// Kernels on packed codes. All are exact, so every level returns the same numbers.
struct HammingKernels {
    // out[i] = distance of the query to codes[i]; rows of n_words words.
    void (*distances)(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                      std::size_t n_words, std::int32_t* out);
};

extern const HammingKernels hamming_scalar;
extern const HammingKernels hamming_popcnt;
extern const HammingKernels hamming_avx2;
extern const HammingKernels hamming_avx512;
extern const HammingKernels hamming_neon;

}  // namespace hashrec
