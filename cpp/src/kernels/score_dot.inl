// SPDX-License-Identifier: Apache-2.0
// Inner products with 256-bit vectors, for AVX2 and above: sums 0..3 and 4..7 of the fixed order
// are two registers of doubles, so every sum sees the same additions as in the portable form.
#include <immintrin.h>

#include "kernels/score_generic.inl"

namespace hashrec {
namespace {

inline __m256 load_items(const float* items) { return _mm256_loadu_ps(items); }

// As half_to_float, without the F16C instructions, which no level asks for.
inline __m256 load_items(const std::uint16_t* items) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(items));
    const __m256i wide = _mm256_cvtepu16_epi32(halves);
    const __m256i sign = _mm256_slli_epi32(_mm256_and_si256(wide, _mm256_set1_epi32(0x8000)), 16);
    const __m256i exponent = _mm256_set1_epi32(0x7c00);
    const __m256i is_special = _mm256_cmpeq_epi32(_mm256_and_si256(wide, exponent), exponent);
    __m256i bits = _mm256_slli_epi32(_mm256_and_si256(wide, _mm256_set1_epi32(0x7fff)), 13);
    bits = _mm256_or_si256(bits, _mm256_and_si256(is_special, _mm256_set1_epi32(0x7f800000)));
    const __m256 magnitude = _mm256_mul_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(0x1p112f));
    return _mm256_or_ps(magnitude, _mm256_castsi256_ps(sign));
}

template <class Item>
inline double dot_vectors(const float* a, const Item* b, std::size_t n) {
    __m256d low = _mm256_setzero_pd();
    __m256d high = _mm256_setzero_pd();
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 x = _mm256_loadu_ps(a + i);
        const __m256 y = load_items(b + i);
        const __m256d first = _mm256_mul_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(x)),
                                            _mm256_cvtps_pd(_mm256_castps256_ps128(y)));
        const __m256d second = _mm256_mul_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)),
                                             _mm256_cvtps_pd(_mm256_extractf128_ps(y, 1)));
        low = _mm256_add_pd(low, first);
        high = _mm256_add_pd(high, second);
    }
    double sums[8];
    _mm256_storeu_pd(sums, low);
    _mm256_storeu_pd(sums + 4, high);
    for (std::size_t lane = 0; i + lane < n; ++lane) {
        sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(to_float(b[i + lane]));
    }
    return fold8(sums);
}

double dot_float_vectors(const float* a, const float* b, std::size_t n) {
    return dot_vectors(a, b, n);
}

double dot_half_vectors(const float* a, const std::uint16_t* b, std::size_t n) {
    return dot_vectors(a, b, n);
}

}  // namespace
}  // namespace hashrec
