// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/hash_table.hpp"

#include <algorithm>
#include <bit>
#include <memory>

#include "hashrec/parallel.hpp"
#include "index/best_keys.hpp"
#include "index/candidates.hpp"
#include "index/found_rows.hpp"
#include "index/key_ball.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kLookups = 32;  // in flight at once

// One thread's probing; reused from query to query.
class Probe {
  public:
    Probe(CodeView codes, const BucketTable& table) : table_(table), block_(codes) {}

    // Probes until `wanted` rows were found or max_radius is reached.
    const std::vector<std::uint64_t>& run(const std::uint64_t* query, const RowFilter& filter,
                                          std::size_t k, std::int64_t max_distance,
                                          const ProbeRule& rule) {
        counts_ = {};
        filter_ = &filter;
        key_ = table_.bits()(query);
        best_.start(k, max_distance);
        block_.start(query);
        const std::size_t width = table_.bits().width();
        const std::size_t last = std::min(rule.max_radius, width);
        const auto wanted = static_cast<std::int64_t>(std::max(rule.n_candidates, k));
        for (std::size_t radius = 0; radius <= last; ++radius) {
            counts_.radius = static_cast<std::int64_t>(radius);
            // Where a ring has more keys than there are buckets, the buckets are the shorter way.
            if (n_masks(width, radius, table_.n_buckets() + 1) > table_.n_buckets()) {
                walk(radius, last, wanted);
                break;
            }
            probe_ring(radius);
            if (counts_.candidates >= wanted) break;
        }
        return best_.sorted();
    }

    const ProbeCounts& counts() const { return counts_; }

  private:
    void probe_ring(std::size_t radius) {
        MasksOfWeight ring(table_.bits().width(), radius);
        std::uint64_t masks[kLookups];
        for (std::size_t n = 0; (n = ring.next(masks, kLookups)) > 0;) {
            for (std::size_t i = 0; i < n; ++i) table_.prefetch(key_ ^ masks[i]);
            for (std::size_t i = 0; i < n; ++i) take(table_.find(key_ ^ masks[i]));
        }
        finish_block();
    }

    // The rings from `radius` on, each by a look at all keys that occur. Rows are counted per ring
    // first, so that rings which cannot be the last are taken together.
    void walk(std::size_t radius, std::size_t last, std::int64_t wanted) {
        std::vector<std::int64_t> rows_at(last + 1, 0);
        table_.for_each([&](std::uint64_t key, Bucket bucket) {
            const auto distance = static_cast<std::size_t>(std::popcount(key ^ key_));
            if (distance <= last) rows_at[distance] += static_cast<std::int64_t>(bucket.size());
        });
        while (radius <= last && counts_.candidates < wanted) {
            const std::size_t first = radius;
            std::int64_t at_most = counts_.candidates + rows_at[radius];
            while (radius < last && at_most < wanted) at_most += rows_at[++radius];
            table_.for_each([&](std::uint64_t key, Bucket bucket) {
                const auto distance = static_cast<std::size_t>(std::popcount(key ^ key_));
                if (distance >= first && distance <= radius) take(bucket);
            });
            finish_block();
            counts_.radius = static_cast<std::int64_t>(radius++);
        }
    }

    void take(Bucket bucket) {
        ++counts_.lookups;
        for (const std::uint32_t row : bucket) {
            if (!(*filter_)(row)) continue;
            ++counts_.candidates;
            block_.add(row, [this](std::uint32_t r, std::int32_t d) { offer(r, d); });
        }
    }

    void finish_block() {
        block_.flush([this](std::uint32_t r, std::int32_t d) { offer(r, d); });
    }

    void offer(std::uint32_t row, std::int32_t distance) {
        const std::uint64_t key = make_key(distance, row);
        if (key < best_.limit()) best_.add(key);
    }

    const BucketTable& table_;
    CandidateBlock block_;
    BestKeys best_;
    const RowFilter* filter_ = nullptr;
    std::uint64_t key_ = 0;
    ProbeCounts counts_;
};

// visit(query, probe) for every query, with one probe per thread.
template <class Visit>
void for_each_query(CodeView codes, const BucketTable& table, CodeView queries, int num_threads,
                    Visit&& visit) {
    std::vector<std::unique_ptr<Probe>> probes(
        static_cast<std::size_t>(resolve_threads(num_threads)));
    parallel_for(queries.n_rows, num_threads, 1, [&](std::size_t query, int thread) {
        auto& probe = probes[static_cast<std::size_t>(thread)];
        if (!probe) probe = std::make_unique<Probe>(codes, table);
        visit(query, *probe);
    });
}

}  // namespace

void HashTable::search(CodeView queries, std::size_t k, const ProbeRule& rule,
                       const ScanFilter& filter, int num_threads, std::int32_t* distances,
                       std::int64_t* rows, ProbeCounts* counts) const {
    const auto n_bits = static_cast<std::int64_t>(n_bits_);
    for_each_query(codes_, table_, queries, num_threads, [&](std::size_t q, Probe& probe) {
        const auto& keys = probe.run(queries.row(q), RowFilter(filter, q), k, n_bits, rule);
        write_nearest(keys, k, distances + q * k, rows + q * k);
        if (counts != nullptr) counts[q] = probe.counts();
    });
}

RangeResult HashTable::within(CodeView queries, std::int64_t max_distance, std::size_t max_radius,
                              int num_threads) const {
    std::vector<std::vector<std::uint64_t>> found(queries.n_rows);
    if (max_distance >= 0) {
        const std::int64_t reach = std::min(max_distance, static_cast<std::int64_t>(n_bits_));
        // A code within `reach` has its key within `reach`: farther buckets are not needed.
        const ProbeRule rule{std::min(max_radius, static_cast<std::size_t>(reach)), 0};
        constexpr std::size_t kAll = std::size_t{1} << 62;
        for_each_query(codes_, table_, queries, num_threads, [&](std::size_t q, Probe& probe) {
            found[q] = probe.run(queries.row(q), RowFilter({}, q), kAll, reach, rule);
        });
    }
    return joined(found);
}

}  // namespace hashrec
