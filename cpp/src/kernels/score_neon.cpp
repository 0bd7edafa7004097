// SPDX-License-Identifier: Apache-2.0
#include "kernels/score_planes.inl"

namespace hashrec {

const ScoreKernels score_neon = {
    .query_tile = 1,
    .table_bytes = sizeof(PlanesOfWord),
    .plane_bytes = 0,
    .block_bytes = 32 << 10,
    .prepare = prepare_planes,
    .expand = nullptr,
    .scan = scan_planes,
    .missing_bits = missing_bits_generic,
    .at_most = at_most_generic,
    .biased_above = biased_above_generic,
    .dot_float = dot_float_generic,
    .dot_half = dot_half_generic,
    .dot_int8 = dot_int8_generic,
};

}  // namespace hashrec
