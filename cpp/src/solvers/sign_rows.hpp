// SPDX-License-Identifier: Apache-2.0
// The Gram form over rows of signs. With unit weights and signs on the other side no matrix is
// made: the push on all bits is a sum over the entries, and a flip counts the one Gram column it
// needs from bit columns. A few flips a row cost less than the f^2 / 2 counts of the matrix.
#pragma once

#include "hashrec/solvers/row_pass.hpp"

namespace hashrec {

// Whether all visited rows are signs and nothing but signs is asked for.
bool takes_sign_rows(const RowPass& pass);

// Returns the number of bits that changed.
std::size_t run_sign_rows(const RowPass& pass);

}  // namespace hashrec
