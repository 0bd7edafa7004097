// SPDX-License-Identifier: Apache-2.0
// AVX2 bodies. There are no mask registers, so four bits of a code pick one of 16 lane masks from a
// table of 512 bytes, and vandpd clears the lanes of entries or bits that are not set. Lanes hold
// what the portable bodies' lanes hold and are added in their order. Bits are counted with vpshufb
// as a table of nibbles and vpsadbw.
#include <immintrin.h>

#include "kernels/descent_generic.inl"

namespace hashrec {
namespace {

struct LaneMasks {
    alignas(32) std::int64_t lanes[16][4];

    constexpr LaneMasks() : lanes() {
        for (int bits = 0; bits < 16; ++bits) {
            for (int i = 0; i < 4; ++i) lanes[bits][i] = (bits >> i & 1) != 0 ? -1 : 0;
        }
    }
};

constexpr LaneMasks kMasks;

inline __m256d where_set(std::uint64_t bits, __m256d value) {
    const auto* mask = reinterpret_cast<const double*>(kMasks.lanes[bits & 15]);
    return _mm256_and_pd(_mm256_load_pd(mask), value);
}

bool read_signs_avx2(const std::int16_t* state, std::size_t n_bits, std::uint64_t* code) {
    const std::size_t whole = n_bits / 64 * 64;
    const __m256i one = _mm256_set1_epi16(kStateOne);
    int good = -1;
    for (std::size_t start = 0; start < whole; start += 64) {
        std::uint64_t word = 0;
        for (std::size_t part = 0; part < 2; ++part) {
            const auto* p = reinterpret_cast<const __m256i*>(state + start + 32 * part);
            const __m256i a = _mm256_loadu_si256(p), b = _mm256_loadu_si256(p + 1);
            const __m256i fits = _mm256_and_si256(_mm256_cmpeq_epi16(_mm256_abs_epi16(a), one),
                                                  _mm256_cmpeq_epi16(_mm256_abs_epi16(b), one));
            good &= _mm256_movemask_epi8(fits);
            // packing works in halves of 128 bits: put its quarters in order again
            const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8);
            const auto positive = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
            word |= static_cast<std::uint64_t>(positive) << (32 * part);
        }
        code[start / 64] = word;
    }
    if (whole == n_bits) return good == -1;
    return read_signs_generic(state + whole, n_bits - whole, code + whole / 64) && good == -1;
}

// Sums of 32 bits: eight registers.
template <int kRegisters>
void signed_sums_part(const std::uint64_t* words, std::size_t n_words, std::size_t shift,
                      const double* v, std::size_t n, __m256d all, double* out) {
    __m256d sum[kRegisters];
    for (auto& s : sum) s = _mm256_setzero_pd();
    for (std::size_t e = 0; e < n; ++e) {
        const std::uint64_t bits = words[e * n_words] >> shift;
        const __m256d value = _mm256_set1_pd(v[e]);
        for (int j = 0; j < kRegisters; ++j) {
            sum[j] = _mm256_add_pd(sum[j], where_set(bits >> (4 * j), value));
        }
    }
    for (int j = 0; j < kRegisters; ++j) {
        _mm256_storeu_pd(out + 4 * j, _mm256_sub_pd(_mm256_add_pd(sum[j], sum[j]), all));
    }
}

void signed_sums_avx2(const std::uint64_t* words, std::size_t n_words, const double* v,
                      std::size_t n, std::size_t width, double* out) {
    double total = 0.0;
    for (std::size_t e = 0; e < n; ++e) total += v[e];
    const __m256d all = _mm256_set1_pd(total);
    std::size_t l = 0;
    for (; l + 32 <= width; l += 32) {
        signed_sums_part<8>(words + l / 64, n_words, l % 64, v, n, all, out + l);
    }
    for (; l < width; l += 8) {
        signed_sums_part<2>(words + l / 64, n_words, l % 64, v, n, all, out + l);
    }
}

inline unsigned wanted4(const SignRow& row, std::size_t l) {
    const __m256d x = _mm256_loadu_pd(row.x + l);
    __m256d rest = _mm256_loadu_pd(row.linear + l);
    if (row.quad != nullptr) {
        const __m256d own = _mm256_mul_pd(_mm256_loadu_pd(row.quad_diagonal + l), x);
        const __m256d others = _mm256_sub_pd(_mm256_loadu_pd(row.quad_h + l), own);
        rest = _mm256_sub_pd(rest, _mm256_mul_pd(_mm256_set1_pd(row.scale), others));
    }
    const __m256d q = _mm256_add_pd(_mm256_loadu_pd(row.gain + l), rest);
    const __m256d limit = _mm256_sub_pd(_mm256_setzero_pd(), _mm256_loadu_pd(row.margin + l));
    const __m256d below = _mm256_cmp_pd(_mm256_mul_pd(q, x), limit, _CMP_LT_OQ);
    return static_cast<unsigned>(_mm256_movemask_pd(below));
}

inline unsigned wanted_avx2(const SignRow& row, std::size_t l) {
    return (wanted4(row, l) | wanted4(row, l + 4) << 4) & lanes_in_use(row, l);
}

bool would_flip_avx2(const SignRow& row) {
    unsigned any = 0;
    for (std::size_t l = 0; l < row.n_bits; l += 8) any |= wanted_avx2(row, l);
    return any != 0;
}

inline __m256i popcount_epi64(__m256i x) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    const __m256i counts =
        _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                        _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
    return _mm256_sad_epu8(counts, _mm256_setzero_si256());
}

// Four Gram entries n - 2 * differing bits as doubles, exact: counts are below 2^52.
inline __m256d count4(const std::uint64_t* columns, std::size_t width, std::size_t n_blocks,
                      std::size_t k, std::size_t l, double n) {
    __m256i differing = _mm256_setzero_si256();
    for (std::size_t b = 0; b < n_blocks; ++b) {
        const std::uint64_t* block = columns + b * width;
        const __m256i both =
            _mm256_xor_si256(_mm256_set1_epi64x(static_cast<long long>(block[k])),
                             _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + l)));
        differing = _mm256_add_epi64(differing, popcount_epi64(both));
    }
    const __m256d shift = _mm256_set1_pd(4503599627370496.0);  // 2^52: its low bits hold a count
    const __m256d count = _mm256_sub_pd(
        _mm256_castsi256_pd(_mm256_or_si256(differing, _mm256_castpd_si256(shift))), shift);
    return _mm256_sub_pd(_mm256_set1_pd(n), _mm256_add_pd(count, count));
}

std::size_t sweep_counts_avx2(const SignRow& row, const std::uint64_t* columns,
                              std::size_t n_entries) {
    const std::size_t n_blocks = (n_entries + 63) / 64;
    const auto n = static_cast<double>(n_entries);
    return descend(
        row, [&](std::size_t l) { return wanted_avx2(row, l); },
        [&](std::size_t k, double change) {
            const double own = row.gain[k];
            const __m256d step = _mm256_set1_pd(change);
            for (std::size_t l = 0; l < row.width; l += 4) {
                const __m256d column = count4(columns, row.width, n_blocks, k, l, n);
                const __m256d gain = _mm256_loadu_pd(row.gain + l);
                _mm256_storeu_pd(row.gain + l, _mm256_sub_pd(gain, _mm256_mul_pd(step, column)));
            }
            row.gain[k] = own;
            follow_quad(row, k, change);
        });
}

std::size_t sweep_gram_avx2(const SignRow& row, const double* gram) {
    return sweep_gram_judged(row, gram, wanted_avx2);
}

// 32 lanes in eight registers: s[0] and s[1] are the first eight lanes.
inline double sum_lanes_avx2(const __m256d* s) {
    const __m256d low = _mm256_add_pd(_mm256_add_pd(s[0], s[2]), _mm256_add_pd(s[4], s[6]));
    const __m256d high = _mm256_add_pd(_mm256_add_pd(s[1], s[3]), _mm256_add_pd(s[5], s[7]));
    const __m256d four = _mm256_add_pd(low, high);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

inline double sum_all_avx2(const EntryColumns& entries) {
    __m256d s[8];
    for (auto& lane : s) lane = _mm256_setzero_pd();
    for (std::size_t e = 0; e < entries.stride; e += kLanes) {
        for (std::size_t j = 0; j < 8; ++j) {
            s[j] = _mm256_add_pd(s[j], _mm256_loadu_pd(entries.v + e + 4 * j));
        }
    }
    return sum_lanes_avx2(s);
}

std::size_t sweep_signs_avx2(const SignRow& row, const EntryColumns& entries) {
    const std::size_t width = row.width;
    double all = sum_all_avx2(entries);
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            __m256d s[8];
            for (auto& lane : s) lane = _mm256_setzero_pd();
            for (std::size_t e = 0; e < entries.stride; e += kLanes) {
                const std::uint64_t bits = sign_lanes(entries, width, k, e);
                for (std::size_t j = 0; j < 8; ++j) {
                    const __m256d v = _mm256_loadu_pd(entries.v + e + 4 * j);
                    s[j] = _mm256_add_pd(s[j], where_set(bits >> (4 * j), v));
                }
            }
            return 2.0 * sum_lanes_avx2(s) - all;
        },
        [&](std::size_t k, double change) {
            // Weights and residuals behind the last entry are zero; unit weights need a mask.
            for (std::size_t e = 0; e < entries.n; e += 4) {
                const std::uint64_t bits = sign_lanes(entries, width, k, e);
                const __m256d twice = where_set(bits, _mm256_set1_pd(2.0 * change));
                __m256d step = _mm256_sub_pd(twice, _mm256_set1_pd(change));
                if (entries.weights != nullptr) {
                    step = _mm256_mul_pd(step, _mm256_loadu_pd(entries.weights + e));
                } else if (entries.n - e < 4) {
                    step = where_set((1U << (entries.n - e)) - 1U, step);
                }
                _mm256_storeu_pd(entries.v + e,
                                 _mm256_sub_pd(_mm256_loadu_pd(entries.v + e), step));
            }
            all = sum_all_avx2(entries);
        });
}

inline __m256d widen4(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }

std::size_t sweep_reals_avx2(const SignRow& row, const EntryColumns& entries) {
    const std::size_t stride = entries.stride;
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            const float* column = entries.values + k * stride;
            __m256d s[8];
            for (auto& lane : s) lane = _mm256_setzero_pd();
            for (std::size_t e = 0; e < stride; e += kLanes) {
                for (std::size_t j = 0; j < 8; ++j) {
                    const __m256d v = _mm256_loadu_pd(entries.v + e + 4 * j);
                    s[j] = _mm256_add_pd(s[j], _mm256_mul_pd(widen4(column + e + 4 * j), v));
                }
            }
            return sum_lanes_avx2(s);
        },
        [&](std::size_t k, double change) {
            const float* column = entries.values + k * stride;
            const __m256d factor = _mm256_set1_pd(change);
            for (std::size_t e = 0; e < stride; e += 4) {
                __m256d step = _mm256_mul_pd(factor, widen4(column + e));
                if (entries.weights != nullptr) {
                    step = _mm256_mul_pd(step, _mm256_loadu_pd(entries.weights + e));
                }
                _mm256_storeu_pd(entries.v + e,
                                 _mm256_sub_pd(_mm256_loadu_pd(entries.v + e), step));
            }
        });
}

void start_reals_avx2(const EntryColumns& entries, const double* lin, const double* x,
                      std::size_t width, double* v, double* curvature) {
    const std::size_t stride = entries.stride;
    const double* weights = entries.weights;
    for (std::size_t e = 0; e < stride; e += 4) {
        __m256d score = _mm256_setzero_pd();
        for (std::size_t k = 0; k < width; ++k) {
            const __m256d z = widen4(entries.values + k * stride + e);
            score = _mm256_add_pd(score, _mm256_mul_pd(_mm256_set1_pd(x[k]), z));
        }
        if (weights != nullptr) score = _mm256_mul_pd(score, _mm256_loadu_pd(weights + e));
        _mm256_storeu_pd(v + e, _mm256_sub_pd(_mm256_loadu_pd(lin + e), score));
    }
    for (std::size_t k = 0; k < width; ++k) {
        __m256d s[8];
        for (auto& lane : s) lane = _mm256_setzero_pd();
        for (std::size_t e = 0; e < stride; e += kLanes) {
            for (std::size_t j = 0; j < 8; ++j) {
                const std::size_t at = e + 4 * j;
                const __m256d z = widen4(entries.values + k * stride + at);
                __m256d square = _mm256_mul_pd(z, z);
                if (weights != nullptr) {
                    square = _mm256_mul_pd(_mm256_loadu_pd(weights + at), square);
                }
                s[j] = _mm256_add_pd(s[j], square);
            }
        }
        curvature[k] = sum_lanes_avx2(s);
    }
}

// Eight registers of sums: fewer would wait for their additions.
void matvec_avx2(const double* matrix, const double* vector, std::size_t width, double* out) {
    std::size_t l = 0;
    for (; l + 32 <= width; l += 32) {
        __m256d sum[8];
        for (auto& s : sum) s = _mm256_setzero_pd();
        for (std::size_t k = 0; k < width; ++k) {
            const __m256d factor = _mm256_set1_pd(vector[k]);
            const double* line = matrix + k * width + l;
            for (std::size_t j = 0; j < 8; ++j) {
                sum[j] =
                    _mm256_add_pd(sum[j], _mm256_mul_pd(factor, _mm256_loadu_pd(line + 4 * j)));
            }
        }
        for (std::size_t j = 0; j < 8; ++j) _mm256_storeu_pd(out + l + 4 * j, sum[j]);
    }
    matvec_from(matrix, vector, width, l, out);
}

}  // namespace

const DescentKernels descent_avx2 = {
    read_signs_avx2,      load_signs_generic,   signed_sums_avx2, would_flip_avx2,
    count_column_generic, sweep_counts_avx2,    sweep_gram_avx2,  sweep_signs_avx2,
    sweep_reals_avx2,     load_columns_generic, start_reals_avx2, matvec_avx2,
};

}  // namespace hashrec
