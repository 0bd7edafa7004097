// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the score kernels; each level's file includes this with its own flags.
#include "kernels/popcount.hpp"
#include "kernels/score_kernels.hpp"

namespace hashrec {
namespace {

// Entries are rounded down by this factor besides the floor, which covers the rounding of the
// double sums and quotients they come from.
constexpr double kBelow = 1.0 - 0x1p-40;

// The largest loss there can be.
inline double total_magnitude(const float* magnitudes, std::size_t n) {
    double total = 0.0;
    for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(magnitudes[i]);
    return total;
}

// A loss to resolve: positive, and neither above all there are nor far below.
inline double resolved(double bound, double total) {
    const double least = total * 0x1p-16;
    if (!(total > 0.0)) return 1.0;
    if (!(bound > least)) return least;
    return bound < total ? bound : total;
}

// One word's share of the resolved loss, so that a table of saturating bytes per word is used
// up to its end: rows near the bound lose about evenly.
[[maybe_unused]] double word_bound(const float* magnitudes, std::size_t n_words, double bound,
                                   double total) {
    if (n_words == 1 || !(total > 0.0)) return bound;
    double largest = 0.0;
    for (std::size_t w = 0; w < n_words; ++w) {
        const double here = total_magnitude(magnitudes + 64 * w, 64);
        largest = here > largest ? here : largest;
    }
    const double share = 1.5 * bound * (largest / total);
    return share < bound ? share : bound;
}

// losses[v] = sum of magnitudes of the bits where v differs from `wanted`, for n_bits <= 8 bits.
// Sums of numbers >= 0 only, so that their relative error stays tiny.
inline void group_losses(const float* magnitudes, std::uint64_t wanted, std::size_t n_bits,
                         double* losses) {
    losses[0] = 0.0;
    for (std::size_t b = 0; b < n_bits; ++b) {
        const std::size_t half = std::size_t{1} << b;
        const double loss = static_cast<double>(magnitudes[b]);
        const double of_zero = (wanted >> b & 1) != 0 ? loss : 0.0;
        const double of_one = (wanted >> b & 1) != 0 ? 0.0 : loss;
        for (std::size_t v = 0; v < half; ++v) {
            losses[half + v] = losses[v] + of_one;
            losses[v] += of_zero;
        }
    }
}

template <class Entry>
inline void floor_losses(const double* losses, std::size_t n, double inverse_step, double ceiling,
                         Entry* entries) {
    for (std::size_t v = 0; v < n; ++v) {
        const double value = losses[v] * inverse_step * kBelow;
        entries[v] =
            static_cast<Entry>(static_cast<std::int32_t>(value < ceiling ? value : ceiling));
    }
}

// Tables of saturating bytes: groups of kBits bits, the last one of a word shorter.
template <std::size_t kBits>
FilterScale prepare_groups(ScoreBatch& batch, std::size_t query, const float* magnitudes,
                           const std::uint64_t* signs, double bound) {
    constexpr std::size_t kGroups = (64 + kBits - 1) / kBits;
    constexpr std::size_t kEntries = std::size_t{1} << kBits;
    const std::size_t n_words = batch.n_words;
    const double total = total_magnitude(magnitudes, 64 * n_words);
    const double wanted = word_bound(magnitudes, n_words, resolved(bound, total), total);
    const double step = wanted / 254.0;
    std::uint8_t* table = batch.tables + query * n_words * kGroups * kEntries;
    for (std::size_t w = 0; w < n_words; ++w) {
        for (std::size_t group = 0; group < kGroups; ++group, table += kEntries) {
            const std::size_t first = kBits * group;
            float bits[kBits] = {};
            for (std::size_t b = 0; b < kBits && first + b < 64; ++b) {
                bits[b] = magnitudes[64 * w + first + b];
            }
            double losses[kEntries];
            group_losses(bits, signs[w] >> first, kBits, losses);
            floor_losses(losses, kEntries, 1.0 / step, 255.0, table);
        }
    }
    return {0.0, step};
}

// Takes a hit mask over the 64 rows from `place` on; room for 64 is kept.
inline void push_hits(ScoreBatch& batch, std::size_t query, std::uint64_t mask,
                      std::uint32_t place) {
    std::uint32_t* hits = batch.hits + query * kHitRoom;
    std::uint32_t n = batch.n_hits[query];
    for (; mask != 0; mask &= mask - 1) {
        hits[n++] = place + static_cast<std::uint32_t>(__builtin_ctzll(mask));
    }
    batch.n_hits[query] = n;
    if (n > kHitRoom - 64) batch.take_hits(batch.owner, query);
}

// The mask of the rows that exist among 64 from `first` on.
inline std::uint64_t existing(std::size_t first, std::size_t n_rows) {
    const std::size_t left = n_rows - first;
    return left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
}

// --- look-up by bytes: 8 tables of 256 entries per word ------------------------------------------
constexpr std::size_t kByteTable = 256;
constexpr std::size_t kByteTableBytes = 8 * kByteTable * sizeof(std::uint16_t);

// At most 512 entries of 2^16 - 1: sums stay below 2^25.
[[maybe_unused]] FilterScale prepare_bytes(ScoreBatch& batch, std::size_t query,
                                           const float* magnitudes, const std::uint64_t* signs,
                                           double bound) {
    const std::size_t n_words = batch.n_words;
    const double total = total_magnitude(magnitudes, 64 * n_words);
    const double step = resolved(bound, total) / 65534.0;
    auto* tables =
        reinterpret_cast<std::uint16_t*>(batch.tables + query * n_words * kByteTableBytes);
    for (std::size_t byte = 0; byte < 8 * n_words; ++byte) {
        double losses[kByteTable];
        group_losses(magnitudes + 8 * byte, signs[byte / 8] >> (byte % 8 * 8), 8, losses);
        floor_losses(losses, kByteTable, 1.0 / step, 65535.0, tables + byte * kByteTable);
    }
    return {0.0, step};
}

// The four tables from `tables` on.
inline std::int32_t half_word_sum(const std::uint16_t* tables, std::uint64_t bits) {
    return (tables[bits & 255] + tables[kByteTable + (bits >> 8 & 255)]) +
           (tables[2 * kByteTable + (bits >> 16 & 255)] +
            tables[3 * kByteTable + (bits >> 24 & 255)]);
}

// Most rows are beyond the limit long before their last bit.
inline bool passes(const std::uint16_t* tables, const std::uint64_t* row, std::size_t n_words,
                   std::int32_t limit) {
    std::int32_t sum = 0;
    for (std::size_t w = 0; w < n_words; ++w, tables += 8 * kByteTable) {
        sum += half_word_sum(tables, row[w]);
        if (sum > limit) return false;
        sum += half_word_sum(tables + 4 * kByteTable, row[w] >> 32);
        if (sum > limit) return false;
    }
    return true;
}

[[maybe_unused]] void scan_bytes(ScoreBatch& batch, const ScoreBlock& block) {
    const std::size_t n_words = batch.n_words;
    for (std::size_t q = 0; q < batch.n_queries; ++q) {
        const auto* tables =
            reinterpret_cast<const std::uint16_t*>(batch.tables + q * n_words * kByteTableBytes);
        for (std::size_t first = 0; first < block.n_rows; first += 64) {
            const std::int32_t limit = batch.limits[q];
            if (limit == ScoreBatch::kNothing) break;
            const std::size_t left = block.n_rows - first;
            const std::size_t n = left < 64 ? left : 64;
            const std::uint64_t* rows = block.rows + first * n_words;
            std::uint64_t mask = 0;
            for (std::size_t i = 0; i < n; ++i) {
                if (passes(tables, rows + i * n_words, n_words, limit)) {
                    mask |= std::uint64_t{1} << i;
                }
            }
            if (mask != 0) {
                push_hits(batch, q, mask, block.place + static_cast<std::uint32_t>(first));
            }
        }
    }
}

// --- exact counts --------------------------------------------------------------------------------
[[maybe_unused]] void missing_bits_generic(const std::uint64_t* query, const std::uint64_t* codes,
                                           std::size_t n_rows, std::size_t n_words,
                                           std::int32_t* out) {
    if (n_words == 1) {
        for (std::size_t row = 0; row < n_rows; ++row) {
            out[row] = static_cast<std::int32_t>(popcount64(*query & ~codes[row]));
        }
        return;
    }
    for (std::size_t row = 0; row < n_rows; ++row) {
        std::uint32_t count = 0;
        for (std::size_t w = 0; w < n_words; ++w) {
            count += popcount64(query[w] & ~codes[row * n_words + w]);
        }
        out[row] = static_cast<std::int32_t>(count);
    }
}

// Hits are rare: a branch-free count of 64 values, which the compiler vectorises, comes first.
std::size_t at_most_generic(const std::int32_t* values, std::size_t n, std::int32_t limit,
                            std::uint32_t* out) {
    std::size_t found = 0;
    for (std::size_t first = 0; first < n; first += 64) {
        const std::size_t stop = first + 64 < n ? first + 64 : n;
        std::int32_t count = 0;
        for (std::size_t i = first; i < stop; ++i) count += values[i] <= limit ? 1 : 0;
        if (count == 0) continue;
        for (std::size_t i = first; i < stop; ++i) {
            if (values[i] <= limit) out[found++] = static_cast<std::uint32_t>(i);
        }
    }
    return found;
}

// One float addition per row, the same at every level.
std::size_t biased_above_generic(const std::int32_t* distances, const float* bias, std::size_t n,
                                 std::int32_t n_bits, float limit, float* scores,
                                 std::uint32_t* out) {
    std::size_t found = 0;
    for (std::size_t first = 0; first < n; first += 64) {
        const std::size_t stop = first + 64 < n ? first + 64 : n;
        std::int32_t count = 0;
        for (std::size_t i = first; i < stop; ++i) {
            scores[i] = static_cast<float>(n_bits - 2 * distances[i]) + bias[i];
            count += scores[i] > limit ? 1 : 0;
        }
        if (count == 0) continue;
        for (std::size_t i = first; i < stop; ++i) {
            if (scores[i] > limit) out[found++] = static_cast<std::uint32_t>(i);
        }
    }
    return found;
}

// --- inner products ------------------------------------------------------------------------------
inline double fold8(const double* s) {
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

// Exact: the multiplication moves the exponent, subnormal numbers included. Infinity and NaN, whose
// exponent is all ones, keep being infinite or NaN.
inline float half_to_float(std::uint16_t half) {
    std::uint32_t bits = static_cast<std::uint32_t>(half & 0x7fff) << 13;
    bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000U : 0U;
    float magnitude;
    __builtin_memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude *= 0x1p112f;
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

inline float to_float(float value) { return value; }
inline float to_float(std::uint16_t value) { return half_to_float(value); }

template <class Item>
inline double dot_lanes(const float* a, const Item* b, std::size_t n) {
    double sums[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (std::size_t lane = 0; lane < 8; ++lane) {
            sums[lane] +=
                static_cast<double>(a[i + lane]) * static_cast<double>(to_float(b[i + lane]));
        }
    }
    for (std::size_t lane = 0; i + lane < n; ++lane) {
        sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(to_float(b[i + lane]));
    }
    return fold8(sums);
}

[[maybe_unused]] double dot_float_generic(const float* a, const float* b, std::size_t n) {
    return dot_lanes(a, b, n);
}

[[maybe_unused]] double dot_half_generic(const float* a, const std::uint16_t* b, std::size_t n) {
    return dot_lanes(a, b, n);
}

// Blocks of 2^16 products of at most 2^14 fit 32 bits.
std::int64_t dot_int8_generic(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
    std::int64_t total = 0;
    for (std::size_t first = 0; first < n; first += 65536) {
        const std::size_t stop = first + 65536 < n ? first + 65536 : n;
        std::int32_t sum = 0;
        for (std::size_t i = first; i < stop; ++i) {
            sum += static_cast<std::int32_t>(a[i]) * static_cast<std::int32_t>(b[i]);
        }
        total += sum;
    }
    return total;
}

}  // namespace
}  // namespace hashrec
