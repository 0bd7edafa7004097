// SPDX-License-Identifier: Apache-2.0
#include "kernels/plane_bits64.inl"

namespace hashrec {
namespace {

// POPCNT does a word in about a cycle: planes win for short codes only.
std::size_t min_queries_popcnt(std::size_t n_words) { return n_words == 1 ? 32 : ~std::size_t{0}; }

}  // namespace

const PlaneKernels plane_popcnt = {
    min_queries_popcnt,      64, pattern_places_of, pattern_of<Plane64>, scratch_words_of<Plane64>,
    scan_planes_of<Plane64>,
};

}  // namespace hashrec
