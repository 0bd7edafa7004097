// SPDX-License-Identifier: Apache-2.0
// Portable bodies: columns in blocks whose sums stay in registers.
#pragma once

#include "kernels/propagation_kernels.hpp"

namespace hashrec {
namespace {

// Dense rows lie anywhere in memory, so they are asked for this many entries ahead: a tenth faster
// than without, measured where the dense matrix (18 MB) is larger than the second-level cache.
constexpr std::size_t kAhead = 16;

// Asks for the columns [from, from + bytes) of a later entry's dense row. Entries of the next rows
// follow in memory, so short rows are covered too.
inline void ask_for(const SparseProduct& p, std::size_t e, std::size_t last, std::size_t column,
                    std::size_t bytes) {
#if defined(__GNUC__)
    if (e + kAhead >= last) return;
    const auto row = static_cast<std::size_t>(p.indices[e + kAhead]);
    const auto* line = reinterpret_cast<const char*>(p.dense + row * p.dim + column);
    for (std::size_t b = 0; b < bytes; b += 64) __builtin_prefetch(line + b);
#else
    (void)p, (void)e, (void)last, (void)column, (void)bytes;
#endif
}

template <std::size_t kColumns>
void times_block(const SparseProduct& p, std::size_t row, std::size_t last, std::size_t column) {
    float sums[kColumns] = {};
    const auto end = static_cast<std::size_t>(p.indptr[row + 1]);
    for (auto e = static_cast<std::size_t>(p.indptr[row]); e < end; ++e) {
        ask_for(p, e, last, column, kColumns * sizeof(float));
        const float value = p.values[e];
        const float* x = p.dense + static_cast<std::size_t>(p.indices[e]) * p.dim + column;
        for (std::size_t c = 0; c < kColumns; ++c) sums[c] += value * x[c];
    }
    float* out = p.out + row * p.dim + column;
    for (std::size_t c = 0; c < kColumns; ++c) out[c] = sums[c];
}

inline void times_dense_generic(const SparseProduct& p, std::size_t begin, std::size_t end) {
    const auto last = static_cast<std::size_t>(p.indptr[end]);
    for (std::size_t row = begin; row < end; ++row) {
        std::size_t c = 0;
        for (; c + 16 <= p.dim; c += 16) times_block<16>(p, row, last, c);
        for (; c + 4 <= p.dim; c += 4) times_block<4>(p, row, last, c);
        for (; c < p.dim; ++c) times_block<1>(p, row, last, c);
    }
}

}  // namespace
}  // namespace hashrec
