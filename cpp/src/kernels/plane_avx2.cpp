// SPDX-License-Identifier: Apache-2.0
// Bit-sliced scan with 256-bit planes: logic runs 3 a cycle (ports 0, 1, 5), a full adder is five
// operations. The planes come from vpmovmskb: with the same byte of 32 codes in one vector, it
// reads one plane's 32 bits, and an addition moves the next bit up.
#include <immintrin.h>

#include "kernels/plane_scan.inl"

namespace hashrec {
namespace {

struct Plane256 {
    using Plane = __m256i;
    static constexpr std::size_t kWords = 4;
    static constexpr std::size_t kCompared = 4;  // words of ids
    static constexpr std::size_t kPair = 1;      // 16 registers hold the counters of one sub-block
    static constexpr std::size_t kTableBytes = std::size_t{1} << 15;

    static Plane load(const std::uint64_t* words) {
        return _mm256_load_si256(reinterpret_cast<const __m256i*>(words));
    }
    static void store(std::uint64_t* words, Plane x) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(words), x);
    }
    static Plane all(std::uint64_t word) {
        return _mm256_set1_epi64x(static_cast<long long>(word));
    }
    static Plane add(Plane& sum, Plane waiting, Plane x) {
        const Plane either_one = _mm256_xor_si256(waiting, x);
        const Plane carry =
            _mm256_or_si256(_mm256_and_si256(waiting, x), _mm256_and_si256(either_one, sum));
        sum = _mm256_xor_si256(sum, either_one);
        return carry;
    }
    static Plane majority(Plane a, Plane b, Plane c) {
        return _mm256_or_si256(_mm256_and_si256(b, c), _mm256_and_si256(_mm256_xor_si256(b, c), a));
    }
    static Plane sum3(Plane a, Plane b, Plane c) {
        return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
    }
    static Plane both(Plane a, Plane b) { return _mm256_and_si256(a, b); }
    static Plane either(Plane a, Plane b) { return _mm256_or_si256(a, b); }
    static Plane differ(Plane a, Plane b) { return _mm256_xor_si256(a, b); }
    static Plane opposite(Plane a) { return _mm256_xor_si256(a, _mm256_set1_epi32(-1)); }

    static int count_below(const std::int32_t* ids, std::int32_t row) {
        const __m256i loaded = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ids));
        const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(row), loaded);
        const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(below));
        return _mm_popcnt_u32(static_cast<unsigned>(mask));
    }
    static bool all_set(Plane x) { return _mm256_testc_si256(x, _mm256_set1_epi32(-1)); }
    static std::uint32_t words_not_set(Plane x) {
        const __m256i set = _mm256_cmpeq_epi64(x, _mm256_set1_epi32(-1));
        return 15U & ~static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(set)));
    }

    // Word `w` of codes i, i + 1 in the low half and of codes 16 + i, 17 + i in the high half,
    // equal bytes side by side.
    static __m256i four_codes(const std::uint64_t* rows, std::size_t n_words, std::size_t w,
                              std::size_t i) {
        const auto word = [&](std::size_t code) {
            return static_cast<long long>(rows[code * n_words + w]);
        };
        const __m256i codes = _mm256_setr_epi64x(word(i), word(i + 1), word(i + 16), word(i + 17));
        const __m256i order =
            _mm256_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2,
                             10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
        return _mm256_shuffle_epi8(codes, order);
    }

    template <std::size_t kRowWords>
    static void transpose(const std::uint64_t* rows, std::size_t n_words, std::uint64_t* planes) {
        for (std::size_t w = 0; w < n_words; ++w, planes += 64 * kWords) {
            for (std::size_t part = 0; part < 8; ++part) {  // 32 codes: half a word of each plane
                const std::uint64_t* codes = rows + part * 32 * n_words;
                __m256i v[8], t[8];
                for (std::size_t i = 0; i < 8; ++i) v[i] = four_codes(codes, n_words, w, 2 * i);
                // v[i] holds bytes 0..7 of two codes a half, as units of 16 bits.
                for (std::size_t i = 0; i < 4; ++i) {
                    t[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
                    t[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
                }
                for (std::size_t half = 0; half < 2; ++half) {  // four codes a unit of 32 bits
                    const std::size_t i = 4 * half;
                    v[i] = _mm256_unpacklo_epi32(t[i], t[i + 2]);
                    v[i + 1] = _mm256_unpackhi_epi32(t[i], t[i + 2]);
                    v[i + 2] = _mm256_unpacklo_epi32(t[i + 1], t[i + 3]);
                    v[i + 3] = _mm256_unpackhi_epi32(t[i + 1], t[i + 3]);
                }
                for (std::size_t i = 0; i < 4; ++i) {  // eight codes a unit of 64 bits
                    t[2 * i] = _mm256_unpacklo_epi64(v[i], v[i + 4]);
                    t[2 * i + 1] = _mm256_unpackhi_epi64(v[i], v[i + 4]);
                }
                auto* out = reinterpret_cast<char*>(planes) + part * sizeof(std::uint32_t);
                for (std::size_t byte = 0; byte < 8; ++byte) {
                    __m256i bits = t[byte];
                    for (std::size_t bit = 8; bit-- > 0;) {
                        const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(bits));
                        __builtin_memcpy(out + (8 * byte + bit) * kWords * 8, &mask, sizeof(mask));
                        bits = _mm256_add_epi8(bits, bits);
                    }
                }
            }
        }
    }
};

std::size_t min_queries_avx2(std::size_t n_words) { return n_words <= 2 ? 8 : 12; }

}  // namespace

const PlaneKernels plane_avx2 = {
    min_queries_avx2,     64 * Plane256::kWords,      pattern_places_of,
    pattern_of<Plane256>, scratch_words_of<Plane256>, scan_planes_of<Plane256>,
};

}  // namespace hashrec
