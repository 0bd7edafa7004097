// SPDX-License-Identifier: Apache-2.0
// Bit-sliced scan with 128-bit planes. `bsl` picks a carry from the sum or the plane that waits,
// so a full adder is three operations.
#include <arm_neon.h>

#include "kernels/plane_scan.inl"

namespace hashrec {
namespace {

struct Plane128 {
    using Plane = uint64x2_t;
    static constexpr std::size_t kWords = 2;
    static constexpr std::size_t kCompared = 2;  // words of ids
    static constexpr std::size_t kPair = 1;
    static constexpr std::size_t kTableBytes = std::size_t{1} << 15;

    static Plane load(const std::uint64_t* words) { return vld1q_u64(words); }
    static void store(std::uint64_t* words, Plane x) { vst1q_u64(words, x); }
    static Plane all(std::uint64_t word) { return vdupq_n_u64(word); }
    static Plane add(Plane& sum, Plane waiting, Plane x) {
        const Plane either_one = veorq_u64(waiting, x);
        const Plane carry = vbslq_u64(either_one, sum, x);
        sum = veorq_u64(sum, either_one);
        return carry;
    }
    static Plane majority(Plane a, Plane b, Plane c) { return vbslq_u64(veorq_u64(b, c), a, b); }
    static Plane sum3(Plane a, Plane b, Plane c) { return veorq_u64(veorq_u64(a, b), c); }
    static Plane both(Plane a, Plane b) { return vandq_u64(a, b); }
    static Plane either(Plane a, Plane b) { return vorrq_u64(a, b); }
    static Plane differ(Plane a, Plane b) { return veorq_u64(a, b); }
    static Plane opposite(Plane a) { return veorq_u64(a, vdupq_n_u64(~std::uint64_t{0})); }

    static int count_below(const std::int32_t* ids, std::int32_t row) {
        const uint32x4_t below = vcltq_s32(vld1q_s32(ids), vdupq_n_s32(row));
        return static_cast<int>(vaddvq_u32(vshrq_n_u32(below, 31)));
    }
    static bool all_set(Plane x) { return (vgetq_lane_u64(x, 0) & vgetq_lane_u64(x, 1)) + 1 == 0; }
    static std::uint32_t words_not_set(Plane x) {
        const std::uint64_t full = ~std::uint64_t{0};
        return (vgetq_lane_u64(x, 0) != full ? 1U : 0U) | (vgetq_lane_u64(x, 1) != full ? 2U : 0U);
    }

    // Two 64 x 64 bit transposes side by side: swaps ever smaller halves of ever smaller squares.
    template <std::size_t kRowWords>
    static void transpose(const std::uint64_t* rows, std::size_t n_words, std::uint64_t* planes) {
        for (std::size_t w = 0; w < n_words; ++w, planes += 64 * kWords) {
            for (std::size_t i = 0; i < 64; ++i) {
                planes[2 * i] = rows[i * n_words + w];
                planes[2 * i + 1] = rows[(64 + i) * n_words + w];
            }
            std::uint64_t mask = 0x00000000ffffffffULL;
            for (std::size_t half = 32; half != 0; half /= 2, mask ^= mask << half) {
                const int64x2_t up = vdupq_n_s64(static_cast<std::int64_t>(half));
                const int64x2_t down = vnegq_s64(up);
                const Plane kept = all(mask);
                for (std::size_t i = 0; i < 64; i = ((i | half) + 1) & ~half) {
                    const Plane a = load(planes + 2 * i), b = load(planes + 2 * (i | half));
                    const Plane swap = both(differ(vshlq_u64(a, down), b), kept);
                    store(planes + 2 * i, differ(a, vshlq_u64(swap, up)));
                    store(planes + 2 * (i | half), differ(b, swap));
                }
            }
        }
    }
};

// Not timed: no such machine was at hand.
std::size_t min_queries_neon(std::size_t) { return 24; }

}  // namespace

const PlaneKernels plane_neon = {
    min_queries_neon,     64 * Plane128::kWords,      pattern_places_of,
    pattern_of<Plane128>, scratch_words_of<Plane128>, scan_planes_of<Plane128>,
};

}  // namespace hashrec
