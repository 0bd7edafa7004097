// SPDX-License-Identifier: Apache-2.0
#include "kernels/plane_bits64.inl"

namespace hashrec {
namespace {

// Without POPCNT a distance costs a dozen operations per word; planes cost less at any length.
std::size_t min_queries_scalar(std::size_t) { return 16; }

}  // namespace

const PlaneKernels plane_scalar = {
    min_queries_scalar,      64, pattern_places_of, pattern_of<Plane64>, scratch_words_of<Plane64>,
    scan_planes_of<Plane64>,
};

}  // namespace hashrec
