// SPDX-License-Identifier: Apache-2.0
// Sweeps that choose several neighbouring bits together by trying all their values.
#pragma once

#include <cstddef>

#include "kernels/descent_kernels.hpp"

namespace hashrec {

inline constexpr std::size_t kMostBlockBits = 12;

// Part of a row problem over the m bits of one block: x, the push q on every bit, and the matrix
// (m x m, m apart).
struct BlockProblem {
    std::size_t m = 0;
    double x[kMostBlockBits];
    double q[kMostBlockBits];
    double matrix[kMostBlockBits * kMostBlockBits];
    double tolerance = 0.0;  // how much better than the present bits others must be
};

// The best of all 2^m values as a mask of bits to flip, tried in the order of the Gray code; 0
// where none is better by more than the tolerance. Uses up x and q.
unsigned best_flips(BlockProblem& block);

void fill_block(const SignRow& row, std::size_t start, const double* const* columns,
                BlockProblem& block);

void flip_with_column(const SignRow& row, std::size_t k, const double* column);

// Sweeps over blocks of `block_bits` bits. column(k, i) gives Gram column k of the entries, width
// doubles that live until the i-th column of the next block is asked for; i is k's place in its
// block. Returns the number of flips.
template <class Column>
std::size_t sweep_blocks(const SignRow& row, std::size_t block_bits, Column&& column) {
    std::size_t total = 0;
    for (int sweep = 0; sweep < row.sweeps; ++sweep) {
        std::size_t flips = 0;
        for (std::size_t start = 0; start < row.n_bits; start += block_bits) {
            BlockProblem block;
            block.m = row.n_bits - start < block_bits ? row.n_bits - start : block_bits;
            const double* columns[kMostBlockBits];
            for (std::size_t i = 0; i < block.m; ++i) columns[i] = column(start + i, i);
            fill_block(row, start, columns, block);
            unsigned mask = best_flips(block);
            for (std::size_t i = 0; mask != 0; ++i, mask >>= 1) {
                if ((mask & 1U) == 0) continue;
                flip_with_column(row, start + i, columns[i]);
                ++flips;
            }
        }
        total += flips;
        if (flips == 0) break;
    }
    return total;
}

}  // namespace hashrec
