// SPDX-License-Identifier: Apache-2.0
// AVX-512 bodies: 32 rows in four registers, layer by layer. A layer of one word costs 8 rows six
// operations: vpxorq, vpopcntq, vcvtqq2pd, vfnmadd (exact), vmulpd, vaddpd; columns and scales are
// operands from memory. One comparison, of the largest of four, serves 32 rows.
#include <immintrin.h>

#include "kernels/scaled_generic.inl"

namespace hashrec {
namespace {

constexpr std::size_t kVectors = kScaledRows / 8;

inline __m512i differing(const std::uint64_t* column, __m512i word) {
    return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(column), word));
}

std::size_t above_avx512(const ScaledQuery& query, const ScaledBlock& block, double limit,
                         double* scores, std::uint32_t* places) {
    const __m512d least = _mm512_set1_pd(limit);
    std::size_t found = 0;
    for (std::size_t row = 0; row < block.n_rows; row += kScaledRows) {
        __m512d total[kVectors];
        for (auto& sum : total) sum = _mm512_setzero_pd();
        const std::uint64_t* column = block.columns + row;
        const std::uint64_t* word = query.words;
        const double* scale = block.scales + row;
        for (std::size_t l = 0; l < block.n_layers; ++l, scale += block.stride) {
            __m512i distance[kVectors];
            const __m512i first = _mm512_set1_epi64(static_cast<long long>(*word++));
            for (std::size_t j = 0; j < kVectors; ++j) {
                distance[j] = differing(column + 8 * j, first);
            }
            column += block.stride;
            for (std::uint32_t w = 1; w < block.layer_words[l]; ++w, column += block.stride) {
                const __m512i next = _mm512_set1_epi64(static_cast<long long>(*word++));
                for (std::size_t j = 0; j < kVectors; ++j) {
                    distance[j] = _mm512_add_epi64(distance[j], differing(column + 8 * j, next));
                }
            }
            const __m512d all = _mm512_set1_pd(query.all[l]);
            const __m512d twice = _mm512_set1_pd(query.twice[l]);
            for (std::size_t j = 0; j < kVectors; ++j) {
                const __m512d user = _mm512_fnmadd_pd(twice, _mm512_cvtepi64_pd(distance[j]), all);
                const __m512d term = _mm512_mul_pd(_mm512_loadu_pd(scale + 8 * j), user);
                total[j] = _mm512_add_pd(total[j], term);
            }
        }
        if (block.bias != nullptr) {
            for (std::size_t j = 0; j < kVectors; ++j) {
                total[j] = _mm512_add_pd(total[j], _mm512_loadu_pd(block.bias + row + 8 * j));
            }
        }
        const __m512d best =
            _mm512_max_pd(_mm512_max_pd(total[0], total[1]), _mm512_max_pd(total[2], total[3]));
        if (_mm512_cmp_pd_mask(best, least, _CMP_GT_OQ) == 0) [[likely]]
            continue;
        double values[kScaledRows];
        std::uint32_t mask = 0;
        for (std::size_t j = 0; j < kVectors; ++j) {
            _mm512_storeu_pd(values + 8 * j, total[j]);
            const auto bits =
                static_cast<std::uint32_t>(_mm512_cmp_pd_mask(total[j], least, _CMP_GT_OQ));
            mask |= bits << (8 * j);
        }
        found = take_above(mask, row, block.n_rows, values, found, scores, places);
    }
    return found;
}

}  // namespace

const ScaledKernels scaled_avx512 = {column_generic, above_avx512};

}  // namespace hashrec
