// SPDX-License-Identifier: Apache-2.0
// The storage behind the plain ScanQuery that kernels fill: exact selection of the k smallest
// (distance, row) keys by one threshold, a histogram and an append buffer.
//
// Why it is exact. Rows come in rising order. A row dropped because distance > threshold has k
// held rows at distance <= threshold + 1 with smaller row numbers, hence k smaller keys. The start
// threshold alone can be wrong (too small); then fewer than k rows are held and the caller scans
// again with a larger one.
//
// The buffer is small and its survivors move to memory that the caller has for the result anyway,
// so a thread can hold hundreds of queries in half a megabyte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/hamming_kernels.hpp"

namespace hashrec {

class Selection {
  public:
    static constexpr std::size_t kUnlimited = ~std::size_t{0};  // k of a range search

    Selection() = default;
    Selection(const Selection&) = delete;
    Selection& operator=(const Selection&) = delete;

    // `kept` has room for min(k, rows to scan) keys; unused for an unlimited k.
    void prepare(const std::uint64_t* words, std::size_t k, std::size_t n_bits,
                 std::uint64_t* kept);
    // Forgets all candidates; the excluded rows are rising row numbers.
    void start(std::int32_t threshold, const std::int32_t* excluded,
               const std::int32_t* excluded_end);

    ScanQuery& query() { return query_; }
    // All candidates held, an upper bound of the result size; exact while below k.
    std::size_t n_candidates() const { return query_.n_kept + query_.length; }
    // Replaces `keys` by the result, at most k keys in rising order.
    void finish(std::vector<std::uint64_t>& keys) const;

    static std::size_t bytes(std::size_t k, std::size_t n_bits);

  private:
    static void compact(ScanQuery& query);
    static void grow(ScanQuery& query);

    ScanQuery query_;
    std::unique_ptr<std::uint64_t[]> buffer_;  // not a vector: no need to clear it
    std::vector<std::uint32_t> histogram_;
};

}  // namespace hashrec
