// SPDX-License-Identifier: Apache-2.0
// Codes of several layers, each with a real scale per row: scores by counting bits.
//
// score = sum over layers of (u_l * i_l) * (bits_l - 2 * distance_l), plus a bias. With float
// scales u_l * (bits_l - 2 * distance_l) is exact in double, so a term is rounded once however it
// is formed; the sum in rising order, without fused operations, is the same at every level.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

inline constexpr std::size_t kScaledRows = 32;  // strides of blocks are multiples of it

// Where a word of a layer lies in a code: bits from `shift` of `word` on, those that do not fit in
// there from the next word.
struct LayerWord {
    std::size_t word = 0;
    unsigned shift = 0;
    bool spills = false;
    std::uint64_t mask = 0;
};

struct ScaledQuery {
    const std::uint64_t* words = nullptr;  // of all layers, one layer after the other
    const double* all = nullptr;           // per layer: scale * bits
    const double* twice = nullptr;         // per layer: 2 * scale
};

// Rows as columns `stride` apart; beyond n_rows, up to the stride, anything finite.
struct ScaledBlock {
    const std::uint64_t* columns = nullptr;      // [word of a layer][row]
    const double* scales = nullptr;              // [layer][row]
    const double* bias = nullptr;                // [row], or null
    const std::uint32_t* layer_words = nullptr;  // words of each layer
    std::size_t n_layers = 0;
    std::size_t n_rows = 0;
    std::size_t stride = 0;
};

struct ScaledKernels {
    // out[i] = that word of row i.
    void (*column)(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                   const LayerWord& from, std::uint64_t* out);
    // The scores above `limit` with their places, rising; returns how many. Room for n_rows each.
    std::size_t (*above)(const ScaledQuery& query, const ScaledBlock& block, double limit,
                         double* scores, std::uint32_t* places);
};

extern const ScaledKernels scaled_scalar;
extern const ScaledKernels scaled_popcnt;
extern const ScaledKernels scaled_avx2;
extern const ScaledKernels scaled_avx512;
extern const ScaledKernels scaled_neon;

}  // namespace hashrec
