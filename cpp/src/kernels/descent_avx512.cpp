// SPDX-License-Identifier: Apache-2.0
// AVX-512 bodies.
//   vpopcntq, 8 a cycle     distances of gathered codes; a Gram column of 64 bits is 8 of them
//   masked vaddpd           adds a residual to the bits it belongs to, or to the entries that have
//                           a bit: the mask is a piece of the code or of the bit column
//   vcmppd into a mask      judges eight bits at once
// Lanes hold what the portable bodies' lanes hold and are added in their order.
#include <immintrin.h>

#include "kernels/descent_generic.inl"

namespace hashrec {
namespace {

bool read_signs_avx512(const std::int16_t* state, std::size_t n_bits, std::uint64_t* code) {
    const __m512i one = _mm512_set1_epi16(kStateOne);
    std::uint32_t bad = 0;
    for (std::size_t start = 0; start < n_bits; start += 32) {
        const auto lanes = static_cast<__mmask32>(
            n_bits - start >= 32 ? 0xffffffffU : (1U << (n_bits - start)) - 1U);
        const __m512i v = _mm512_maskz_loadu_epi16(lanes, state + start);
        bad |= _mm512_mask_cmpneq_epi16_mask(lanes, _mm512_abs_epi16(v), one);
        const std::uint64_t positive = ~_mm512_movepi16_mask(v) & lanes;
        if (start % 64 == 0) {
            code[start / 64] = positive;
        } else {
            code[start / 64] |= positive << 32;
        }
    }
    return bad == 0;
}

void load_signs_avx512(const std::uint64_t* codes, std::size_t n_words, const std::int32_t* ids,
                       std::size_t n, const std::uint64_t* own, std::size_t n_bits,
                       const double* quad, const double* lin, std::uint64_t* words, double* v) {
    if (n_words != 1) {
        load_signs_generic(codes, n_words, ids, n, own, n_bits, quad, lin, words, v);
        return;
    }
    const __m512i query = _mm512_set1_epi64(static_cast<long long>(own[0]));
    const __m512i top = _mm512_set1_epi64(static_cast<long long>(n_bits));
    for (std::size_t e = 0; e < n; e += 8) {
        const auto lanes = static_cast<__mmask8>(n - e >= 8 ? 0xff : (1U << (n - e)) - 1U);
        const __m512i x = _mm512_mask_i32gather_epi64(
            _mm512_setzero_si512(), lanes, _mm256_maskz_loadu_epi32(lanes, ids + e), codes, 8);
        const __m512i distance = _mm512_popcnt_epi64(_mm512_xor_si512(x, query));
        __m512d score =
            _mm512_cvtepi64_pd(_mm512_sub_epi64(top, _mm512_add_epi64(distance, distance)));
        if (quad != nullptr) score = _mm512_mul_pd(score, _mm512_maskz_loadu_pd(lanes, quad + e));
        _mm512_mask_storeu_epi64(words + e, lanes, x);
        _mm512_mask_storeu_pd(v + e, lanes,
                              _mm512_sub_pd(_mm512_maskz_loadu_pd(lanes, lin + e), score));
    }
}

// Up to 64 bits at once: eight registers of sums.
template <int kRegisters>
void signed_sums_word(const std::uint64_t* words, std::size_t n_words, const double* v,
                      std::size_t n, const __m512d all, double* out) {
    __m512d sum[kRegisters];
    for (auto& s : sum) s = _mm512_setzero_pd();
    for (std::size_t e = 0; e < n; ++e) {
        const std::uint64_t bits = words[e * n_words];
        const __m512d value = _mm512_set1_pd(v[e]);
        for (int j = 0; j < kRegisters; ++j) {
            sum[j] =
                _mm512_mask_add_pd(sum[j], static_cast<__mmask8>(bits >> (8 * j)), sum[j], value);
        }
    }
    for (int j = 0; j < kRegisters; ++j) {
        _mm512_storeu_pd(out + 8 * j, _mm512_sub_pd(_mm512_add_pd(sum[j], sum[j]), all));
    }
}

void signed_sums_avx512(const std::uint64_t* words, std::size_t n_words, const double* v,
                        std::size_t n, std::size_t width, double* out) {
    double total = 0.0;
    for (std::size_t e = 0; e < n; ++e) total += v[e];
    const __m512d all = _mm512_set1_pd(total);
    std::size_t l = 0;
    for (; l + 64 <= width; l += 64) {
        signed_sums_word<8>(words + l / 64, n_words, v, n, all, out + l);
    }
    for (; l < width; l += 8) {
        __m512d sum = _mm512_setzero_pd();
        for (std::size_t e = 0; e < n; ++e) {
            const std::uint64_t bits = words[e * n_words + l / 64] >> (l % 64);
            sum = _mm512_mask_add_pd(sum, static_cast<__mmask8>(bits), sum, _mm512_set1_pd(v[e]));
        }
        _mm512_storeu_pd(out + l, _mm512_sub_pd(_mm512_add_pd(sum, sum), all));
    }
}

inline unsigned wanted_avx512(const SignRow& row, std::size_t l) {
    const __m512d x = _mm512_loadu_pd(row.x + l);
    __m512d rest = _mm512_loadu_pd(row.linear + l);
    if (row.quad != nullptr) {
        const __m512d own = _mm512_mul_pd(_mm512_loadu_pd(row.quad_diagonal + l), x);
        const __m512d others = _mm512_sub_pd(_mm512_loadu_pd(row.quad_h + l), own);
        rest = _mm512_sub_pd(rest, _mm512_mul_pd(_mm512_set1_pd(row.scale), others));
    }
    const __m512d q = _mm512_add_pd(_mm512_loadu_pd(row.gain + l), rest);
    const __m512d limit = _mm512_sub_pd(_mm512_setzero_pd(), _mm512_loadu_pd(row.margin + l));
    return _mm512_cmp_pd_mask(_mm512_mul_pd(q, x), limit, _CMP_LT_OQ) & lanes_in_use(row, l);
}

bool would_flip_avx512(const SignRow& row) {
    unsigned any = 0;
    for (std::size_t l = 0; l < row.n_bits; l += 8) any |= wanted_avx512(row, l);
    return any != 0;
}

std::size_t sweep_counts_avx512(const SignRow& row, const std::uint64_t* columns,
                                std::size_t n_entries) {
    const std::size_t width = row.width, n_blocks = (n_entries + 63) / 64;
    const __m512i n = _mm512_set1_epi64(static_cast<long long>(n_entries));
    return descend(
        row, [&](std::size_t l) { return wanted_avx512(row, l); },
        [&](std::size_t k, double change) {
            const double own = row.gain[k];
            const __m512d step = _mm512_set1_pd(change);
            for (std::size_t l = 0; l < width; l += 8) {
                __m512i differing = _mm512_setzero_si512();
                for (std::size_t b = 0; b < n_blocks; ++b) {
                    const std::uint64_t* block = columns + b * width;
                    const __m512i both =
                        _mm512_xor_si512(_mm512_set1_epi64(static_cast<long long>(block[k])),
                                         _mm512_loadu_si512(block + l));
                    differing = _mm512_add_epi64(differing, _mm512_popcnt_epi64(both));
                }
                const __m512d column =
                    _mm512_cvtepi64_pd(_mm512_sub_epi64(n, _mm512_add_epi64(differing, differing)));
                const __m512d gain = _mm512_loadu_pd(row.gain + l);
                _mm512_storeu_pd(row.gain + l, _mm512_sub_pd(gain, _mm512_mul_pd(step, column)));
            }
            row.gain[k] = own;
            follow_quad(row, k, change);
        });
}

std::size_t sweep_gram_avx512(const SignRow& row, const double* gram) {
    return sweep_gram_judged(row, gram, wanted_avx512);
}

inline double sum_lanes_avx512(__m512d a, __m512d b, __m512d c, __m512d d) {
    const __m512d s = _mm512_add_pd(_mm512_add_pd(a, b), _mm512_add_pd(c, d));
    const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(s), _mm512_extractf64x4_pd(s, 1));
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

std::size_t sweep_signs_avx512(const SignRow& row, const EntryColumns& entries) {
    const std::size_t width = row.width, stride = entries.stride;
    double all = sum_all(entries);
    const auto masks = [&](std::size_t k, std::size_t e) {
        return static_cast<std::uint32_t>(entries.signs[e / 64 * width + k] >> (e % 64));
    };
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
            for (std::size_t e = 0; e < stride; e += kLanes) {
                const std::uint32_t m = masks(k, e);
                const double* v = entries.v + e;
                s0 = _mm512_mask_add_pd(s0, static_cast<__mmask8>(m), s0, _mm512_loadu_pd(v));
                s1 = _mm512_mask_add_pd(s1, static_cast<__mmask8>(m >> 8), s1,
                                        _mm512_loadu_pd(v + 8));
                s2 = _mm512_mask_add_pd(s2, static_cast<__mmask8>(m >> 16), s2,
                                        _mm512_loadu_pd(v + 16));
                s3 = _mm512_mask_add_pd(s3, static_cast<__mmask8>(m >> 24), s3,
                                        _mm512_loadu_pd(v + 24));
            }
            return 2.0 * sum_lanes_avx512(s0, s1, s2, s3) - all;
        },
        [&](std::size_t k, double change) {
            const __m512d plus = _mm512_set1_pd(change), minus = _mm512_set1_pd(-change);
            for (std::size_t e = 0; e < entries.n; e += 8) {
                const auto m = static_cast<__mmask8>(sign_lanes(entries, width, k, e));
                const auto in_use =
                    static_cast<__mmask8>(entries.n - e >= 8 ? 0xff : (1U << (entries.n - e)) - 1U);
                __m512d step = _mm512_mask_mov_pd(minus, m, plus);
                if (entries.weights != nullptr) {
                    step = _mm512_mul_pd(step, _mm512_loadu_pd(entries.weights + e));
                }
                const __m512d v = _mm512_loadu_pd(entries.v + e);
                _mm512_storeu_pd(entries.v + e, _mm512_mask_sub_pd(v, in_use, v, step));
            }
            all = sum_all(entries);
        });
}

inline __m512d widen_avx512(const float* p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }

std::size_t sweep_reals_avx512(const SignRow& row, const EntryColumns& entries) {
    const std::size_t stride = entries.stride;
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            const float* column = entries.values + k * stride;
            __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
            const auto product = [&](std::size_t e) {
                return _mm512_mul_pd(widen_avx512(column + e), _mm512_loadu_pd(entries.v + e));
            };
            for (std::size_t e = 0; e < stride; e += kLanes) {
                s0 = _mm512_add_pd(s0, product(e));
                s1 = _mm512_add_pd(s1, product(e + 8));
                s2 = _mm512_add_pd(s2, product(e + 16));
                s3 = _mm512_add_pd(s3, product(e + 24));
            }
            return sum_lanes_avx512(s0, s1, s2, s3);
        },
        [&](std::size_t k, double change) {
            const float* column = entries.values + k * stride;
            const __m512d factor = _mm512_set1_pd(change);
            for (std::size_t e = 0; e < stride; e += 8) {
                __m512d step = _mm512_mul_pd(factor, widen_avx512(column + e));
                if (entries.weights != nullptr) {
                    step = _mm512_mul_pd(step, _mm512_loadu_pd(entries.weights + e));
                }
                _mm512_storeu_pd(entries.v + e,
                                 _mm512_sub_pd(_mm512_loadu_pd(entries.v + e), step));
            }
        });
}

void start_reals_avx512(const EntryColumns& entries, const double* lin, const double* x,
                        std::size_t width, double* v, double* curvature) {
    const std::size_t stride = entries.stride;
    const double* weights = entries.weights;
    for (std::size_t e = 0; e < stride; e += 8) {
        __m512d score = _mm512_setzero_pd();
        for (std::size_t k = 0; k < width; ++k) {
            const __m512d z = widen_avx512(entries.values + k * stride + e);
            score = _mm512_add_pd(score, _mm512_mul_pd(_mm512_set1_pd(x[k]), z));
        }
        if (weights != nullptr) score = _mm512_mul_pd(score, _mm512_loadu_pd(weights + e));
        _mm512_storeu_pd(v + e, _mm512_sub_pd(_mm512_loadu_pd(lin + e), score));
    }
    for (std::size_t k = 0; k < width; ++k) {
        const auto square = [&](std::size_t at) {
            const __m512d z = widen_avx512(entries.values + k * stride + at);
            const __m512d zz = _mm512_mul_pd(z, z);
            return weights != nullptr ? _mm512_mul_pd(_mm512_loadu_pd(weights + at), zz) : zz;
        };
        __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
        for (std::size_t e = 0; e < stride; e += kLanes) {
            s0 = _mm512_add_pd(s0, square(e));
            s1 = _mm512_add_pd(s1, square(e + 8));
            s2 = _mm512_add_pd(s2, square(e + 16));
            s3 = _mm512_add_pd(s3, square(e + 24));
        }
        curvature[k] = sum_lanes_avx512(s0, s1, s2, s3);
    }
}

// Eight registers of sums: fewer would wait for their additions.
void matvec_avx512(const double* matrix, const double* vector, std::size_t width, double* out) {
    std::size_t l = 0;
    for (; l + 64 <= width; l += 64) {
        __m512d sum[8];
        for (auto& s : sum) s = _mm512_setzero_pd();
        for (std::size_t k = 0; k < width; ++k) {
            const __m512d factor = _mm512_set1_pd(vector[k]);
            const double* line = matrix + k * width + l;
            for (std::size_t j = 0; j < 8; ++j) {
                sum[j] =
                    _mm512_add_pd(sum[j], _mm512_mul_pd(factor, _mm512_loadu_pd(line + 8 * j)));
            }
        }
        for (std::size_t j = 0; j < 8; ++j) _mm512_storeu_pd(out + l + 8 * j, sum[j]);
    }
    matvec_from(matrix, vector, width, l, out);
}

}  // namespace

const DescentKernels descent_avx512 = {
    read_signs_avx512,    load_signs_avx512,    signed_sums_avx512, would_flip_avx512,
    count_column_generic, sweep_counts_avx512,  sweep_gram_avx512,  sweep_signs_avx512,
    sweep_reals_avx512,   load_columns_generic, start_reals_avx512, matvec_avx512,
};

}  // namespace hashrec
