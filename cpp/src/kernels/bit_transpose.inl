// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {
namespace {

// 64 x 64 bits: bit j of out[k] is bit k of in[j]. Swaps ever smaller halves of ever smaller
// squares; `out` may be `in`.
[[maybe_unused]] void transpose64_generic(const std::uint64_t* in, std::uint64_t* out) {
    for (std::size_t i = 0; i < 64; ++i) out[i] = in[i];
    std::uint64_t mask = 0x00000000ffffffffULL;
    for (std::size_t width = 32; width != 0; width >>= 1, mask ^= mask << width) {
        for (std::size_t k = 0; k < 64; k = (k + width + 1) & ~width) {
            const std::uint64_t swapped = ((out[k] >> width) ^ out[k + width]) & mask;
            out[k] ^= swapped << width;
            out[k + width] ^= swapped;
        }
    }
}

}  // namespace
}  // namespace hashrec
