// SPDX-License-Identifier: Apache-2.0
// Population count of 64-bit lanes with 256-bit vectors:
//
//   vpshufb    look-up of the count of a nibble      1/cycle (port 5), 2 per 4 codes
//   vpsadbw    sum of 8 bytes into a 64-bit lane     1/cycle (port 5), 1 per 4 codes
//   vpminub    running minimum (lanes <= 64)         2/cycle
//
// About ten instructions per 4 codes of 64 bits, and one compare per 64 codes. From 128 bits on the
// scalar POPCNT loop needs fewer instructions per code, so longer codes take the generic body.
#include <immintrin.h>

#include "kernels/hamming_generic.inl"

namespace hashrec {
namespace {

inline __m256i load4(const std::uint64_t* words) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

// Byte sums are at most 8, lane sums at most 64.
inline __m256i popcount_lanes(__m256i x) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                           0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    const __m256i a = _mm256_shuffle_epi8(table, _mm256_and_si256(x, low));
    const __m256i b = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low));
    return _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

inline void store4(std::int32_t* out, __m128i d) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), d);
}

inline void store4(std::uint16_t* out, __m128i d) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi32(d, d));
}

template <class Distance>
void distances_avx2(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                    std::size_t n_words, Distance* out) {
    std::size_t row = 0;
    if (n_words == 1) {
        const __m256i q = _mm256_set1_epi64x(static_cast<long long>(*query));
        const __m256i even = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
        for (; row + 4 <= n_rows; row += 4) {
            const __m256i d = popcount_lanes(_mm256_xor_si256(load4(codes + row), q));
            store4(out + row, _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(d, even)));
        }
    }
    distances_generic(query, codes + row * n_words, n_rows - row, n_words, out + row);
}

inline std::uint64_t hit_mask(const std::uint64_t* rows, __m256i q, __m256i limit) {
    std::uint64_t mask = 0;
    for (std::size_t j = 0; j < 16; ++j) {
        const __m256i d = popcount_lanes(_mm256_xor_si256(load4(rows + 4 * j), q));
        const int bits = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(limit, d)));
        mask |= static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << (4 * j);
    }
    return mask;
}

void scan_one_word(ScanQuery& query, const ScanBlock& block) {
    const __m256i q = _mm256_set1_epi64x(static_cast<long long>(*query.words));
    __m256i limit = _mm256_set1_epi64x(query.threshold + 1);
    std::size_t row = 0;
    for (; row + kGroupRows <= block.n_rows && query.threshold >= 0; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row;
        __m256i nearest = popcount_lanes(_mm256_xor_si256(load4(rows), q));
        for (std::size_t j = 1; j < 16; ++j) {
            nearest =
                _mm256_min_epu8(nearest, popcount_lanes(_mm256_xor_si256(load4(rows + 4 * j), q)));
        }
        const __m256i hit = _mm256_cmpgt_epi64(limit, nearest);
        if (_mm256_testz_si256(hit, hit)) continue;
        std::uint64_t mask = hit_mask(rows, q, limit);
        if (block.allow != nullptr) mask &= block.allow[row / kGroupRows];
        if (mask == 0) continue;
        add_hits(query, mask, block.first_row + row,
                 [&](std::size_t i) { return popcount64(*query.words ^ rows[i]); });
        limit = _mm256_set1_epi64x(query.threshold + 1);
    }
    scan_rows<1>(query, block, row);
}

void scan_avx2(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block) {
    if (block.n_words != 1) return scan_generic(queries, n_queries, block);
    for (std::size_t q = 0; q < n_queries; ++q) scan_one_word(*queries[q], block);
}

}  // namespace

const HammingKernels hamming_avx2 = {
    distances_avx2<std::int32_t>,
    pair_distances_generic,
    distances_avx2<std::uint16_t>,
    count_at_most_generic,
    scan_avx2,
    nullptr,
};

}  // namespace hashrec
