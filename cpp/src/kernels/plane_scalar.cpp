// SPDX-License-Identifier: Apache-2.0
// Bit-sliced scan with planes of plain 64-bit words.
#include "kernels/bit_transpose.inl"
#include "kernels/plane_scan.inl"

namespace hashrec {
namespace {

struct Plane64 {
    using Plane = std::uint64_t;
    static constexpr std::size_t kWords = 1;
    static constexpr std::size_t kCompared = 2;  // words of ids
    static constexpr std::size_t kPair = 1;
    static constexpr std::size_t kTableBytes = std::size_t{1} << 15;

    static Plane load(const std::uint64_t* words) { return *words; }
    static void store(std::uint64_t* words, Plane x) { *words = x; }
    static Plane all(std::uint64_t word) { return word; }
    static Plane add(Plane& sum, Plane waiting, Plane x) {
        const Plane either_one = waiting ^ x;
        const Plane carry = (waiting & x) | (either_one & sum);
        sum ^= either_one;
        return carry;
    }
    static Plane majority(Plane a, Plane b, Plane c) { return (b & c) | ((b ^ c) & a); }
    static Plane sum3(Plane a, Plane b, Plane c) { return a ^ b ^ c; }
    static Plane both(Plane a, Plane b) { return a & b; }
    static Plane either(Plane a, Plane b) { return a | b; }
    static Plane differ(Plane a, Plane b) { return a ^ b; }
    static Plane opposite(Plane a) { return ~a; }

    static int count_below(const std::int32_t* ids, std::int32_t row) {
        return static_cast<int>(ids[0] < row) + static_cast<int>(ids[1] < row) +
               static_cast<int>(ids[2] < row) + static_cast<int>(ids[3] < row);
    }
    static bool all_set(Plane x) { return x == ~std::uint64_t{0}; }
    static std::uint32_t words_not_set(Plane x) { return all_set(x) ? 0 : 1; }

    template <std::size_t kRowWords>
    static void transpose(const std::uint64_t* rows, std::size_t n_words, std::uint64_t* planes) {
        for (std::size_t w = 0; w < n_words; ++w, planes += 64) {
            for (std::size_t i = 0; i < 64; ++i) planes[i] = rows[i * n_words + w];
            transpose64_generic(planes, planes);
        }
    }
};

// Without POPCNT a distance costs a dozen operations per word; planes cost less at any length.
std::size_t min_queries_scalar(std::size_t) { return 16; }

}  // namespace

const PlaneKernels plane_scalar = {
    min_queries_scalar,      64, pattern_places_of, pattern_of<Plane64>, scratch_words_of<Plane64>,
    scan_planes_of<Plane64>,
};

}  // namespace hashrec
