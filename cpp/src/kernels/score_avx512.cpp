// SPDX-License-Identifier: Apache-2.0
#include "kernels/score_avx512.inl"

namespace hashrec {

const ScoreKernels score_avx512 = {
    .query_tile = 1,
    .table_bytes = kWordTable,
    .plane_bytes = kGroups,
    .block_bytes = 40 << 10,
    .prepare = prepare_groups<kGroupBits>,
    .expand = expand_avx512,
    .scan = scan_avx512,
    .missing_bits = missing_bits_avx512,
    .at_most = at_most_generic,
    .biased_above = biased_above_generic,
    .dot_float = dot_float_vectors,
    .dot_half = dot_half_vectors,
    .dot_int8 = dot_int8_generic,
};

}  // namespace hashrec
