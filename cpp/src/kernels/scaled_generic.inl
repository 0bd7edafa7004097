// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the layer-scaled scores; each level's file includes this with its own flags.
#pragma once

#include "kernels/popcount.hpp"
#include "kernels/scaled_kernels.hpp"

namespace hashrec {
namespace {

inline void column_generic(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                           const LayerWord& from, std::uint64_t* out) {
    const std::uint64_t* word = rows + from.word;
    if (!from.spills) {
        for (std::size_t i = 0; i < n_rows; ++i) {
            out[i] = word[i * n_words] >> from.shift & from.mask;
        }
        return;
    }
    for (std::size_t i = 0; i < n_rows; ++i) {
        const std::uint64_t low = word[i * n_words] >> from.shift;
        out[i] = (low | word[i * n_words + 1] << (64 - from.shift)) & from.mask;
    }
}

inline std::size_t above_generic(const ScaledQuery& query, const ScaledBlock& block, double limit,
                                 double* scores, std::uint32_t* places) {
    std::size_t found = 0;
    for (std::size_t row = 0; row < block.n_rows; ++row) {
        const std::uint64_t* column = block.columns + row;
        const std::uint64_t* word = query.words;
        double total = 0.0;
        for (std::size_t l = 0; l < block.n_layers; ++l) {
            std::uint32_t distance = 0;
            for (std::uint32_t w = 0; w < block.layer_words[l]; ++w, column += block.stride) {
                distance += popcount64(*word++ ^ *column);
            }
            const double user = query.all[l] - query.twice[l] * static_cast<double>(distance);
            total += block.scales[l * block.stride + row] * user;
        }
        if (block.bias != nullptr) total += block.bias[row];
        if (total > limit) {
            scores[found] = total;
            places[found++] = static_cast<std::uint32_t>(row);
        }
    }
    return found;
}

// Appends the rows of a mask, whose scores are `totals`, as far as they exist.
[[maybe_unused]] inline std::size_t take_above(std::uint32_t mask, std::size_t first,
                                               std::size_t n_rows, const double* totals,
                                               std::size_t found, double* scores,
                                               std::uint32_t* places) {
    for (; mask != 0; mask &= mask - 1) {
        const auto i = static_cast<std::size_t>(__builtin_ctz(mask));
        if (first + i >= n_rows) break;
        scores[found] = totals[i];
        places[found++] = static_cast<std::uint32_t>(first + i);
    }
    return found;
}

}  // namespace
}  // namespace hashrec
