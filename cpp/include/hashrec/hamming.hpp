// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/types.hpp"

namespace hashrec {

// out[i] = distance of a[i] to b[i]; a and b have one shape.
void hamming(CodeView a, CodeView b, int num_threads, std::int32_t* out);

// out[i * b.n_rows + j] = distance of a[i] to b[j]; a and b have one width.
void hamming_matrix(CodeView a, CodeView b, int num_threads, std::int32_t* out);

}  // namespace hashrec
