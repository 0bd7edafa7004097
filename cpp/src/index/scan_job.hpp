// SPDX-License-Identifier: Apache-2.0
// What one thread does: some queries against one contiguous part of the database.
#pragma once

#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "index/selection.hpp"

namespace hashrec {

// Where the results of a job go.
class ScanSink {
  public:
    virtual ~ScanSink() = default;
    // Room for min(k, rows of the part) keys of query q, used until its result is put.
    virtual std::uint64_t* room(std::size_t q) = 0;
    // The result of query q: keys in rising order.
    virtual void put(std::size_t q, const std::vector<std::uint64_t>& keys) = 0;
};

struct ScanJob {
    CodeView codes;
    std::size_t n_bits;
    std::size_t k;
    std::int32_t threshold;  // no row farther than this is wanted
    ScanFilter filter;

    // Queries [first, last) against rows [begin, end), `begin` a multiple of 64.
    void run(CodeView queries, std::size_t first, std::size_t last, std::size_t begin,
             std::size_t end, ScanSink& sink) const;

    // Memory that one query takes while its job runs, beside the sink's.
    std::size_t bytes_per_query() const;
};

}  // namespace hashrec
