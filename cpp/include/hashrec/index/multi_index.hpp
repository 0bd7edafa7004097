// SPDX-License-Identifier: Apache-2.0
// Exact nearest neighbours by multi-index hashing (Norouzi, Punjani and Fleet, CVPR 2012): the
// code is cut into pieces with a bucket table each, and codes near the query must agree with it
// nearly in at least one piece.
//
// Why it is exact. Let m be the number of pieces. Suppose pieces 0..j have been probed to radius r
// and pieces j+1..m-1 to radius r-1. A code not seen yet differs from the query in at least r+1
// bits of each of the first j+1 pieces and in at least r bits of each other one, so its distance
// is at least (j+1)(r+1) + (m-j-1)r = mr + j + 1. Hence every code at distance <= mr + j has been
// seen, and once k of them are held, ties included, no other code can enter the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "hashrec/index/bucket_table.hpp"
#include "hashrec/index/linear_scan.hpp"
#include "hashrec/simd.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

enum class TableUse {
    kAuto,    // tables while they promise to be faster than the scan
    kAlways,  // tables until a step needs more look-ups than there are codes
    kNever,   // the scan
};

struct PieceCounts {
    std::int64_t lookups = 0;     // in all tables, empty buckets too
    std::int64_t candidates = 0;  // rows in them, repeats too
    std::int64_t radius = -1;     // of the last finished step; -1: none
    std::int64_t scanned = 1;     // whether the scan gave the answer
};

// What a scan of all codes takes, in nanoseconds of elapsed time.
struct ScanCost {
    double single = 0.0;     // one query alone: memory bound
    double per_query = 0.0;  // one query of a large batch

    double operator()(std::size_t n_queries) const {
        const double all = static_cast<double>(n_queries) * per_query;
        return n_queries == 0 ? 0.0 : (all > single ? all : single);
    }
};

// A view: the codes stay with the caller and must outlive it. Searches may run at the same time.
class MultiIndex {
  public:
    // n_tables from ceil(n_bits / 64) to n_bits; 0 = default_tables(). Nothing is built yet.
    MultiIndex(CodeView codes, std::size_t n_bits, std::size_t n_tables, int num_threads);

    // As many as make a table have about one bucket per code.
    static std::size_t default_tables(std::size_t n_rows, std::size_t n_bits);

    // Builds the tables if they are not there; otherwise done by the first search that wants them.
    void build() const;

    // As LinearScan::search, same results; `counts` (one per query) may be null.
    void search(CodeView queries, std::size_t k, const ScanFilter& filter, TableUse use,
                int num_threads, std::int32_t* distances, std::int64_t* rows,
                PieceCounts* counts) const;

    // As LinearScan::within, same results.
    RangeResult within(CodeView queries, std::int64_t max_distance, TableUse use,
                       int num_threads) const;

    // Builds them first if need be.
    const std::vector<BucketTable>& tables() const;

  private:
    ScanCost scan_cost(int num_threads) const;
    void learn(std::size_t n_queries, double nanoseconds, int num_threads) const;
    double least_cost(std::int64_t max_distance) const;

    CodeView codes_;
    std::size_t n_bits_;
    std::size_t n_tables_;
    int num_threads_;
    mutable std::once_flag built_;
    mutable std::vector<BucketTable> tables_;
    mutable std::mutex cost_lock_;
    mutable std::map<std::pair<SimdLevel, int>, ScanCost> costs_;
};

}  // namespace hashrec
