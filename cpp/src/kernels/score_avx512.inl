// SPDX-License-Identifier: Apache-2.0
// Filter by groups of 6 bits: a row's loss is the sum of 11 table entries per word, 64 rows at
// once.
//
//   vpermb           64 look-ups in a table of 64 bytes   1/cycle (port 5), 11 per 64 rows and word
//   vpaddusb         saturating sum of bytes              2/cycle (ports 0, 5), 10 of them
//   vpminub          one compare per 128 rows             1/cycle (port 0)
//   vpmultishiftqb   8 fields of a word as bytes          2 per 8 rows, only to expand
//
// vpermb reads the low 6 bits of an index, so fields need no mask. Bytes saturate at 255, which
// only lowers a loss. The sums of several words are widened to 16 bits after each word: at most
// 64 * 255, no overflow.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of the undefined vectors in its own immintrin.h.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include "kernels/score_dot.inl"

namespace hashrec {
namespace {

constexpr std::size_t kGroupBits = 6;
constexpr std::size_t kGroups = 11;  // the last one has 4 bits
constexpr std::size_t kWordTable = kGroups * 64;
constexpr std::size_t kWordPlanes = kGroups * 64;  // bytes of 64 rows and one word

inline __m512i load(const void* p) { return _mm512_loadu_si512(p); }
inline void store(void* p, __m512i v) { _mm512_storeu_si512(p, v); }

// Fields 0..7 or 8..10 of 8 words, as [field][row] bytes.
inline __m512i fields_of(__m512i words, long long shifts) {
    const __m512i by_row = _mm512_multishift_epi64_epi8(_mm512_set1_epi64(shifts), words);
    const __m512i order = _mm512_set_epi64(
        0x3f372f271f170f07, 0x3e362e261e160e06, 0x3d352d251d150d05, 0x3c342c241c140c04,
        0x3b332b231b130b03, 0x3a322a221a120a02, 0x3931292119110901, 0x3830282018100800);
    return _mm512_permutexvar_epi8(order, by_row);
}

// Four vectors of 128-bit lanes, transposed.
inline void transpose_lanes(__m512i (&v)[4]) {
    const __m512i a = _mm512_shuffle_i64x2(v[0], v[1], 0x44);
    const __m512i b = _mm512_shuffle_i64x2(v[2], v[3], 0x44);
    const __m512i c = _mm512_shuffle_i64x2(v[0], v[1], 0xee);
    const __m512i d = _mm512_shuffle_i64x2(v[2], v[3], 0xee);
    v[0] = _mm512_shuffle_i64x2(a, b, 0x88);
    v[1] = _mm512_shuffle_i64x2(a, b, 0xdd);
    v[2] = _mm512_shuffle_i64x2(c, d, 0x88);
    v[3] = _mm512_shuffle_i64x2(c, d, 0xdd);
}

// The first `n` of 8 fields of 64 rows to planes of 64 bytes.
template <std::size_t n>
inline void store_fields(const __m512i (&words)[8], long long shifts, std::uint8_t* planes) {
    __m512i even[4];
    __m512i odd[4];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
        const __m512i a = fields_of(words[2 * i], shifts);
        const __m512i b = fields_of(words[2 * i + 1], shifts);
        even[i] = _mm512_unpacklo_epi64(a, b);
        odd[i] = _mm512_unpackhi_epi64(a, b);
    }
    transpose_lanes(even);
    transpose_lanes(odd);
#pragma GCC unroll 8
    for (std::size_t field = 0; field < n; ++field) {
        store(planes + 64 * field, field % 2 == 0 ? even[field / 2] : odd[field / 2]);
    }
}

// planes: [64 rows][word][group][row], one group a byte; upper two bits of a byte are arbitrary.
[[maybe_unused]] void expand_avx512(const std::uint64_t* rows, std::size_t n_rows,
                                    std::size_t n_words, std::uint8_t* planes) {
    const auto stride = static_cast<long long>(n_words);
    const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512i index = _mm512_mullo_epi64(lanes, _mm512_set1_epi64(stride));
    for (std::size_t first = 0; first < n_rows; first += 64) {
        const std::uint64_t present = existing(first, n_rows);
        for (std::size_t w = 0; w < n_words; ++w, planes += kWordPlanes) {
            __m512i words[8];
            for (std::size_t i = 0; i < 8; ++i) {
                const auto mask = static_cast<__mmask8>(present >> (8 * i));
                const std::uint64_t* source = rows + (first + 8 * i) * n_words + w;
                words[i] = n_words == 1 ? _mm512_maskz_loadu_epi64(mask, source)
                                        : _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), mask,
                                                                      index, source, 8);
            }
            store_fields<8>(words, 0x2a241e18120c0600, planes);
            store_fields<3>(words, 0x00000000003c3630, planes + 8 * 64);
        }
    }
}

inline void offer(ScoreBatch& batch, std::size_t query, const ScoreBlock& block, std::size_t first,
                  std::uint64_t mask) {
    mask &= existing(first, block.n_rows);
    if (mask != 0) push_hits(batch, query, mask, block.place + static_cast<std::uint32_t>(first));
}

inline __m512i byte_limit(const ScoreBatch& batch, std::size_t query) {
    const std::int32_t limit = batch.limits[query];
    return _mm512_set1_epi8(static_cast<char>(limit < 255 ? limit : 255));
}

// The tables of one query stay in registers.
inline void scan_one_word(ScoreBatch& batch, std::size_t query, const ScoreBlock& block) {
    if (batch.limits[query] < 0) return;  // values are >= 0
    __m512i tables[kGroups];
#pragma GCC unroll 11
    for (std::size_t j = 0; j < kGroups; ++j) {
        tables[j] = load(batch.tables + query * kWordTable + 64 * j);
    }
    const auto sums = [&](std::size_t first) {
        const std::uint8_t* planes = block.planes + first / 64 * kWordPlanes;
        __m512i sum = _mm512_permutexvar_epi8(load(planes), tables[0]);
#pragma GCC unroll 10
        for (std::size_t j = 1; j < kGroups; ++j) {
            const __m512i part = _mm512_permutexvar_epi8(load(planes + 64 * j), tables[j]);
            sum = _mm512_adds_epu8(sum, part);
        }
        return sum;
    };
    __m512i limit = byte_limit(batch, query);
    std::size_t first = 0;
    for (; first + 64 < block.n_rows; first += 128) {
        const __m512i a = sums(first);
        const __m512i b = sums(first + 64);
        if (_mm512_cmple_epu8_mask(_mm512_min_epu8(a, b), limit) == 0) [[likely]]
            continue;
        offer(batch, query, block, first, _mm512_cmple_epu8_mask(a, limit));
        offer(batch, query, block, first + 64, _mm512_cmple_epu8_mask(b, limit));
        if (batch.limits[query] < 0) return;
        limit = byte_limit(batch, query);
    }
    if (first < block.n_rows) {
        offer(batch, query, block, first, _mm512_cmple_epu8_mask(sums(first), limit));
    }
}

// kVectors groups of 64 rows, several words.
template <std::size_t kVectors>
inline void scan_words(ScoreBatch& batch, std::size_t query, const ScoreBlock& block,
                       std::size_t first) {
    const std::size_t n_words = batch.n_words;
    const std::size_t stride = n_words * kWordPlanes;
    const std::uint8_t* planes = block.planes + first / 64 * stride;
    const std::uint8_t* tables = batch.tables + query * n_words * kWordTable;
    const __m512i low = _mm512_set1_epi16(0x00ff);
    __m512i even[kVectors];
    __m512i odd[kVectors];
    for (std::size_t i = 0; i < kVectors; ++i) even[i] = odd[i] = _mm512_setzero_si512();
    for (std::size_t w = 0; w < n_words; ++w) {
        __m512i sums[kVectors];
#pragma GCC unroll 11
        for (std::size_t j = 0; j < kGroups; ++j) {
            const __m512i table = load(tables + w * kWordTable + 64 * j);
#pragma GCC unroll 4
            for (std::size_t i = 0; i < kVectors; ++i) {
                const __m512i index = load(planes + i * stride + w * kWordPlanes + 64 * j);
                const __m512i part = _mm512_permutexvar_epi8(index, table);
                sums[i] = j == 0 ? part : _mm512_adds_epu8(sums[i], part);
            }
        }
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kVectors; ++i) {
            even[i] = _mm512_add_epi16(even[i], _mm512_and_si512(sums[i], low));
            odd[i] = _mm512_add_epi16(odd[i], _mm512_srli_epi16(sums[i], 8));
        }
    }
    const std::int32_t bound = batch.limits[query] < 65535 ? batch.limits[query] : 65535;
    const __m512i limit = _mm512_set1_epi16(static_cast<short>(bound));
    __m512i least = _mm512_min_epu16(even[0], odd[0]);
#pragma GCC unroll 4
    for (std::size_t i = 1; i < kVectors; ++i) {
        least = _mm512_min_epu16(least, _mm512_min_epu16(even[i], odd[i]));
    }
    if (_mm512_cmple_epu16_mask(least, limit) == 0) return;
    for (std::size_t i = 0; i < kVectors; ++i) {
        const std::uint64_t evens = _mm512_cmple_epu16_mask(even[i], limit);
        const std::uint64_t odds = _mm512_cmple_epu16_mask(odd[i], limit);
        offer(batch, query, block, first + 64 * i,
              _pdep_u64(evens, 0x5555555555555555) | _pdep_u64(odds, 0xaaaaaaaaaaaaaaaa));
    }
}

[[maybe_unused]] void scan_avx512(ScoreBatch& batch, const ScoreBlock& block) {
    for (std::size_t q = 0; q < batch.n_queries; ++q) {
        if (batch.n_words == 1) {
            scan_one_word(batch, q, block);
            continue;
        }
        std::size_t first = 0;
        while (first < block.n_rows && batch.limits[q] >= 0) {
            if (first + 192 < block.n_rows) {
                scan_words<4>(batch, q, block, first);
                first += 256;
            } else {
                scan_words<1>(batch, q, block, first);
                first += 64;
            }
        }
    }
}

void missing_bits_avx512(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                         std::size_t n_words, std::int32_t* out) {
    if (n_words != 1) {
        for (std::size_t row = 0; row < n_rows; ++row) {
            __m512i sum = _mm512_setzero_si512();
            for (std::size_t w = 0; w < n_words; w += 8) {
                const std::size_t left = n_words - w;
                const auto mask = static_cast<__mmask8>(left >= 8 ? 0xff : (1U << left) - 1);
                const __m512i code = _mm512_maskz_loadu_epi64(mask, codes + row * n_words + w);
                const __m512i wanted = _mm512_maskz_loadu_epi64(mask, query + w);
                const __m512i missing = _mm512_andnot_si512(code, wanted);
                sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(missing));
            }
            out[row] = static_cast<std::int32_t>(_mm512_reduce_add_epi64(sum));
        }
        return;
    }
    const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(*query));
    std::size_t row = 0;
    for (; row + 8 <= n_rows; row += 8) {
        const __m512i missing = _mm512_andnot_si512(load(codes + row), wanted);
        const __m256i counts = _mm512_cvtepi64_epi32(_mm512_popcnt_epi64(missing));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + row), counts);
    }
    missing_bits_generic(query, codes + row, n_rows - row, 1, out + row);
}

}  // namespace
}  // namespace hashrec
