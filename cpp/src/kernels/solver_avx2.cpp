// SPDX-License-Identifier: Apache-2.0
// AVX2 bodies. Used: vpshufb as a nibble look-up for popcounts (no vector POPCNT here), vpsadbw to
// add bytes, vfmadd231pd for the exact Gram matrix (fusing cannot change an exact sum), vpmaddwd
// for integer scores (16 products an instruction, exact in 32 bits by the caller's bound).
#include <immintrin.h>

#include "kernels/solver_generic.inl"

namespace hashrec {
namespace {

inline __m256i popcount_epi64(__m256i x) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    const __m256i counts =
        _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                        _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
    return _mm256_sad_epu8(counts, _mm256_setzero_si256());
}

std::size_t collect_within_avx2(const std::uint64_t* query, const std::uint64_t* codes,
                                std::size_t n_rows, std::size_t n_words, std::uint32_t max_distance,
                                std::uint32_t* out) {
    if (n_words != 1) {
        return collect_within_generic(query, codes, n_rows, n_words, max_distance, out);
    }
    const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(query[0]));
    const __m256i limit = _mm256_set1_epi64x(max_distance);
    std::size_t count = 0, row = 0;
    for (; row + 16 <= n_rows; row += 16) {
        std::uint32_t hits = 0;
        for (std::uint32_t part = 0; part < 4; ++part) {
            const __m256i x =
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + row + 4 * part));
            const __m256i over =
                _mm256_cmpgt_epi64(popcount_epi64(_mm256_xor_si256(x, wanted)), limit);
            const auto mask =
                static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(over)));
            hits |= (~mask & 0xfU) << (4 * part);
        }
        for (; hits != 0; hits &= hits - 1) {
            out[count++] =
                static_cast<std::uint32_t>(row) + static_cast<std::uint32_t>(_tzcnt_u32(hits));
        }
    }
    const std::size_t tail =
        collect_within_generic(query, codes + row, n_rows - row, 1, max_distance, out + count);
    for (std::size_t i = 0; i < tail; ++i) out[count + i] += static_cast<std::uint32_t>(row);
    return count + tail;
}

// Tiles of 4 x 12 columns would spill; 4 x 8 columns use 8 of the 16 registers for sums.
void entry_gram_avx2(const double* weighted, const double* rows, std::size_t n_entries,
                     std::size_t width, double* gram) {
    for (std::size_t k = 0; k < width; k += 4) {
        for (std::size_t l = k & ~std::size_t{7}; l < width; l += 8) {
            __m256d s[4][2];
            for (std::size_t i = 0; i < 4; ++i) {
                s[i][0] = _mm256_loadu_pd(gram + (k + i) * width + l);
                s[i][1] = _mm256_loadu_pd(gram + (k + i) * width + l + 4);
            }
            for (std::size_t e = 0; e < n_entries; ++e) {
                const __m256d a = _mm256_loadu_pd(rows + e * width + l);
                const __m256d b = _mm256_loadu_pd(rows + e * width + l + 4);
                for (std::size_t i = 0; i < 4; ++i) {
                    const __m256d w = _mm256_broadcast_sd(weighted + e * width + k + i);
                    s[i][0] = _mm256_fmadd_pd(w, a, s[i][0]);
                    s[i][1] = _mm256_fmadd_pd(w, b, s[i][1]);
                }
            }
            for (std::size_t i = 0; i < 4; ++i) {
                _mm256_storeu_pd(gram + (k + i) * width + l, s[i][0]);
                _mm256_storeu_pd(gram + (k + i) * width + l + 4, s[i][1]);
            }
        }
    }
}

void int_scores_avx2(const std::int16_t* users, std::size_t n_users, const std::int16_t* panels,
                     std::size_t n_panels, std::size_t width, std::int32_t* scores) {
    for (std::size_t p = 0; p < n_panels; ++p) {
        const std::int16_t* panel = panels + p * width * 16;
        for (std::size_t u = 0; u < n_users; u += 4) {
            const std::size_t n = n_users - u < 4 ? n_users - u : 4;
            __m256i s[4][2] = {};
            for (std::size_t k = 0; k < width; k += 2) {
                const __m256i a =
                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(panel + k * 16));
                const __m256i b =
                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(panel + k * 16 + 16));
                for (std::size_t i = 0; i < n; ++i) {
                    std::int32_t pair;
                    __builtin_memcpy(&pair, users + (u + i) * width + k, sizeof(pair));
                    const __m256i q = _mm256_set1_epi32(pair);
                    s[i][0] = _mm256_add_epi32(s[i][0], _mm256_madd_epi16(a, q));
                    s[i][1] = _mm256_add_epi32(s[i][1], _mm256_madd_epi16(b, q));
                }
            }
            for (std::size_t i = 0; i < n; ++i) {
                auto* out = reinterpret_cast<__m256i*>(scores + ((u + i) * n_panels + p) * 16);
                _mm256_storeu_si256(out, s[i][0]);
                _mm256_storeu_si256(out + 1, s[i][1]);
            }
        }
    }
}

}  // namespace

const SolverKernels solver_avx2 = {
    collect_within_avx2, excess_generic,           transpose64_generic,  bit_gram_generic,
    bit_counts_generic,  entry_gram_avx2,          load_entries_generic, matvec_generic,
    sweep_signs_generic, sweep_mean_field_generic, ridge_row_generic,    float_gram_generic,
    int_scores_avx2,     collect_at_least_generic,
};

}  // namespace hashrec
