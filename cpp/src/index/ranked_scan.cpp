// SPDX-License-Identifier: Apache-2.0
#include "index/ranked_scan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hashrec/parallel.hpp"
#include "index/excluded_rows.hpp"
#include "index/scan_parts.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kMaxPartRows = std::size_t{1} << 31;  // rows of a part fit 32 bits
constexpr std::size_t kBatchBytes = std::size_t{768} << 10;
constexpr std::size_t kMaxBatch = 192;
constexpr std::size_t kMinBatch = 64;  // a block is laid out once per batch

// (parts of the database) x (batches of queries); every cell is one job.
struct Plan {
    std::size_t n_parts = 1;
    std::size_t part_rows = 0;
    std::size_t batch = 1;
};

Plan make_plan(const RankedScan& scan) {
    const auto threads = static_cast<std::size_t>(resolve_threads(scan.num_threads));
    const std::size_t n_rows = scan.codes.n_rows;
    Plan plan;
    plan.n_parts =
        std::max(count_parts(scan.n_queries, n_rows, threads), n_rows / kMaxPartRows + 1);
    plan.part_rows = round_up(ratio_up(n_rows, plan.n_parts), 64);
    const std::size_t share = plan.n_parts > 1 ? scan.n_queries : ratio_up(scan.n_queries, threads);
    const std::size_t bytes =
        scan.bytes_per_query + RankedSelection::bytes(std::min(scan.k, n_rows));
    const std::size_t fitting = std::clamp(kBatchBytes / bytes, kMinBatch, kMaxBatch);
    plan.batch = round_up(std::clamp<std::size_t>(share, 1, fitting), scan.query_tile);
    return plan;
}

// Enough sample rows within the limit to expect k rows in the whole, by a few standard
// deviations.
std::size_t needed(double expected, std::size_t k) {
    const double wanted = std::ceil(expected + 3.5 * std::sqrt(expected) + 3.0);
    return std::min(k, static_cast<std::size_t>(wanted));
}

// Rows at equal strides of one part. Their k-th best gives a limit that is a guess: whether k rows
// lie within it is seen at the end.
struct Sample {
    std::vector<std::uint64_t> words;
    RowSource source;
    std::size_t need = 0;

    Sample(const CodeView& codes, std::size_t begin, std::size_t end, std::size_t k) {
        constexpr std::size_t kSmallest = 8192, kLargest = 16384, kMinStride = 32;
        constexpr std::size_t kBytes = std::size_t{256} << 10;
        const std::size_t n_rows = end - begin;
        if (k >= kLargest || 2 * k > n_rows / kMinStride) return;
        const std::size_t fitting = std::max(kBytes / (8 * codes.n_words), kSmallest / 2);
        const std::size_t wanted = std::min(std::clamp(16 * k, kSmallest, kLargest), fitting);
        const std::size_t stride = std::max(kMinStride, n_rows / wanted);
        for (std::size_t row = begin; row < end; row += stride) {
            words.insert(words.end(), codes.row(row), codes.row(row) + codes.n_words);
        }
        source = {words.data(), words.size() / codes.n_words, begin, stride};
        need = needed(static_cast<double>(k) / static_cast<double>(stride), k);
    }
};

// One part of the database for one batch of queries.
class Job {
  public:
    Job(const RankedScan& scan, const Sample& sample, std::size_t begin, std::size_t end)
        : scan_(scan), sample_(sample), begin_(begin), end_(end), ranker_(scan.make_ranker()) {}

    void run(std::vector<std::size_t> queries, std::vector<std::vector<RankedRow>>& found) {
        std::vector<RankedSelection> selections(queries.size());
        ranker_->load(queries);
        const std::vector<std::uint32_t> limits = guesses(queries, selections);
        scan(queries, limits, selections);
        std::vector<std::size_t> again;  // a guess was too small
        for (std::size_t i = 0; i < queries.size(); ++i) {
            const std::vector<std::uint64_t>& keys = selections[i].finish();
            if (keys.size() < scan_.k && limits[i] != kNoLimit) {
                again.push_back(queries[i]);
            } else {
                take(keys, found[queries[i]]);
            }
        }
        if (again.empty()) return;
        ranker_->load(again);
        scan(again, std::vector<std::uint32_t>(again.size(), kNoLimit), selections);
        for (std::size_t i = 0; i < again.size(); ++i) {
            take(selections[i].finish(), found[again[i]]);
        }
    }

  private:
    RowFilter filter_of(std::size_t query) const {
        return {scan_.filter.allow, excluded_between(scan_.filter.exclude, query, begin_, end_)};
    }

    std::vector<std::uint32_t> guesses(const std::vector<std::size_t>& queries,
                                       std::vector<RankedSelection>& selections) {
        std::vector<std::uint32_t> limits(queries.size(), kNoLimit);
        if (sample_.need == 0) return limits;
        for (std::size_t i = 0; i < queries.size(); ++i) {
            selections[i].start(sample_.need, kNoLimit, begin_, filter_of(queries[i]));
        }
        ranker_->scan(sample_.source, selections);
        for (std::size_t i = 0; i < queries.size(); ++i) {
            const std::vector<std::uint64_t>& keys = selections[i].finish();
            if (keys.size() < sample_.need) continue;
            limits[i] = static_cast<std::uint32_t>(keys.back() >> 32) + 1;
        }
        return limits;
    }

    void scan(const std::vector<std::size_t>& queries, const std::vector<std::uint32_t>& limits,
              std::vector<RankedSelection>& selections) {
        for (std::size_t i = 0; i < queries.size(); ++i) {
            selections[i].start(scan_.k, limits[i], begin_, filter_of(queries[i]));
        }
        ranker_->scan({scan_.codes.row(begin_), end_ - begin_, begin_, 1},
                      std::span(selections).first(queries.size()));
    }

    void take(const std::vector<std::uint64_t>& keys, std::vector<RankedRow>& rows) const {
        rows.reserve(keys.size());
        for (const std::uint64_t key : keys) {
            rows.push_back({static_cast<std::uint32_t>(key >> 32), begin_ + (key & 0xffffffff)});
        }
    }

    const RankedScan& scan_;
    const Sample& sample_;
    std::size_t begin_;
    std::size_t end_;
    std::unique_ptr<Ranker> ranker_;
};

// Rows of a later part have larger numbers, so a stable merge by rank keeps the order.
void append_merged(std::vector<RankedRow>& merged, const std::vector<RankedRow>& part,
                   std::size_t k) {
    const auto middle = static_cast<std::ptrdiff_t>(merged.size());
    merged.insert(merged.end(), part.begin(), part.end());
    std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end(),
                       [](const RankedRow& a, const RankedRow& b) { return a.rank < b.rank; });
    if (merged.size() > k) merged.resize(k);
}

}  // namespace

std::vector<std::vector<RankedRow>> RankedScan::run() const {
    const Plan plan = make_plan(*this);
    std::vector<std::vector<std::vector<RankedRow>>> found(
        plan.n_parts, std::vector<std::vector<RankedRow>>(n_queries));
    if (codes.n_rows == 0 || n_queries == 0) return std::move(found[0]);
    const auto begin_of = [&](std::size_t part) {
        return std::min(part * plan.part_rows, codes.n_rows);
    };
    std::vector<Sample> samples;
    for (std::size_t part = 0; part < plan.n_parts; ++part) {
        samples.emplace_back(codes, begin_of(part), begin_of(part + 1), k);
    }
    const std::size_t n_batches = (n_queries + plan.batch - 1) / plan.batch;
    parallel_for(plan.n_parts * n_batches, num_threads, 1, [&](std::size_t cell, int) {
        const std::size_t part = cell / n_batches;
        const std::size_t first = cell % n_batches * plan.batch;
        std::vector<std::size_t> queries(std::min(plan.batch, n_queries - first));
        std::iota(queries.begin(), queries.end(), first);
        if (begin_of(part) == begin_of(part + 1)) return;
        Job(*this, samples[part], begin_of(part), begin_of(part + 1)).run(queries, found[part]);
    });
    for (std::size_t part = 1; part < plan.n_parts; ++part) {
        for (std::size_t q = 0; q < n_queries; ++q) append_merged(found[0][q], found[part][q], k);
    }
    return std::move(found[0]);
}

}  // namespace hashrec
