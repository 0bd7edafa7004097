// SPDX-License-Identifier: Apache-2.0
// Decides, query by query, whether a batch may still try the tables, so that tables and scan
// together take hardly longer than the scan alone.
//
// At any time the batch could stop and scan what is left. The rule is that time spent in the
// tables plus that scan stays below the scan of the whole batch and a few per cent. Every query
// that the tables answer makes the scan of the rest shorter and so pays for later attempts; a
// batch of which the tables answer none soon has nothing left to spend.
//
// A few pilots, spread over the batch, go first on the calling thread: to wake the other threads
// can take longer than to learn that the tables are of no use.
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

    std::size_t n_pilots() const;
    // What the next query may spend; nothing if it had better be scanned.
    Allowance next() const;
    void report(bool was_answered, double nanoseconds, const Allowance& allowance);
    // After the pilots: threads that the other queries deserve, 0 = they had better be scanned.
    int threads_for_rest();

    // Thread time of the scan per query, in nanoseconds.
    double share() const { return share_; }

  private:
    ScanCost scan_;
    std::size_t n_queries_;
    int num_threads_;
    double workers_;  // threads that can be busy
    double share_;
    bool are_pilots_ = true;
    std::atomic<std::size_t> tried_{0};
    std::atomic<std::size_t> answered_{0};
    std::atomic<std::int64_t> spent_{0};  // ns of elapsed time times workers_
};

// Measured on the codes themselves; takes a few scans of one query and a small batch.
ScanCost measure_scan(CodeView codes, std::size_t n_bits, int num_threads);

}  // namespace hashrec
