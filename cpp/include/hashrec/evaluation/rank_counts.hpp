// SPDX-License-Identifier: Apache-2.0
// Where held-out items stand among a user's candidates, as two counts per held-out item. Every
// ranking metric is a function of these counts, so no list of 40,000 items is ever sorted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/types.hpp"

namespace hashrec {

// Candidates of user u are all items but the row u of `seen`. Target e (an entry of `targets`)
// gets better[e] = candidates that score strictly higher and tied[e] = other candidates of equal
// score. Rows of both lists must ascend strictly; a target that is also seen throws
// std::invalid_argument. `item_priority` (n_items, or null) breaks ties: among equal scores the
// higher priority is better, and only equal priorities stay tied.

// Score = minus the Hamming distance. users.n_rows rows in `seen` and `targets`.
void rank_counts_codes(const CodeView& users, const CodeView& items, const CsrView& seen,
                       const CsrView& targets, const std::int32_t* item_priority, int num_threads,
                       std::int32_t* better, std::int32_t* tied);

// scores: row-major (targets.n_rows, n_items), compared exactly; NaN throws.
void rank_counts_scores(const float* scores, std::size_t n_items, const CsrView& seen,
                        const CsrView& targets, const std::int32_t* item_priority, int num_threads,
                        std::int32_t* better, std::int32_t* tied);

}  // namespace hashrec
