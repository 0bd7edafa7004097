// SPDX-License-Identifier: Apache-2.0
// Row-major codes to columns of words, 8 rows at a time, by shuffles in registers (port 5, one a
// cycle: 1, 2 and 3 per vector of 2, 4 and 8 words); a gather takes 8 loads per vector.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace hashrec {
namespace {

// Rows become columns of an 8 x 8 matrix of words.
inline void transpose_words(__m512i (&v)[8]) {
    __m512i t[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        t[2 * i] = _mm512_unpacklo_epi64(v[2 * i], v[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi64(v[2 * i], v[2 * i + 1]);
    }
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
        const int i = 4 * half;
        v[i] = _mm512_permutex2var_epi64(t[i], low, t[i + 2]);
        v[i + 1] = _mm512_permutex2var_epi64(t[i + 1], low, t[i + 3]);
        v[i + 2] = _mm512_permutex2var_epi64(t[i], high, t[i + 2]);
        v[i + 3] = _mm512_permutex2var_epi64(t[i + 1], high, t[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_i64x2(v[i], v[i + 4], 0x44);
        t[i + 4] = _mm512_shuffle_i64x2(v[i], v[i + 4], 0xee);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) v[i] = t[i];
}

// out[w * stride ..] = word w of 8 rows. kWords 0: n_words of them.
template <std::size_t kWords>
inline void store_columns(const std::uint64_t* rows, std::size_t n_words, std::uint64_t* out,
                          std::size_t stride) {
    const auto load = [&](std::size_t i) { return _mm512_loadu_si512(rows + 8 * i); };
    const auto put = [&](std::size_t w, __m512i v) { _mm512_storeu_si512(out + w * stride, v); };
    if constexpr (kWords == 1) {
        put(0, load(0));
    } else if constexpr (kWords == 2) {
        const __m512i a = load(0), b = load(1);
        const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
        const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
        put(0, _mm512_permutex2var_epi64(a, even, b));
        put(1, _mm512_permutex2var_epi64(a, odd, b));
    } else if constexpr (kWords == 4) {
        const __m512i a = load(0), b = load(1), c = load(2), d = load(3);
        const __m512i first = _mm512_setr_epi64(0, 4, 1, 5, 8, 12, 9, 13);
        const __m512i second = _mm512_setr_epi64(2, 6, 3, 7, 10, 14, 11, 15);
        const __m512i low = _mm512_unpacklo_epi64(a, b), low2 = _mm512_unpacklo_epi64(c, d);
        const __m512i high = _mm512_unpackhi_epi64(a, b), high2 = _mm512_unpackhi_epi64(c, d);
        put(0, _mm512_permutex2var_epi64(low, first, low2));
        put(1, _mm512_permutex2var_epi64(high, first, high2));
        put(2, _mm512_permutex2var_epi64(low, second, low2));
        put(3, _mm512_permutex2var_epi64(high, second, high2));
    } else if constexpr (kWords == 8) {
        __m512i v[8];
#pragma GCC unroll 8
        for (std::size_t i = 0; i < 8; ++i) v[i] = load(i);
        transpose_words(v);
#pragma GCC unroll 8
        for (std::size_t w = 0; w < 8; ++w) put(w, v[w]);
    } else {
        const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
        const __m512i index =
            _mm512_mullo_epi64(lanes, _mm512_set1_epi64(static_cast<long long>(n_words)));
        for (std::size_t w = 0; w < n_words; ++w)
            put(w, _mm512_i64gather_epi64(index, rows + w, 8));
    }
}

}  // namespace
}  // namespace hashrec
