// SPDX-License-Identifier: Apache-2.0
// What one thread does: some queries against one contiguous part of the database.
#pragma once

#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "index/selection.hpp"

namespace hashrec {

struct ScanJob {
    CodeView codes;
    std::size_t n_bits;
    std::size_t k;
    std::int32_t threshold;  // no row farther than this is wanted
    ScanFilter filter;

    // Queries [first, last) against rows [begin, end), `begin` a multiple of 64; the keys of query
    // q are appended to found[q] in rising order.
    void run(CodeView queries, std::size_t first, std::size_t last, std::size_t begin,
             std::size_t end, std::vector<std::uint64_t>* found) const;

    std::size_t bytes_per_query() const { return Selection::bytes(k, codes.n_rows, n_bits); }
};

}  // namespace hashrec
