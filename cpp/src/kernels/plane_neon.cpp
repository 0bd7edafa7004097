// SPDX-License-Identifier: Apache-2.0
// No bit-sliced scan: Untried on this level.
#include "kernels/plane_kernels.hpp"

namespace hashrec {
namespace {

std::size_t never(std::size_t) { return ~std::size_t{0}; }
std::size_t nothing(std::size_t) { return 0; }

}  // namespace

const PlaneKernels plane_neon = {never, 64, nothing, nullptr, nothing, nullptr};

}  // namespace hashrec
