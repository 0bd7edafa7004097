// SPDX-License-Identifier: Apache-2.0
#include "kernels/hamming_generic.inl"

namespace hashrec {

const HammingKernels hamming_scalar = {
    distances_generic<std::int32_t>, pair_distances_generic, distances_generic<std::uint16_t>,
    count_at_most_generic,           scan_generic,           nullptr,
};

}  // namespace hashrec
