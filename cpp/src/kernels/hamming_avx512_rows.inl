// SPDX-License-Identifier: Apache-2.0
// Distances of row-major rows with VPOPCNTDQ, 8 rows at a time. A vector holds 8 words, so the
// counts of one row's words are brought together by shuffles (port 5, 1/cycle): 2 per 8 rows of two
// words, 6 of four words, 14 of any width. That is why many queries scan the sliced layout instead.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of the undefined vectors in its own immintrin.h.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "kernels/hamming_generic.inl"

namespace hashrec {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kVectors = kGroupRows / kLanes;

inline __m512i load8(const std::uint64_t* words) { return _mm512_loadu_si512(words); }

inline __m512i broadcast(std::uint64_t word) {
    return _mm512_set1_epi64(static_cast<long long>(word));
}

inline __m512i count(__m512i a, __m512i b) { return _mm512_popcnt_epi64(_mm512_xor_si512(a, b)); }

// Distances of 8 row-major rows in row order; `q` holds the query's words repeated.
template <std::size_t kWords>
inline __m512i distances8(const std::uint64_t* rows, __m512i q) {
    const __m512i a = count(load8(rows), q);
    if constexpr (kWords == 1) return a;
    if constexpr (kWords == 2) {
        const __m512i b = count(load8(rows + 8), q);
        const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
        const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
        return _mm512_add_epi64(_mm512_permutex2var_epi64(a, even, b),
                                _mm512_permutex2var_epi64(a, odd, b));
    }
    if constexpr (kWords == 4) {
        const __m512i b = count(load8(rows + 8), q);
        const __m512i c = count(load8(rows + 16), q);
        const __m512i d = count(load8(rows + 24), q);
        // Pairs of words: lanes (row 0, row 2, row 0, row 2, row 1, row 3, row 1, row 3).
        const __m512i ab =
            _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        const __m512i cd =
            _mm512_add_epi64(_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
        const __m512i first = _mm512_setr_epi64(0, 4, 1, 5, 8, 12, 9, 13);
        const __m512i second = _mm512_setr_epi64(2, 6, 3, 7, 10, 14, 11, 15);
        return _mm512_add_epi64(_mm512_permutex2var_epi64(ab, first, cd),
                                _mm512_permutex2var_epi64(ab, second, cd));
    }
}

template <std::size_t kWords>
inline __m512i repeated(const std::uint64_t* words) {
    if constexpr (kWords == 1) return broadcast(words[0]);
    if constexpr (kWords == 2) {
        return _mm512_broadcast_i64x2(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words)));
    }
    if constexpr (kWords == 4) {
        return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words)));
    }
}

// One row of any width: whole vectors, then a masked rest.
inline std::int32_t row_distance512(const std::uint64_t* a, const std::uint64_t* b,
                                    std::size_t n_words) {
    __m512i sum = _mm512_setzero_si512();
    std::size_t w = 0;
    for (; w + kLanes <= n_words; w += kLanes) {
        sum = _mm512_add_epi64(sum, count(load8(a + w), load8(b + w)));
    }
    if (w < n_words) {
        const auto rest = static_cast<__mmask8>((1U << (n_words - w)) - 1);
        sum = _mm512_add_epi64(sum, count(_mm512_maskz_loadu_epi64(rest, a + w),
                                          _mm512_maskz_loadu_epi64(rest, b + w)));
    }
    return static_cast<std::int32_t>(_mm512_reduce_add_epi64(sum));
}

// The lane sums of 8 vectors, in order: halves the number of vectors three times.
inline __m512i lane_sums(const __m512i (&v)[kLanes]) {
    __m512i pair[4];  // lanes: sums of (v[i], v[i + 4]) alternating
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
        pair[i] = _mm512_add_epi64(_mm512_unpacklo_epi64(v[i], v[i + 4]),
                                   _mm512_unpackhi_epi64(v[i], v[i + 4]));
    }
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    const auto fold = [](__m512i a, __m512i b, __m512i first, __m512i second) {
        return _mm512_add_epi64(_mm512_permutex2var_epi64(a, first, b),
                                _mm512_permutex2var_epi64(a, second, b));
    };
    const __m512i even = fold(pair[0], pair[2], low, high);  // (0,4) (2,6) twice
    const __m512i odd = fold(pair[1], pair[3], low, high);   // (1,5) (3,7) twice
    return fold(even, odd, _mm512_setr_epi64(0, 8, 2, 10, 1, 9, 3, 11),
                _mm512_setr_epi64(4, 12, 6, 14, 5, 13, 7, 15));
}

// Distances of 8 row-major rows of any width.
inline __m512i distances8_any(const std::uint64_t* query, const std::uint64_t* rows,
                              std::size_t n_words) {
    __m512i sums[kLanes];
    const std::size_t whole = n_words / kLanes * kLanes;
    const auto rest = static_cast<__mmask8>((1U << (n_words - whole)) - 1);
    const __m512i tail = _mm512_maskz_loadu_epi64(rest, query + whole);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes; ++i) {
        const std::uint64_t* row = rows + i * n_words;
        sums[i] = rest == 0 ? _mm512_setzero_si512()
                            : count(_mm512_maskz_loadu_epi64(rest, row + whole), tail);
    }
    for (std::size_t w = 0; w < whole; w += kLanes) {
        const __m512i q = load8(query + w);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < kLanes; ++i) {
            sums[i] = _mm512_add_epi64(sums[i], count(load8(rows + i * n_words + w), q));
        }
    }
    return lane_sums(sums);
}

inline void store_distances(std::int32_t* out, __m512i d) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_cvtepi64_epi32(d));
}

inline void store_distances(std::uint16_t* out, __m512i d) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi64_epi16(d));
}

template <std::size_t kWords, class Distance>
void distances_words(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                     Distance* out) {
    const __m512i q = repeated<kWords>(query);
    std::size_t row = 0;
    for (; row + kLanes <= n_rows; row += kLanes) {
        store_distances(out + row, distances8<kWords>(codes + row * kWords, q));
    }
    distances_generic(query, codes + row * kWords, n_rows - row, kWords, out + row);
}

template <class Distance>
void distances_avx512(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                      std::size_t n_words, Distance* out) {
    if (n_words == 1) return distances_words<1>(query, codes, n_rows, out);
    if (n_words == 2) return distances_words<2>(query, codes, n_rows, out);
    if (n_words == 4) return distances_words<4>(query, codes, n_rows, out);
    std::size_t row = 0;
    for (; row + kLanes <= n_rows; row += kLanes) {
        store_distances(out + row, distances8_any(query, codes + row * n_words, n_words));
    }
    distances_generic(query, codes + row * n_words, n_rows - row, n_words, out + row);
}

void pair_distances_avx512(const std::uint64_t* a, const std::uint64_t* b, std::size_t n_rows,
                           std::size_t n_words, std::int32_t* out) {
    if (n_words < 5) return pair_distances_generic(a, b, n_rows, n_words, out);
    for (std::size_t row = 0; row < n_rows; ++row) {
        out[row] = row_distance512(a + row * n_words, b + row * n_words, n_words);
    }
}

}  // namespace
}  // namespace hashrec
