// SPDX-License-Identifier: Apache-2.0
#include "kernels/plane_bits64.inl"

namespace hashrec {
namespace {

// Untried on this level: planes are left to the levels without vectors.
std::size_t min_queries_neon(std::size_t) { return ~std::size_t{0}; }

}  // namespace

const PlaneKernels plane_neon = {
    min_queries_neon,        64, pattern_places_of, pattern_of<Plane64>, scratch_words_of<Plane64>,
    scan_planes_of<Plane64>,
};

}  // namespace hashrec
