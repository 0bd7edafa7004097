// SPDX-License-Identifier: Apache-2.0
// Bit-sliced scan with 512-bit planes.
//
//   vpternlogq            2/cycle (ports 0, 5)   a full adder is two: the sum in place, then the
//                                                carry from (x, sum, waiting), so that no register
//                                                needs to be copied
//   vpermb                1/cycle (port 5)       bytes of 8 codes side by side
//   vgf2p8affineqb        1/cycle                8 x 8 bit transpose (its matrix counts rows down)
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of the undefined vectors in its own immintrin.h.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include "kernels/avx512_words.inl"
#include "kernels/plane_scan.inl"

namespace hashrec {
namespace {

struct Plane512 {
    using Plane = __m512i;
    static constexpr std::size_t kWords = 8;
    static constexpr std::size_t kCompared = 8;  // words of ids
    static constexpr std::size_t kPair = 2;
    static constexpr std::size_t kTableBytes = std::size_t{1} << 16;

    static Plane load(const std::uint64_t* words) { return _mm512_load_si512(words); }
    static void store(std::uint64_t* words, Plane x) { _mm512_store_si512(words, x); }
    static Plane all(std::uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
    static Plane add(Plane& sum, Plane waiting, Plane x) {
        sum = _mm512_ternarylogic_epi64(sum, waiting, x, 0x96);
        return _mm512_ternarylogic_epi64(x, sum, waiting, 0xb2);  // x == waiting ? x : ~sum
    }
    static Plane majority(Plane a, Plane b, Plane c) {
        return _mm512_ternarylogic_epi64(a, b, c, 0xe8);
    }
    static Plane sum3(Plane a, Plane b, Plane c) {
        return _mm512_ternarylogic_epi64(a, b, c, 0x96);
    }
    static Plane both(Plane a, Plane b) { return _mm512_and_si512(a, b); }
    static Plane either(Plane a, Plane b) { return _mm512_or_si512(a, b); }
    static Plane differ(Plane a, Plane b) { return _mm512_xor_si512(a, b); }
    static Plane opposite(Plane a) { return _mm512_ternarylogic_epi64(a, a, a, 0x55); }

    static int count_below(const std::int32_t* ids, std::int32_t row) {
        const __m512i loaded = _mm512_loadu_si512(ids);
        return _mm_popcnt_u32(_mm512_cmplt_epi32_mask(loaded, _mm512_set1_epi32(row)));
    }
    static bool all_set(Plane x) { return words_not_set(x) == 0; }
    static std::uint32_t words_not_set(Plane x) {
        return _mm512_cmpneq_epi64_mask(x, _mm512_set1_epi64(-1));
    }

    template <std::size_t kRowWords>
    static void transpose(const std::uint64_t* rows, std::size_t n_words, std::uint64_t* planes) {
        alignas(64) std::uint8_t byte_order[64], bit_order[64];
        for (int i = 0; i < 8; ++i) {
            for (int j = 0; j < 8; ++j) {
                byte_order[i * 8 + j] = static_cast<std::uint8_t>((7 - j) * 8 + i);
                bit_order[i * 8 + j] = static_cast<std::uint8_t>(j * 8 + i);
            }
        }
        const __m512i side_by_side = _mm512_load_si512(byte_order);
        const __m512i flipped = _mm512_load_si512(bit_order);
        const __m512i identity = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
        constexpr std::size_t kRows = 64 * kWords;  // each word's codes lie where its planes will
        for (std::size_t i = 0; i < kRows; i += 8) {
            store_columns<kRowWords>(rows + i * n_words, n_words, planes + i, kRows);
        }
        for (std::size_t w = 0; w < n_words; ++w, planes += 64 * kWords) {
            __m512i part[8][8];  // [byte of the word][64 codes]: words by bit, bytes by 8 codes
            for (std::size_t block = 0; block < 8; ++block) {
                __m512i v[8];
#pragma GCC unroll 8
                for (std::size_t g = 0; g < 8; ++g) {
                    const __m512i codes = load(planes + block * 64 + g * 8);
                    v[g] = _mm512_gf2p8affine_epi64_epi8(
                        identity, _mm512_permutexvar_epi8(side_by_side, codes), 0);
                }
                transpose_words(v);
#pragma GCC unroll 8
                for (std::size_t byte = 0; byte < 8; ++byte) {
                    part[byte][block] = _mm512_permutexvar_epi8(flipped, v[byte]);
                }
            }
            for (std::size_t byte = 0; byte < 8; ++byte) {
                __m512i v[8];
                for (std::size_t i = 0; i < 8; ++i) v[i] = part[byte][i];
                transpose_words(v);
                for (std::size_t i = 0; i < 8; ++i) store(planes + (8 * byte + i) * kWords, v[i]);
            }
        }
    }
};

// Below that the tables cost more than they save.
std::size_t min_queries_avx512(std::size_t n_words) { return n_words == 1 ? 40 : 32; }

}  // namespace

const PlaneKernels plane_avx512 = {
    min_queries_avx512,   64 * Plane512::kWords,      pattern_places_of,
    pattern_of<Plane512>, scratch_words_of<Plane512>, scan_planes_of<Plane512>,
};

}  // namespace hashrec
