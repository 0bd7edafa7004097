// SPDX-License-Identifier: Apache-2.0
// Filter by nibbles: a row's loss is the sum of 16 table entries per word, for 32 rows at once.
//
//   vpshufb    16 look-ups of a nibble in a table of 16 bytes   1-2/cycle, 16 per 32 rows and word
//   vpaddusb   saturating sum of bytes                          2/cycle, 16 per 32 rows and word
//   vpminub    running minimum, one compare per 128 rows        2/cycle
//
// Bytes saturate at 255, which only lowers a loss. The sums of several words are widened to 16 bits
// after each word: at most 64 * 255, no overflow.
#include "kernels/score_dot.inl"

namespace hashrec {
namespace {

constexpr std::size_t kNibbles = 16;
constexpr std::size_t kWordTable = kNibbles * 16;
constexpr std::size_t kWordPlanes = kNibbles * kScoreGroupRows;  // bytes of 64 rows and one word

inline __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }

inline __m256i table16(const std::uint8_t* table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}

// Two words as one half vector; rows beyond the end are zero.
inline __m128i two_rows(const std::uint64_t* rows, std::size_t row, std::size_t n_rows,
                        std::size_t n_words) {
    const std::uint64_t a = row < n_rows ? rows[row * n_words] : 0;
    const std::uint64_t b = row + 1 < n_rows ? rows[(row + 1) * n_words] : 0;
    return _mm_set_epi64x(static_cast<long long>(b), static_cast<long long>(a));
}

// One round of a byte transposition: interleaves v[i] with v[i + distance].
inline void interleave(__m256i (&v)[8], std::size_t distance) {
    for (std::size_t i = 0; i < 8; ++i) {
        if ((i & distance) != 0) continue;
        const __m256i a = v[i];
        const __m256i b = v[i + distance];
        v[i] = _mm256_unpacklo_epi8(a, b);
        v[i + distance] = _mm256_unpackhi_epi8(a, b);
    }
}

// Byte b of 32 rows. Vector i starts with rows 2i, 2i+1 (and 16 more in the upper half). A round
// moves the highest bit of the byte place into the vector number and the vector's own bit to the
// lowest place: with vector bits (r3 r2 r1) and place (r0 b2 b1 b0), four rounds on bits 3, 2, 1
// and 3 again leave vector bits (b0 b2 b1) and place (r3 r2 r1 r0).
inline void transpose32(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                        __m256i (&v)[8]) {
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = _mm256_set_m128i(two_rows(rows, 16 + 2 * i, n_rows, n_words),
                                two_rows(rows, 2 * i, n_rows, n_words));
    }
    interleave(v, 4);
    interleave(v, 2);
    interleave(v, 1);
    interleave(v, 4);
}

// planes: [64 rows][word][nibble][row], one nibble a byte.
void expand_avx2(const std::uint64_t* rows, std::size_t n_rows, std::size_t n_words,
                 std::uint8_t* planes) {
    const __m256i low = _mm256_set1_epi8(0x0f);
    for (std::size_t first = 0; first < n_rows; first += 32) {
        std::uint8_t* group = planes + first / 64 * n_words * kWordPlanes + first % 64;
        for (std::size_t w = 0; w < n_words; ++w) {
            __m256i v[8];
            transpose32(rows + first * n_words + w, n_rows - first, n_words, v);
            for (std::size_t i = 0; i < 8; ++i) {
                const std::size_t byte = (i & 2) << 1 | (i & 1) << 1 | (i & 4) >> 2;
                std::uint8_t* out = group + w * kWordPlanes + 2 * byte * 64;
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_and_si256(v[i], low));
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 64),
                                    _mm256_and_si256(_mm256_srli_epi16(v[i], 4), low));
            }
        }
    }
    if ((n_rows + 31) / 32 % 2 != 0) {  // the other half of the last group
        std::uint8_t* group = planes + n_rows / 64 * n_words * kWordPlanes + 32;
        for (std::size_t i = 0; i < n_words * kNibbles; ++i) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(group + 64 * i), _mm256_setzero_si256());
        }
    }
}

// Byte sums of one word for kGroups groups of 64 rows that lie `stride` bytes apart.
template <std::size_t kGroups>
inline void sum_word(const std::uint8_t* planes, std::size_t stride, const std::uint8_t* tables,
                     __m256i (&sums)[2 * kGroups]) {
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kNibbles; ++j) {
        const __m256i table = table16(tables + 16 * j);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 2 * kGroups; ++i) {
            const __m256i part =
                _mm256_shuffle_epi8(table, load(planes + i / 2 * stride + 64 * j + i % 2 * 32));
            sums[i] = j == 0 ? part : _mm256_adds_epu8(sums[i], part);
        }
    }
}

inline std::uint64_t mask_of(__m256i low, __m256i high) {
    const auto bits = [](__m256i bytes) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes)));
    };
    return bits(low) | bits(high) << 32;
}

inline __m256i at_most_bytes(__m256i values, __m256i limit) {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(values, limit), values);
}

inline void offer(ScoreBatch& batch, std::size_t query, const ScoreBlock& block, std::size_t first,
                  std::uint64_t mask) {
    mask &= existing(first, block.n_rows);
    if (mask != 0) push_hits(batch, query, mask, block.place + static_cast<std::uint32_t>(first));
}

template <std::size_t kGroups>
inline void scan_one_word(ScoreBatch& batch, std::size_t query, const ScoreBlock& block,
                          std::size_t first, const std::uint8_t* tables) {
    __m256i sums[2 * kGroups];
    sum_word<kGroups>(block.planes + first / 64 * kWordPlanes, kWordPlanes, tables, sums);
    __m256i least = sums[0];
#pragma GCC unroll 4
    for (std::size_t i = 1; i < 2 * kGroups; ++i) least = _mm256_min_epu8(least, sums[i]);
    std::int32_t bound = batch.limits[query];
    const __m256i limit = _mm256_set1_epi8(static_cast<char>(bound < 255 ? bound : 255));
    if (_mm256_movemask_epi8(at_most_bytes(least, limit)) == 0) return;
    for (std::size_t g = 0; g < kGroups; ++g) {
        offer(batch, query, block, first + 64 * g,
              mask_of(at_most_bytes(sums[2 * g], limit), at_most_bytes(sums[2 * g + 1], limit)));
    }
}

// One group of 64 rows of several words.
inline void scan_words(ScoreBatch& batch, std::size_t query, const ScoreBlock& block,
                       std::size_t first, const std::uint8_t* tables) {
    const std::size_t n_words = batch.n_words;
    const std::uint8_t* planes = block.planes + first / 64 * n_words * kWordPlanes;
    const __m256i low = _mm256_set1_epi16(0x00ff);
    __m256i even[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256i odd[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (std::size_t w = 0; w < n_words; ++w) {
        __m256i sums[2];
        sum_word<1>(planes + w * kWordPlanes, 0, tables + w * kWordTable, sums);
        for (std::size_t i = 0; i < 2; ++i) {
            even[i] = _mm256_add_epi16(even[i], _mm256_and_si256(sums[i], low));
            odd[i] = _mm256_add_epi16(odd[i], _mm256_srli_epi16(sums[i], 8));
        }
    }
    const std::int32_t bound = batch.limits[query] < 32766 ? batch.limits[query] : 32766;
    const __m256i above = _mm256_set1_epi16(static_cast<short>(bound + 1));
    __m256i bytes[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const __m256i first_rows = _mm256_and_si256(_mm256_cmpgt_epi16(above, even[i]), low);
        const __m256i second_rows = _mm256_andnot_si256(low, _mm256_cmpgt_epi16(above, odd[i]));
        bytes[i] = _mm256_or_si256(first_rows, second_rows);
    }
    const __m256i any = _mm256_or_si256(bytes[0], bytes[1]);
    if (_mm256_testz_si256(any, any)) return;
    offer(batch, query, block, first, mask_of(bytes[0], bytes[1]));
}

void scan_avx2(ScoreBatch& batch, const ScoreBlock& block) {
    const std::size_t n_words = batch.n_words;
    for (std::size_t q = 0; q < batch.n_queries; ++q) {
        const std::uint8_t* tables = batch.tables + q * n_words * kWordTable;
        std::size_t first = 0;
        while (first < block.n_rows && batch.limits[q] >= 0) {  // values are >= 0
            if (n_words != 1) {
                scan_words(batch, q, block, first, tables);
                first += 64;
            } else if (first + 64 < block.n_rows) {
                scan_one_word<2>(batch, q, block, first, tables);
                first += 128;
            } else {
                scan_one_word<1>(batch, q, block, first, tables);
                first += 64;
            }
        }
    }
}

// One word: counts of nibbles by look-up, added to 64-bit lanes. POPCNT is as fast on longer codes.
void missing_bits_avx2(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                       std::size_t n_words, std::int32_t* out) {
    std::size_t row = 0;
    if (n_words == 1) {
        const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(*query));
        const __m256i low = _mm256_set1_epi8(0x0f);
        const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                                0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        const __m256i even = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
        for (; row + 4 <= n_rows; row += 4) {
            const __m256i missing = _mm256_andnot_si256(load(codes + row), wanted);
            const __m256i a = _mm256_shuffle_epi8(counts, _mm256_and_si256(missing, low));
            const __m256i b =
                _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(missing, 4), low));
            const __m256i sums = _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + row),
                             _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(sums, even)));
        }
    }
    missing_bits_generic(query, codes + row * n_words, n_rows - row, n_words, out + row);
}

}  // namespace

const ScoreKernels score_avx2 = {
    .query_tile = 1,
    .table_bytes = kWordTable,
    .plane_bytes = kNibbles,
    .block_bytes = 40 << 10,
    .prepare = prepare_groups<4>,
    .expand = expand_avx2,
    .scan = scan_avx2,
    .missing_bits = missing_bits_avx2,
    .at_most = at_most_generic,
    .biased_above = biased_above_generic,
    .dot_float = dot_float_vectors,
    .dot_half = dot_half_vectors,
    .dot_int8 = dot_int8_generic,
};

}  // namespace hashrec
