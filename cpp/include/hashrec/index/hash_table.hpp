// SPDX-License-Identifier: Apache-2.0
// Hash table lookup: buckets by some bits of the code, probed at growing distance from the query's
// key. Approximate: a near code whose key bits differ too much is not seen.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hashrec/index/bucket_table.hpp"
#include "hashrec/index/linear_scan.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

// When a query has seen enough: after the first radius at which at least max(k, n_candidates) rows
// that it may return were found, and after max_radius at the latest.
struct ProbeRule {
    std::size_t max_radius = 0;
    std::size_t n_candidates = 0;
};

struct ProbeCounts {
    std::int64_t lookups = 0;     // buckets asked for, empty ones too
    std::int64_t candidates = 0;  // rows in them that the filter lets through
    std::int64_t radius = 0;      // of the last probe
};

// A view: the codes stay with the caller and must outlive it.
class HashTable {
  public:
    HashTable(CodeView codes, std::size_t n_bits, const KeyBits& key, int num_threads)
        : codes_(codes), n_bits_(n_bits), table_(codes, key, num_threads) {}

    // As LinearScan::search among the candidates; `counts` (one per query) may be null.
    void search(CodeView queries, std::size_t k, const ProbeRule& rule, const ScanFilter& filter,
                int num_threads, std::int32_t* distances, std::int64_t* rows,
                ProbeCounts* counts) const;

    // The rows at distance <= max_distance whose keys are within max_radius of the query's.
    RangeResult within(CodeView queries, std::int64_t max_distance, std::size_t max_radius,
                       int num_threads) const;

    const BucketTable& table() const { return table_; }

  private:
    CodeView codes_;
    std::size_t n_bits_;
    BucketTable table_;
};

}  // namespace hashrec
