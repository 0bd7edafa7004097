// SPDX-License-Identifier: Apache-2.0
// Passes of bit-wise coordinate descent on pairwise least squares, nothing sampled:
//
//   sum_u w_u sum_{i in I_u} sum_{j not in I_u} (margin - b_u'(d_i - d_j))^2 - 2 sum_r a_r'x_r
//
// where I_u are the n+ positives of user u, the other n- items are its negatives, w_u is usually
// 1 / (n+ n-), and a_r is the pull on row r. Sums over a user's negatives are sums over all items
// less the positives, so a row costs what its entries cost.
//
// All inner sums are integers. What is multiplied by a weight w_u is added in one fixed order (rows
// in blocks of a fixed size, the entries of a row ascending) and +-1 rows make every product exact,
// so codes depend neither on the number of threads nor on the SIMD level.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/types.hpp"

namespace hashrec {

// What the passes of both sides share.
struct PairwiseRows {
    std::size_t n_bits = 0;
    std::size_t width = 0;  // n_bits rounded up to 8; columns beyond n_bits are zero

    std::int16_t* state = nullptr;              // n_rows x width, +-256, updated in place
    const std::int16_t* other_state = nullptr;  // n_other x width, +-256
    CsrView entries;                            // of each row: its positives on the other side
    const double* pair_weight = nullptr;        // w_u per user
    double margin = 0.0;

    const double* row_linear = nullptr;       // n_rows x width or null
    const double* delegate_matrix = nullptr;  // width x width or null
    const double* delegate_mean = nullptr;    // width

    int sweeps = 0;
    int num_threads = 0;
};

struct PairwiseUserPass : PairwiseRows {
    CodeView other_codes;
    std::size_t n_items = 0;
    const double* item_gram = nullptr;   // width x width, sum of d d' over the items
    const double* item_total = nullptr;  // width, sum of d over the items
};

struct PairwiseItemPass : PairwiseRows {
    std::size_t n_users = 0;
    double n_items = 0.0;               // of training, also where new items are encoded
    const double* positives = nullptr;  // n+ per user
    double* own_score = nullptr;        // per user: b_u' sum of its positives' codes
    double* item_total = nullptr;       // width, sum of d over the items of training
    // true: rows in order, each sees the rows before it (Gauss-Seidel), own_score and item_total
    // are kept up to date; false: all rows see the start of the pass (Jacobi), both stay as given.
    bool sequential = true;
};

// Both return the number of bits that changed.
std::size_t run_pairwise_users(const PairwiseUserPass& pass);
std::size_t run_pairwise_items(const PairwiseItemPass& pass);

}  // namespace hashrec
