// SPDX-License-Identifier: Apache-2.0
// AVX2 bodies: 16 rows in four registers, layer by layer. Bits are counted with vpshufb as a table
// of nibbles and vpsadbw; counts become doubles by the exponent of 2^52.
#include <immintrin.h>

#include "kernels/scaled_generic.inl"

namespace hashrec {
namespace {

constexpr std::size_t kVectors = 4;
constexpr std::size_t kGroup = 4 * kVectors;
static_assert(kScaledRows % kGroup == 0);

inline __m256i differing(const std::uint64_t* column, __m256i word) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    const __m256i x =
        _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(column)), word);
    const __m256i counts =
        _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                        _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
    return _mm256_sad_epu8(counts, _mm256_setzero_si256());
}

inline __m256d as_double(__m256i count) {
    const __m256d shift = _mm256_set1_pd(4503599627370496.0);  // 2^52: its low bits hold a count
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(count, _mm256_castpd_si256(shift))),
                         shift);
}

std::size_t above_avx2(const ScaledQuery& query, const ScaledBlock& block, double limit,
                       double* scores, std::uint32_t* places) {
    const __m256d least = _mm256_set1_pd(limit);
    std::size_t found = 0;
    for (std::size_t row = 0; row < block.n_rows; row += kGroup) {
        __m256d total[kVectors];
        for (auto& sum : total) sum = _mm256_setzero_pd();
        const std::uint64_t* column = block.columns + row;
        const std::uint64_t* word = query.words;
        const double* scale = block.scales + row;
        for (std::size_t l = 0; l < block.n_layers; ++l, scale += block.stride) {
            __m256i distance[kVectors];
            for (auto& sum : distance) sum = _mm256_setzero_si256();
            for (std::uint32_t w = 0; w < block.layer_words[l]; ++w, column += block.stride) {
                const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(*word++));
                for (std::size_t j = 0; j < kVectors; ++j) {
                    distance[j] = _mm256_add_epi64(distance[j], differing(column + 4 * j, wanted));
                }
            }
            const __m256d all = _mm256_set1_pd(query.all[l]);
            const __m256d twice = _mm256_set1_pd(query.twice[l]);
            for (std::size_t j = 0; j < kVectors; ++j) {
                const __m256d user = _mm256_fnmadd_pd(twice, as_double(distance[j]), all);
                const __m256d term = _mm256_mul_pd(_mm256_loadu_pd(scale + 4 * j), user);
                total[j] = _mm256_add_pd(total[j], term);
            }
        }
        double values[kGroup];
        std::uint32_t mask = 0;
        for (std::size_t j = 0; j < kVectors; ++j) {
            if (block.bias != nullptr) {
                total[j] = _mm256_add_pd(total[j], _mm256_loadu_pd(block.bias + row + 4 * j));
            }
            _mm256_storeu_pd(values + 4 * j, total[j]);
            const int bits = _mm256_movemask_pd(_mm256_cmp_pd(total[j], least, _CMP_GT_OQ));
            mask |= static_cast<std::uint32_t>(bits) << (4 * j);
        }
        if (mask == 0) continue;
        found = take_above(mask, row, block.n_rows, values, found, scores, places);
    }
    return found;
}

}  // namespace

const ScaledKernels scaled_avx2 = {column_generic, above_avx2};

}  // namespace hashrec
