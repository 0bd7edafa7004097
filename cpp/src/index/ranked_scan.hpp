// SPDX-License-Identifier: Apache-2.0
// The k best rows of every query under any ranking: start limits from a sample, threads, merging.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "index/ranked_selection.hpp"

namespace hashrec {

// Every `stride`-th row from `begin` of the database on, copied together if the stride is not 1.
struct RowSource {
    const std::uint64_t* rows = nullptr;
    std::size_t n_rows = 0;
    std::size_t begin = 0;
    std::size_t stride = 1;
};

// How a batch of queries ranks rows. One object serves one thread.
class Ranker {
  public:
    virtual ~Ranker() = default;
    virtual void load(std::span<const std::size_t> queries) = 0;
    // Offers all rows that can enter to the selections, one per query loaded. Row i of the source
    // is offered as i * stride.
    virtual void scan(const RowSource& source, std::span<RankedSelection> selections) = 0;
};

struct RankedRow {
    std::uint32_t rank;
    std::uint64_t row;
};

struct RankedScan {
    CodeView codes;
    std::size_t n_queries = 0;
    std::size_t k = 0;
    ScanFilter filter;
    int num_threads = 0;
    std::size_t query_tile = 1;       // batches are multiples of it, as far as there are queries
    std::size_t bytes_per_query = 0;  // that a ranker holds
    std::function<std::unique_ptr<Ranker>()> make_ranker;

    // At most k rows per query in (rank, row) order.
    std::vector<std::vector<RankedRow>> run() const;
};

}  // namespace hashrec
