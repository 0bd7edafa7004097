// SPDX-License-Identifier: Apache-2.0
// Population counts with 128-bit vectors:
//
//   cnt      counts of 16 bytes
//   addp     sums of neighbouring bytes of two vectors, in order: three rounds make 8 vectors of
//            64-bit codes one vector of 16 distances (at most 64), four rounds 16 vectors of
//            128-bit codes (at most 128), so bytes cannot overflow
//   uadalp   neighbouring bytes added to 16-bit sums, for wider codes
//
// One comparison and one branch for 64 codes, as on the other levels.
#include <arm_neon.h>

#include "kernels/hamming_generic.inl"

namespace hashrec {
namespace {

inline uint8x16_t counted(const std::uint64_t* codes, uint8x16_t query) {
    return vcntq_u8(veorq_u8(vreinterpretq_u8_u64(vld1q_u64(codes)), query));
}

// Distances of 16 codes of one or two words.
template <std::size_t kWords>
inline uint8x16_t distances16(const std::uint64_t* codes, uint8x16_t query) {
    constexpr std::size_t kVectors = 8 * kWords;
    uint8x16_t v[kVectors];
    for (std::size_t i = 0; i < kVectors; ++i) v[i] = counted(codes + 2 * i, query);
    for (std::size_t n = kVectors / 2; n != 0; n /= 2) {
        for (std::size_t i = 0; i < n; ++i) v[i] = vpaddq_u8(v[2 * i], v[2 * i + 1]);
    }
    return v[0];
}

template <std::size_t kWords>
inline uint8x16_t repeated(const std::uint64_t* words) {
    const uint64x2_t q = kWords == 1 ? vdupq_n_u64(words[0]) : vld1q_u64(words);
    return vreinterpretq_u8_u64(q);
}

inline std::int32_t row_distance_neon(const std::uint64_t* a, const std::uint64_t* b,
                                      std::size_t n_words) {
    uint16x8_t sums = vdupq_n_u16(0);  // at most 4096 bits: 512 a lane
    std::size_t w = 0;
    for (; w + 2 <= n_words; w += 2) {
        sums = vpadalq_u8(sums, counted(a + w, vreinterpretq_u8_u64(vld1q_u64(b + w))));
    }
    auto distance = static_cast<std::int32_t>(vaddvq_u16(sums));
    if (w < n_words) distance += static_cast<std::int32_t>(popcount64(a[w] ^ b[w]));
    return distance;
}

template <std::size_t kWords, class Distance>
void distances_words(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                     Distance* out) {
    const uint8x16_t q = repeated<kWords>(query);
    std::size_t row = 0;
    for (; row + 16 <= n_rows; row += 16) {
        std::uint8_t found[16];
        vst1q_u8(found, distances16<kWords>(codes + row * kWords, q));
        for (std::size_t i = 0; i < 16; ++i) out[row + i] = static_cast<Distance>(found[i]);
    }
    distances_generic(query, codes + row * kWords, n_rows - row, kWords, out + row);
}

template <class Distance>
void distances_neon(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                    std::size_t n_words, Distance* out) {
    if (n_words == 1) return distances_words<1>(query, codes, n_rows, out);
    if (n_words == 2) return distances_words<2>(query, codes, n_rows, out);
    for (std::size_t row = 0; row < n_rows; ++row) {
        out[row] = static_cast<Distance>(row_distance_neon(query, codes + row * n_words, n_words));
    }
}

// One or two words: 64 codes a step.
template <std::size_t kWords>
void scan_words(ScanQuery& query, const ScanBlock& block) {
    const uint8x16_t q = repeated<kWords>(query.words);
    std::size_t row = 0;
    for (; row + kGroupRows <= block.n_rows && query.threshold >= 0; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row * kWords;
        // A threshold is at most 64 * kWords <= 128.
        const uint8x16_t limit = vdupq_n_u8(static_cast<std::uint8_t>(query.threshold));
        std::uint8_t distance[kGroupRows];
        uint8x16_t nearest = vdupq_n_u8(255);
        for (std::size_t i = 0; i < kGroupRows; i += 16) {
            const uint8x16_t d = distances16<kWords>(rows + i * kWords, q);
            vst1q_u8(distance + i, d);
            nearest = vminq_u8(nearest, d);
        }
        if (vmaxvq_u8(vcleq_u8(nearest, limit)) == 0) continue;
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < kGroupRows; ++i) {
            mask |= static_cast<std::uint64_t>(distance[i] <= query.threshold) << i;
        }
        if (block.allow != nullptr) mask &= block.allow[row / kGroupRows];
        add_hits(query, mask, block.first_row + row, [&](std::size_t i) { return distance[i]; });
    }
    scan_rows<kWords>(query, block, row);
}

void scan_any(ScanQuery& query, const ScanBlock& block) {
    const std::size_t n_words = block.n_words;
    std::size_t row = 0;
    for (; row + kGroupRows <= block.n_rows && query.threshold >= 0; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row * n_words;
        std::int32_t distance[kGroupRows];
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < kGroupRows; ++i) {
            distance[i] = row_distance_neon(query.words, rows + i * n_words, n_words);
            mask |= static_cast<std::uint64_t>(distance[i] <= query.threshold) << i;
        }
        if (block.allow != nullptr) mask &= block.allow[row / kGroupRows];
        if (mask == 0) continue;
        add_hits(query, mask, block.first_row + row, [&](std::size_t i) { return distance[i]; });
    }
    scan_rows<0>(query, block, row);
}

void scan_neon(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block) {
    for (std::size_t q = 0; q < n_queries; ++q) {
        if (block.n_words == 1) {
            scan_words<1>(*queries[q], block);
        } else if (block.n_words == 2) {
            scan_words<2>(*queries[q], block);
        } else {
            scan_any(*queries[q], block);
        }
    }
}

}  // namespace

const HammingKernels hamming_neon = {
    distances_neon<std::int32_t>,
    pair_distances_generic,
    distances_neon<std::uint16_t>,
    count_at_most_generic,
    scan_neon,
    nullptr,
};

}  // namespace hashrec
