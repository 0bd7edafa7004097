// SPDX-License-Identifier: Apache-2.0
#include "kernels/hamming_generic.inl"

namespace hashrec {

const HammingKernels hamming_neon = {distances_generic, pair_distances_generic,
                                     count_at_most_generic, scan_generic, nullptr};

}  // namespace hashrec
