// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/multi_index.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "hashrec/parallel.hpp"
#include "index/found_rows.hpp"
#include "index/key_ball.hpp"
#include "index/piece_search.hpp"
#include "index/query_subset.hpp"
#include "index/table_budget.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kMinRows = std::size_t{1} << 16;  // fewer are scanned in no time
constexpr std::size_t kMinRowsPerK = 16;
constexpr std::size_t kAll = std::size_t{1} << 62;  // k of a range search
constexpr double kWorthTrying = 0.5;                // of a scan
constexpr std::size_t kLargeBatch = 64;             // queries per thread

bool may_use_tables(TableUse use, std::size_t n_rows, std::size_t k) {
    if (use != TableUse::kAuto) return use == TableUse::kAlways && n_rows > 0;
    return n_rows >= kMinRows && n_rows <= BucketTable::kMaxRows && k <= n_rows / kMinRowsPerK;
}

// A batch of queries that the tables are tried on.
struct TablePass {
    CodeView codes;
    std::size_t n_bits;
    const std::vector<BucketTable>& tables;
    CodeView queries;
    std::size_t k;
    std::int64_t max_distance;
    ScanFilter filter;
    TableBudget* budget;  // null: no limit
    int num_threads;

    // visit(query, search) where the tables have answered; returns the other queries, in order.
    template <class Visit>
    std::vector<std::size_t> run(Visit&& visit) const {
        std::vector<std::unique_ptr<PieceSearch>> searches(
            static_cast<std::size_t>(resolve_threads(num_threads)));
        std::vector<std::uint8_t> was_tried(queries.n_rows, 0);
        std::vector<std::uint8_t> answered(queries.n_rows, 0);
        const auto attempt = [&](std::size_t q, int thread) {
            const Allowance allowance = next_allowance();
            if (was_tried[q] || allowance.spend <= 0.0) return;
            auto& search = searches[static_cast<std::size_t>(thread)];
            if (!search) search = std::make_unique<PieceSearch>(codes, n_bits, tables);
            const bool ok =
                search->run(queries.row(q), RowFilter(filter, q), k, max_distance, allowance);
            if (ok) visit(q, *search);
            was_tried[q] = 1;
            answered[q] = ok;
            if (budget != nullptr) budget->report(ok, search->nanoseconds(), allowance);
        };
        const std::size_t n_pilots = budget == nullptr ? 0 : budget->n_pilots();
        for (std::size_t i = 0; i < n_pilots; ++i) attempt(i * queries.n_rows / n_pilots, 0);
        const int threads =
            budget == nullptr ? resolve_threads(num_threads) : budget->threads_for_rest();
        if (threads > 0) parallel_for(queries.n_rows, threads, 1, attempt);
        std::vector<std::size_t> rest;
        for (std::size_t q = 0; q < queries.n_rows; ++q) {
            if (!answered[q]) rest.push_back(q);
        }
        return rest;
    }

    Allowance next_allowance() const {
        if (budget != nullptr) return budget->next();
        return {std::numeric_limits<double>::infinity(), 0.0};
    }
};

// Scans for the chosen queries of a batch and writes their rows of the result.
void scan_some(const LinearScan& scan, CodeView queries, const std::vector<std::size_t>& chosen,
               std::size_t k, const ScanFilter& filter, std::int32_t* distances,
               std::int64_t* rows) {
    const QuerySubset subset(queries, filter, chosen);
    std::vector<std::int32_t> found_distances(chosen.size() * k);
    std::vector<std::int64_t> found_rows(chosen.size() * k);
    scan.search(subset.queries, k, subset.filter, found_distances.data(), found_rows.data());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        std::copy_n(found_distances.data() + i * k, k, distances + chosen[i] * k);
        std::copy_n(found_rows.data() + i * k, k, rows + chosen[i] * k);
    }
}

}  // namespace

MultiIndex::MultiIndex(CodeView codes, std::size_t n_bits, std::size_t n_tables, int num_threads)
    : codes_(codes),
      n_bits_(n_bits),
      n_tables_(n_tables == 0 ? default_tables(codes.n_rows, n_bits) : n_tables),
      num_threads_(num_threads) {}

std::size_t MultiIndex::default_tables(std::size_t n_rows, std::size_t n_bits) {
    const double width = std::clamp(std::log2(static_cast<double>(n_rows + 1)), 8.0, 24.0);
    const double wanted = std::round(static_cast<double>(n_bits) / width);
    return std::max<std::size_t>(static_cast<std::size_t>(wanted), (n_bits + 63) / 64);
}

// The first n_bits % n_tables pieces are one bit longer than the others.
void MultiIndex::build() const {
    std::call_once(built_, [this] {
        std::vector<BucketTable> tables;
        tables.reserve(n_tables_);
        std::size_t begin = 0;
        for (std::size_t t = 0; t < n_tables_; ++t) {
            const std::size_t width = n_bits_ / n_tables_ + (t < n_bits_ % n_tables_ ? 1 : 0);
            tables.emplace_back(codes_, KeyBits::run(begin, width), num_threads_);
            begin += width;
        }
        tables_ = std::move(tables);
    });
}

const std::vector<BucketTable>& MultiIndex::tables() const {
    build();
    return tables_;
}

ScanCost MultiIndex::scan_cost(int num_threads) const {
    const std::lock_guard<std::mutex> guard(cost_lock_);
    const std::pair<SimdLevel, int> key{simd_level(), resolve_threads(num_threads)};
    auto found = costs_.find(key);
    if (found == costs_.end()) {
        found = costs_.emplace(key, measure_scan(codes_, n_bits_, num_threads)).first;
    }
    return found->second;
}

// A scan that was faster than it was thought to be corrects what was measured on a busy machine.
void MultiIndex::learn(std::size_t n_queries, double nanoseconds, int num_threads) const {
    const auto threads = static_cast<std::size_t>(resolve_threads(num_threads));
    const std::lock_guard<std::mutex> guard(cost_lock_);
    const auto found = costs_.find({simd_level(), static_cast<int>(threads)});
    if (found == costs_.end()) return;  // the level was changed meanwhile
    ScanCost& cost = found->second;
    if (n_queries == 1) cost.single = std::min(cost.single, nanoseconds);
    if (n_queries >= kLargeBatch * threads) {
        const double per_query = nanoseconds / static_cast<double>(n_queries);
        cost.per_query = std::min(cost.per_query, per_query);
    }
}

void MultiIndex::search(CodeView queries, std::size_t k, const ScanFilter& filter, TableUse use,
                        int num_threads, std::int32_t* distances, std::int64_t* rows,
                        PieceCounts* counts) const {
    const LinearScan scan(codes_, n_bits_, num_threads);
    if (counts != nullptr) std::fill_n(counts, queries.n_rows, PieceCounts{});
    if (!may_use_tables(use, codes_.n_rows, k)) {
        scan.search(queries, k, filter, distances, rows);
        return;
    }
    build();
    std::optional<TableBudget> budget;
    if (use == TableUse::kAuto) {
        budget.emplace(scan_cost(num_threads), queries.n_rows, num_threads);
    }
    const auto reach = static_cast<std::int64_t>(n_bits_);
    const TablePass pass{codes_,     n_bits_, tables_, queries,
                         k,          reach,   filter,  budget ? &*budget : nullptr,
                         num_threads};
    const std::vector<std::size_t> rest = pass.run([&](std::size_t q, PieceSearch& search) {
        write_nearest(search.keys(), k, distances + q * k, rows + q * k);
        if (counts != nullptr) counts[q] = search.counts();
    });
    const auto start = std::chrono::steady_clock::now();
    if (rest.size() == queries.n_rows) {
        scan.search(queries, k, filter, distances, rows);
    } else if (!rest.empty()) {
        scan_some(scan, queries, rest, k, filter, distances, rows);
    }
    if (use == TableUse::kAuto && filter.allow == nullptr) {
        const std::chrono::duration<double, std::nano> spent =
            std::chrono::steady_clock::now() - start;
        learn(rest.size(), spent.count(), num_threads);
    }
}

RangeResult MultiIndex::within(CodeView queries, std::int64_t max_distance, TableUse use,
                               int num_threads) const {
    const LinearScan scan(codes_, n_bits_, num_threads);
    if (max_distance < 0 || !may_use_tables(use, codes_.n_rows, 1)) {
        return scan.within(queries, max_distance);
    }
    std::optional<TableBudget> budget;
    if (use == TableUse::kAuto) {
        budget.emplace(scan_cost(num_threads), queries.n_rows, num_threads);
        if (least_cost(max_distance) > kWorthTrying * budget->share()) {
            return scan.within(queries, max_distance);
        }
    }
    build();
    const std::int64_t reach = std::min(max_distance, static_cast<std::int64_t>(n_bits_));
    std::vector<std::vector<std::uint64_t>> found(queries.n_rows);
    const TablePass pass{codes_,     n_bits_, tables_, queries,
                         kAll,       reach,   {},      budget ? &*budget : nullptr,
                         num_threads};
    const std::vector<std::size_t> rest =
        pass.run([&](std::size_t q, PieceSearch& search) { found[q] = search.keys(); });
    if (rest.size() == queries.n_rows) return scan.within(queries, max_distance);
    const QuerySubset subset(queries, {}, rest);
    const RangeResult scanned = scan.within(subset.queries, max_distance);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        for (auto r = static_cast<std::size_t>(scanned.limits[i]);
             r < static_cast<std::size_t>(scanned.limits[i + 1]); ++r) {
            found[rest[i]].push_back(make_key(scanned.distances[r], scanned.rows[r]));
        }
    }
    return joined(found);
}

// Nanoseconds for all look-ups that a range search needs, steps as in PieceSearch.
double MultiIndex::least_cost(std::int64_t max_distance) const {
    double lookups = 0.0;
    for (std::size_t step = 0; step <= static_cast<std::size_t>(max_distance); ++step) {
        const std::size_t width = n_bits_ / n_tables_ + (step % n_tables_ < n_bits_ % n_tables_);
        if (step / n_tables_ > width) break;
        lookups += static_cast<double>(n_masks(width, step / n_tables_, codes_.n_rows));
    }
    return kLookupNs * lookups;
}

}  // namespace hashrec
