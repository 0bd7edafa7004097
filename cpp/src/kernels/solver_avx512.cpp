// SPDX-License-Identifier: Apache-2.0
// AVX-512 bodies (BW, VPOPCNTDQ, VBMI, VNNI, GFNI).
//   vpopcntq      64-bit popcounts, 8 a cycle (port 5): bound of the scan and of the bit Gram
//   vpermb + vgf2p8affineqb   64 x 64 bit transpose in about 60 instructions
//   vfmadd231pd   exact Gram matrix; fusing cannot change an exact sum
//   vpdpwssd      32 products of integer scores an instruction, exact in 32 bits by the caller
#include <immintrin.h>

#include "kernels/solver_generic.inl"

namespace hashrec {
namespace {

inline __m512i byte_places() {
    alignas(64) std::uint8_t place[64];
    for (int i = 0; i < 64; ++i) place[i] = static_cast<std::uint8_t>(i);
    return _mm512_load_si512(place);
}

// Distances of eight neighbouring codes as 64-bit lanes. kWords 0: any number of words.
template <int kWords>
inline __m512i distances8(const std::uint64_t* codes, const std::uint64_t* query, __m512i wanted,
                          std::size_t n_words) {
    const auto counted = [&](int part) {
        return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(codes + 8 * part), wanted));
    };
    if constexpr (kWords == 1) {
        return counted(0);
    } else if constexpr (kWords == 2) {  // even lanes hold first words, odd lanes second words
        const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
        const __m512i odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
        const __m512i a = counted(0), b = counted(1);
        return _mm512_add_epi64(_mm512_permutex2var_epi64(a, even, b),
                                _mm512_permutex2var_epi64(a, odd, b));
    } else if constexpr (kWords == 4) {
        const auto halves = [&](int part) {  // [c0 c2 c0 c2 c1 c3 c1 c3], two words summed
            const __m512i a = counted(part), b = counted(part + 1);
            return _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        };
        const __m512i first = _mm512_set_epi64(13, 9, 12, 8, 5, 1, 4, 0);
        const __m512i second = _mm512_set_epi64(15, 11, 14, 10, 7, 3, 6, 2);
        const __m512i a = halves(0), b = halves(2);
        return _mm512_add_epi64(_mm512_permutex2var_epi64(a, first, b),
                                _mm512_permutex2var_epi64(a, second, b));
    } else {
        const __m512i stride =
            _mm512_mullo_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0),
                               _mm512_set1_epi64(static_cast<long long>(n_words)));
        __m512i distance = _mm512_setzero_si512();
        for (std::size_t w = 0; w < n_words; ++w) {
            const __m512i x = _mm512_i64gather_epi64(stride, codes + w, 8);
            const __m512i q = _mm512_set1_epi64(static_cast<long long>(query[w]));
            distance = _mm512_add_epi64(distance, _mm512_popcnt_epi64(_mm512_xor_si512(x, q)));
        }
        return distance;
    }
}

template <int kWords>
std::size_t collect_words(const std::uint64_t* query, const std::uint64_t* codes,
                          std::size_t n_rows, std::size_t n_words, std::uint32_t max_distance,
                          std::uint32_t* out) {
    const __m512i limit = _mm512_set1_epi64(max_distance);
    const __m512i places = byte_places();
    alignas(64) std::uint64_t repeated[8] = {};
    for (int i = 0; kWords > 0 && i < 8; ++i) repeated[i] = query[i % (kWords > 0 ? kWords : 1)];
    const __m512i wanted = _mm512_load_si512(repeated);
    std::size_t count = 0, row = 0;
    for (; row + 64 <= n_rows; row += 64) {
        std::uint64_t hits = 0;
        for (std::size_t part = 0; part < 8; ++part) {
            const __m512i distance =
                distances8<kWords>(codes + (row + 8 * part) * n_words, query, wanted, n_words);
            const std::uint64_t mask = _mm512_cmple_epu64_mask(distance, limit);
            hits |= mask << (8 * part);
        }
        // A branch per hit would be mispredicted; up to 16 hits are written without one.
        __m512i bytes = _mm512_maskz_compress_epi8(hits, places);
        const auto base = _mm512_set1_epi32(static_cast<int>(row));
        const auto n = static_cast<std::size_t>(_mm_popcnt_u64(hits));
        for (std::size_t done = 0;;) {
            _mm512_storeu_si512(
                out + count + done,
                _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(bytes))));
            done += 16;
            if (done >= n) break;
            bytes = _mm512_shuffle_i32x4(bytes, bytes, 0x39);  // next 16 bytes to the front
        }
        count += n;
    }
    const std::size_t tail = collect_within_generic(query, codes + row * n_words, n_rows - row,
                                                    n_words, max_distance, out + count);
    for (std::size_t i = 0; i < tail; ++i) out[count + i] += static_cast<std::uint32_t>(row);
    return count + tail;
}

std::size_t collect_within_avx512(const std::uint64_t* query, const std::uint64_t* codes,
                                  std::size_t n_rows, std::size_t n_words,
                                  std::uint32_t max_distance, std::uint32_t* out) {
    switch (n_words) {
        case 1:
            return collect_words<1>(query, codes, n_rows, n_words, max_distance, out);
        case 2:
            return collect_words<2>(query, codes, n_rows, n_words, max_distance, out);
        case 4:
            return collect_words<4>(query, codes, n_rows, n_words, max_distance, out);
        default:
            return collect_words<0>(query, codes, n_rows, n_words, max_distance, out);
    }
}

std::int64_t excess_avx512(const std::uint64_t* query, const std::uint64_t* codes,
                           std::size_t n_words, const std::uint32_t* ids, std::size_t n,
                           std::int64_t n_bits, std::int64_t bound) {
    if (n_words != 1) return excess_generic(query, codes, n_words, ids, n, n_bits, bound);
    const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(query[0]));
    const __m512i top = _mm512_set1_epi64(n_bits - bound);
    __m512i sum = _mm512_setzero_si512();
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m512i x = _mm512_i32gather_epi64(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ids + i)), codes, 8);
        const __m512i distance = _mm512_popcnt_epi64(_mm512_xor_si512(x, wanted));
        const __m512i over = _mm512_max_epi64(
            _mm512_sub_epi64(top, _mm512_add_epi64(distance, distance)), _mm512_setzero_si512());
        sum = _mm512_add_epi64(sum, _mm512_mul_epu32(over, over));
    }
    return _mm512_reduce_add_epi64(sum) +
           excess_generic(query, codes, 1, ids + i, n - i, n_bits, bound);
}

// Bytes of 8 codes are brought together with vpermb, each 8 x 8 bit tile is transposed by an
// affine transform of the identity with the tile as matrix, then the tiles are distributed.
void transpose64_avx512(const std::uint64_t* in, std::uint64_t* out) {
    alignas(64) std::uint8_t order[64];
    for (int byte = 0; byte < 8; ++byte) {
        // vgf2p8affineqb takes matrix rows from the last byte down: reverse the codes.
        for (int code = 0; code < 8; ++code) {
            order[byte * 8 + code] = static_cast<std::uint8_t>((7 - code) * 8 + byte);
        }
    }
    const __m512i gather = _mm512_load_si512(order);
    const __m512i identity = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
    alignas(64) std::uint8_t tile[8][64];  // tile[group of 8 codes][byte * 8 + bit] = 8 codes' bits
    for (int group = 0; group < 8; ++group) {
        const __m512i codes = _mm512_loadu_si512(in + 8 * group);
        const __m512i bytes = _mm512_permutexvar_epi8(gather, codes);
        _mm512_store_si512(tile[group], _mm512_gf2p8affine_epi64_epi8(identity, bytes, 0));
    }
    const __m512i stride = _mm512_set_epi64(56, 48, 40, 32, 24, 16, 8, 0);  // in qwords
    alignas(64) std::uint8_t spread[64];
    for (int bit = 0; bit < 8; ++bit) {
        for (int group = 0; group < 8; ++group) {
            spread[bit * 8 + group] = static_cast<std::uint8_t>(group * 8 + bit);
        }
    }
    const __m512i scatter = _mm512_load_si512(spread);
    for (int byte = 0; byte < 8; ++byte) {
        const __m512i groups = _mm512_i64gather_epi64(stride, tile[0] + 8 * byte, 8);
        _mm512_storeu_si512(out + 8 * byte, _mm512_permutexvar_epi8(scatter, groups));
    }
}

// Two rows by four registers of columns: 8 sums, 8 xors and 8 popcounts per 4 loads.
void bit_gram_avx512(const std::uint64_t* columns, std::size_t width,
                     const std::uint32_t* class_begin, const std::int64_t* class_weight,
                     std::size_t n_classes, std::int64_t* gram) {
    for (std::size_t k = 0; k < width; k += 2) {
        for (std::size_t l = k & ~std::size_t{7}; l < width; l += 32) {
            const std::size_t n = (width - l < 32 ? width - l : 32) / 8;
            __m512i total[2][4] = {};
            for (std::size_t c = 0; c < n_classes; ++c) {
                if (class_begin[c] == class_begin[c + 1]) continue;
                __m512i count[2][4] = {};
                const auto accumulate = [&](std::size_t n_registers) {
                    for (std::size_t b = class_begin[c]; b < class_begin[c + 1]; ++b) {
                        const std::uint64_t* block = columns + b * width;
                        const __m512i x0 = _mm512_set1_epi64(static_cast<long long>(block[k]));
                        const __m512i x1 = _mm512_set1_epi64(static_cast<long long>(block[k + 1]));
                        for (std::size_t j = 0; j < n_registers; ++j) {
                            const __m512i y = _mm512_loadu_si512(block + l + 8 * j);
                            count[0][j] = _mm512_add_epi64(
                                count[0][j], _mm512_popcnt_epi64(_mm512_xor_si512(x0, y)));
                            count[1][j] = _mm512_add_epi64(
                                count[1][j], _mm512_popcnt_epi64(_mm512_xor_si512(x1, y)));
                        }
                    }
                };
                if (n == 4)
                    accumulate(4);
                else if (n == 3)
                    accumulate(3);
                else if (n == 2)
                    accumulate(2);
                else
                    accumulate(1);
                const __m512i weight = _mm512_set1_epi64(class_weight[c]);
                for (std::size_t i = 0; i < 2; ++i) {
                    for (std::size_t j = 0; j < 4; ++j) {
                        total[i][j] =
                            _mm512_add_epi64(total[i][j], _mm512_mullo_epi64(weight, count[i][j]));
                    }
                }
            }
            for (std::size_t i = 0; i < 2; ++i) {
                for (std::size_t j = 0; j < n; ++j) {
                    std::int64_t* out = gram + (k + i) * width + l + 8 * j;
                    _mm512_storeu_si512(out,
                                        _mm512_add_epi64(_mm512_loadu_si512(out), total[i][j]));
                }
            }
        }
    }
}

// Tiles of 8 x 16 columns: 16 sums, two loads and eight broadcasts per entry.
void entry_gram_avx512(const double* weighted, const double* rows, std::size_t n_entries,
                       std::size_t width, double* gram) {
    for (std::size_t k = 0; k < width; k += 8) {
        std::size_t l = k;
        for (; l + 16 <= width; l += 16) {
            __m512d s[8][2];
            for (std::size_t i = 0; i < 8; ++i) {
                s[i][0] = _mm512_loadu_pd(gram + (k + i) * width + l);
                s[i][1] = _mm512_loadu_pd(gram + (k + i) * width + l + 8);
            }
            for (std::size_t e = 0; e < n_entries; ++e) {
                const __m512d a = _mm512_loadu_pd(rows + e * width + l);
                const __m512d b = _mm512_loadu_pd(rows + e * width + l + 8);
                for (std::size_t i = 0; i < 8; ++i) {
                    const __m512d w = _mm512_set1_pd(weighted[e * width + k + i]);
                    s[i][0] = _mm512_fmadd_pd(w, a, s[i][0]);
                    s[i][1] = _mm512_fmadd_pd(w, b, s[i][1]);
                }
            }
            for (std::size_t i = 0; i < 8; ++i) {
                _mm512_storeu_pd(gram + (k + i) * width + l, s[i][0]);
                _mm512_storeu_pd(gram + (k + i) * width + l + 8, s[i][1]);
            }
        }
        if (l < width) {
            __m512d s[8];
            for (std::size_t i = 0; i < 8; ++i) s[i] = _mm512_loadu_pd(gram + (k + i) * width + l);
            for (std::size_t e = 0; e < n_entries; ++e) {
                const __m512d a = _mm512_loadu_pd(rows + e * width + l);
                for (std::size_t i = 0; i < 8; ++i) {
                    s[i] = _mm512_fmadd_pd(_mm512_set1_pd(weighted[e * width + k + i]), a, s[i]);
                }
            }
            for (std::size_t i = 0; i < 8; ++i) _mm512_storeu_pd(gram + (k + i) * width + l, s[i]);
        }
    }
}

// Four users by four panels: 16 sums, 4 panel loads and 4 broadcasts per pair of dimensions.
template <int kUsers, int kPanels>
void int_scores_tile(const std::int16_t* users, const std::int16_t* panels, std::size_t width,
                     std::size_t n_panels, std::int32_t* scores) {
    __m512i s[kUsers][kPanels] = {};
    for (std::size_t k = 0; k < width; k += 2) {
        __m512i item[kPanels];
        for (int p = 0; p < kPanels; ++p) {
            item[p] =
                _mm512_loadu_si512(panels + static_cast<std::size_t>(p) * width * 16 + k * 16);
        }
        for (int u = 0; u < kUsers; ++u) {
            std::int32_t pair;
            __builtin_memcpy(&pair, users + static_cast<std::size_t>(u) * width + k, sizeof(pair));
            const __m512i q = _mm512_set1_epi32(pair);
            for (int p = 0; p < kPanels; ++p) s[u][p] = _mm512_dpwssd_epi32(s[u][p], item[p], q);
        }
    }
    for (int u = 0; u < kUsers; ++u) {
        for (int p = 0; p < kPanels; ++p) {
            _mm512_storeu_si512(
                scores +
                    (static_cast<std::size_t>(u) * n_panels + static_cast<std::size_t>(p)) * 16,
                s[u][p]);
        }
    }
}

void int_scores_avx512(const std::int16_t* users, std::size_t n_users, const std::int16_t* panels,
                       std::size_t n_panels, std::size_t width, std::int32_t* scores) {
    std::size_t p = 0;
    for (; p + 4 <= n_panels; p += 4) {
        const std::int16_t* block = panels + p * width * 16;
        std::size_t u = 0;
        for (; u + 4 <= n_users; u += 4) {
            int_scores_tile<4, 4>(users + u * width, block, width, n_panels,
                                  scores + (u * n_panels + p) * 16);
        }
        for (; u < n_users; ++u) {
            int_scores_tile<1, 4>(users + u * width, block, width, n_panels,
                                  scores + (u * n_panels + p) * 16);
        }
    }
    for (; p < n_panels; ++p) {
        for (std::size_t u = 0; u < n_users; ++u) {
            int_scores_tile<1, 1>(users + u * width, panels + p * width * 16, width, n_panels,
                                  scores + (u * n_panels + p) * 16);
        }
    }
}

std::size_t collect_at_least_avx512(const std::int32_t* scores, std::size_t n,
                                    std::int32_t threshold, std::uint32_t* out) {
    const __m512i limit = _mm512_set1_epi32(threshold);
    std::size_t count = 0, i = 0;
    for (; i + 16 <= n; i += 16) {
        std::uint32_t hits = _mm512_cmpge_epi32_mask(_mm512_loadu_si512(scores + i), limit);
        for (; hits != 0; hits &= hits - 1) {
            out[count++] =
                static_cast<std::uint32_t>(i) + static_cast<std::uint32_t>(_tzcnt_u32(hits));
        }
    }
    const std::size_t tail = collect_at_least_generic(scores + i, n - i, threshold, out + count);
    for (std::size_t t = 0; t < tail; ++t) out[count + t] += static_cast<std::uint32_t>(i);
    return count + tail;
}

}  // namespace

const SolverKernels solver_avx512 = {
    collect_within_avx512,    excess_avx512,           transpose64_avx512,
    bit_gram_avx512,          bit_counts_generic,      entry_gram_avx512,
    load_entries_generic,     matvec_generic,          sweep_signs_generic,
    sweep_mean_field_generic, ridge_row_generic,       float_gram_generic,
    int_scores_avx512,        collect_at_least_avx512,
};

}  // namespace hashrec
