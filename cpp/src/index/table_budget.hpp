// SPDX-License-Identifier: Apache-2.0
// Decides, query by query, whether a batch may still try the tables, so that tables and scan
// together take hardly longer than the scan alone.
//
// At any time the batch could stop and scan what is left. The rule is that time spent in the
// tables plus that scan stays below the scan of the whole batch and a few per cent. Every query
// that the tables answer makes the scan of the rest shorter and so pays for later attempts; a
// batch of which the tables answer none soon has nothing left to spend.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "hashrec/index/multi_index.hpp"
#include "index/piece_search.hpp"

namespace hashrec {

class TableBudget {
  public:
    TableBudget(const ScanCost& scan, std::size_t n_queries, int num_threads);

    // What the next query may spend; nothing if it had better be scanned.
    Allowance next() const;
    // Thread time of the scan per query, in nanoseconds.
    double share() const { return share_; }
    void report(bool was_answered, double nanoseconds, const Allowance& allowance);

  private:
    ScanCost scan_;
    std::size_t n_queries_;
    double workers_;  // threads that can be busy
    double share_;
    std::atomic<std::size_t> tried_{0};
    std::atomic<std::size_t> answered_{0};
    std::atomic<std::int64_t> spent_{0};  // ns of thread time
};

// Measured on the codes themselves; takes a few scans of one query and a small batch.
ScanCost measure_scan(CodeView codes, std::size_t n_bits, int num_threads);

}  // namespace hashrec
