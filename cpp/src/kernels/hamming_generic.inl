// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the Hamming kernels; each level's file includes this with its own flags.
#include "kernels/hamming_kernels.hpp"
#include "kernels/popcount.hpp"

namespace hashrec {
namespace {

// At most 64 * n_words <= 4096: no overflow.
inline std::int32_t row_distance(const std::uint64_t* a, const std::uint64_t* b,
                                 std::size_t n_words) {
    std::uint32_t distance = 0;
    for (std::size_t w = 0; w < n_words; ++w) distance += popcount64(a[w] ^ b[w]);
    return static_cast<std::int32_t>(distance);
}

template <class Distance>
void distances_generic(const std::uint64_t* query, const std::uint64_t* codes, std::size_t n_rows,
                       std::size_t n_words, Distance* out) {
    for (std::size_t row = 0; row < n_rows; ++row) {
        out[row] = static_cast<Distance>(row_distance(query, codes + row * n_words, n_words));
    }
}

[[maybe_unused]] void pair_distances_generic(const std::uint64_t* a, const std::uint64_t* b,
                                             std::size_t n_rows, std::size_t n_words,
                                             std::int32_t* out) {
    if (n_words == 1) {  // a plain loop, which the compiler can vectorise
        for (std::size_t row = 0; row < n_rows; ++row) {
            out[row] = static_cast<std::int32_t>(popcount64(a[row] ^ b[row]));
        }
        return;
    }
    for (std::size_t row = 0; row < n_rows; ++row) {
        out[row] = row_distance(a + row * n_words, b + row * n_words, n_words);
    }
}

[[maybe_unused]] std::size_t count_at_most_generic(const std::uint16_t* values, std::size_t n,
                                                   std::uint16_t limit) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < n;) {  // 16-bit counters vectorise well and cannot overflow here
        const std::size_t stop = n - i < 32768 ? n : i + 32768;
        std::uint16_t count = 0;
        for (; i < stop; ++i) count = static_cast<std::uint16_t>(count + (values[i] <= limit));
        total += count;
    }
    return total;
}

// Clears the bits of the query's excluded rows among the 64 rows from `first_row` on.
[[maybe_unused]] inline std::uint64_t drop_excluded(ScanQuery& query, std::uint64_t mask,
                                                    std::size_t first_row) {
    const auto first = static_cast<std::int64_t>(first_row);
    const std::int32_t* cursor = query.excluded;
    while (cursor != query.excluded_end && *cursor < first) ++cursor;
    query.excluded = cursor;  // not beyond this group: its tail may come in a second call
    for (; cursor != query.excluded_end && *cursor < first + 64; ++cursor) {
        mask &= ~(std::uint64_t{1} << (*cursor - first));
    }
    return mask;
}

// Adds the rows of `mask` (bit i = row first_row + i, all with distance <= threshold).
// The threshold moves once, after the whole group.
template <class Distance>
inline void add_hits(ScanQuery& query, std::uint64_t mask, std::size_t first_row,
                     Distance distance) {
    if (query.excluded != query.excluded_end) mask = drop_excluded(query, mask, first_row);
    if (mask == 0) return;
    if (query.capacity - query.length < kGroupRows) query.make_room(query);
    std::uint64_t* end = query.buffer + query.length;
    std::size_t added = 0;
    for (; mask != 0; mask &= mask - 1, ++added) {
        const auto bit = static_cast<std::size_t>(__builtin_ctzll(mask));
        const auto d = static_cast<std::uint64_t>(distance(bit));
        end[added] = d << kRowBits | (first_row + bit);
        ++query.histogram[d];
    }
    query.length += added;
    query.held += added;
    while (query.held >= query.k) query.held -= query.histogram[query.threshold--];
}

// One query, rows one by one: the body of levels without vectors and of every block's tail.
template <std::size_t kWords>  // 0: block.n_words
inline void scan_rows(ScanQuery& query, const ScanBlock& block, std::size_t begin) {
    const std::size_t n_words = kWords != 0 ? kWords : block.n_words;
    for (std::size_t row = begin; row < block.n_rows && query.threshold >= 0; row += kGroupRows) {
        const std::uint64_t* rows = block.rows + row * n_words;
        const std::size_t left = block.n_rows - row;
        const std::size_t n = left < kGroupRows ? left : kGroupRows;
        const std::uint64_t allowed =
            block.allow != nullptr ? block.allow[row / kGroupRows] : ~std::uint64_t{0};
        if (allowed == 0) continue;
        const std::int32_t threshold = query.threshold;
        const auto far = [&](std::size_t i) {
            return row_distance(query.words, rows + i * n_words, n_words) > threshold;
        };
        std::size_t i = 0;  // hits are rare: well predicted branches, not a mask, find the first
        while (i + 4 <= n && far(i) && far(i + 1) && far(i + 2) && far(i + 3)) i += 4;
        while (i < n && far(i)) ++i;
        std::uint64_t mask = 0;
        for (; i < n; ++i) mask |= static_cast<std::uint64_t>(!far(i)) << i;
        mask &= allowed;
        if (mask != 0) {
            add_hits(query, mask, block.first_row + row, [&](std::size_t bit) {
                return row_distance(query.words, rows + bit * n_words, n_words);
            });
        }
    }
}

[[maybe_unused]] void scan_generic(ScanQuery* const* queries, std::size_t n_queries,
                                   const ScanBlock& block) {
    for (std::size_t q = 0; q < n_queries; ++q) {
        switch (block.n_words) {
            case 1:
                scan_rows<1>(*queries[q], block, 0);
                break;
            case 2:
                scan_rows<2>(*queries[q], block, 0);
                break;
            case 4:
                scan_rows<4>(*queries[q], block, 0);
                break;
            case 8:
                scan_rows<8>(*queries[q], block, 0);
                break;
            default:
                scan_rows<0>(*queries[q], block, 0);
        }
    }
}

}  // namespace
}  // namespace hashrec
