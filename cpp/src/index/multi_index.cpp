// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/multi_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "hashrec/parallel.hpp"
#include "index/found_rows.hpp"
#include "index/key_ball.hpp"
#include "index/piece_search.hpp"
#include "index/table_budget.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kMinRows = std::size_t{1} << 16;  // fewer are scanned in no time
constexpr std::size_t kMinRowsPerK = 16;
constexpr std::size_t kAll = std::size_t{1} << 62;  // k of a range search
constexpr double kWorthTrying = 0.5;                // of a scan

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

// Some queries of a batch with their lists of excluded rows.
struct QuerySubset {
    std::vector<std::uint64_t> words;
    std::vector<std::int64_t> indptr{0};
    std::vector<std::int32_t> indices;
    CodeView queries;
    CsrView exclude;
    ScanFilter filter;

    QuerySubset(CodeView all, const ScanFilter& all_filter, const std::vector<std::size_t>& chosen)
        : filter(all_filter) {
        for (const std::size_t q : chosen) {
            words.insert(words.end(), all.row(q), all.row(q) + all.n_words);
            if (all_filter.exclude == nullptr) continue;
            const CsrView& lists = *all_filter.exclude;
            indices.insert(indices.end(), lists.indices + lists.begin(q),
                           lists.indices + lists.end(q));
            indptr.push_back(static_cast<std::int64_t>(indices.size()));
        }
        queries = {words.data(), chosen.size(), all.n_words};
        exclude = {indptr.data(), indices.data(), chosen.size()};
        if (all_filter.exclude != nullptr) filter.exclude = &exclude;
    }
    QuerySubset(const QuerySubset&) = delete;
    QuerySubset& operator=(const QuerySubset&) = delete;
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

void MultiIndex::search(CodeView queries, std::size_t k, const ScanFilter& filter, TableUse use,
                        int num_threads, std::int32_t* distances, std::int64_t* rows,
                        PieceCounts* counts) const {
    const LinearScan scan(codes_, n_bits_, num_threads);
    if (counts != nullptr) std::fill_n(counts, queries.n_rows, PieceCounts{});
    const bool is_small = codes_.n_rows < kMinRows || k > codes_.n_rows / kMinRowsPerK;
    if (use == TableUse::kNever || codes_.n_rows == 0 || (use == TableUse::kAuto && is_small)) {
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
    if (rest.size() == queries.n_rows) {
        scan.search(queries, k, filter, distances, rows);
    } else if (!rest.empty()) {
        scan_some(scan, queries, rest, k, filter, distances, rows);
    }
}

RangeResult MultiIndex::within(CodeView queries, std::int64_t max_distance, TableUse use,
                               int num_threads) const {
    const LinearScan scan(codes_, n_bits_, num_threads);
    const bool is_small = codes_.n_rows < kMinRows;
    if (use == TableUse::kNever || codes_.n_rows == 0 || max_distance < 0 ||
        (use == TableUse::kAuto && is_small)) {
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

// Nanoseconds for the look-ups of the last whole radius that a range search needs.
double MultiIndex::least_cost(std::int64_t max_distance) const {
    const std::size_t radius = static_cast<std::size_t>(max_distance) / n_tables_;
    const std::size_t width = n_bits_ / n_tables_;
    if (radius == 0 || radius > width) return 0.0;
    const std::uint64_t ring = n_masks(width, radius - 1, codes_.n_rows);
    return kLookupNs * static_cast<double>(n_tables_) * static_cast<double>(ring);
}

}  // namespace hashrec
