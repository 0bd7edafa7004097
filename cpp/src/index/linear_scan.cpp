// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/linear_scan.hpp"

#include <algorithm>

#include "hashrec/parallel.hpp"
#include "index/found_rows.hpp"
#include "index/scan_job.hpp"
#include "index/scan_parts.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{768} << 10;  // selections of one chunk

using Keys = std::vector<std::uint64_t>;

// (parts of the database) x (chunks of queries); every cell is one job.
struct Plan {
    std::size_t n_parts = 1;
    std::size_t part_rows = 0;
    std::size_t n_chunks = 1;
    std::size_t chunk_queries = 1;
};

Plan make_plan(std::size_t n_queries, std::size_t n_rows, std::size_t bytes_per_query,
               int num_threads) {
    const auto threads = static_cast<std::size_t>(resolve_threads(num_threads));
    Plan plan;
    plan.n_parts = count_parts(n_queries, n_rows, threads);
    plan.part_rows = round_up(ratio_up(n_rows, plan.n_parts), kGroupRows);
    // Chunks of one size, as many for each thread: every pass over the database prepares tables
    // for all queries of a chunk.
    const std::size_t share = plan.n_parts > 1 ? n_queries : ratio_up(n_queries, threads);
    const std::size_t fitting = std::max<std::size_t>(kChunkBytes / bytes_per_query, kQueryTile);
    const std::size_t even = ratio_up(share, std::max<std::size_t>(ratio_up(share, fitting), 1));
    plan.chunk_queries = std::max<std::size_t>(round_up(even, kQueryTile), 1);
    plan.n_chunks = ratio_up(n_queries, plan.chunk_queries);
    return plan;
}

void run(const ScanJob& job, CodeView queries, const Plan& plan, int num_threads,
         const std::vector<ScanSink*>& sinks) {
    const std::size_t n_rows = job.codes.n_rows;
    parallel_for(plan.n_parts * plan.n_chunks, num_threads, 1, [&](std::size_t cell, int) {
        const std::size_t part = cell / plan.n_chunks;
        const std::size_t first = cell % plan.n_chunks * plan.chunk_queries;
        const std::size_t last = std::min(first + plan.chunk_queries, queries.n_rows);
        const std::size_t begin = std::min(part * plan.part_rows, n_rows);
        const std::size_t end = std::min(begin + plan.part_rows, n_rows);
        job.run(queries, first, last, begin, end, *sinks[part]);
    });
}

// Writes the caller's arrays; until then the ids' memory holds the keys.
class ArraySink : public ScanSink {
  public:
    ArraySink(std::size_t k, std::int32_t* distances, std::int64_t* rows)
        : k_(k), distances_(distances), rows_(rows) {}

    std::uint64_t* room(std::size_t q) override {
        return reinterpret_cast<std::uint64_t*>(rows_ + q * k_);
    }

    void put(std::size_t q, const Keys& keys) override {
        write_nearest(keys, k_, distances_ + q * k_, rows_ + q * k_);
    }

  private:
    std::size_t k_;
    std::int32_t* distances_;
    std::int64_t* rows_;
};

// Holds the keys of one part of the database until all parts are merged.
class PartSink : public ScanSink {
  public:
    PartSink(std::size_t n_queries, std::size_t room) : room_(room), keys_(n_queries) {}

    std::uint64_t* room(std::size_t q) override {
        keys_[q].resize(room_);
        return keys_[q].data();
    }
    void put(std::size_t q, const Keys& keys) override { keys_[q] = keys; }

    Keys& keys(std::size_t q) { return keys_[q]; }
    const std::vector<Keys>& all() const { return keys_; }

  private:
    std::size_t room_;
    std::vector<Keys> keys_;
};

// Keys are distinct, so the merge is unique.
void append_merged(Keys& merged, const Keys& part) {
    const auto middle = static_cast<std::ptrdiff_t>(merged.size());
    merged.insert(merged.end(), part.begin(), part.end());
    std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end());
}

std::vector<PartSink> run_parts(const ScanJob& job, CodeView queries, const Plan& plan,
                                int num_threads) {
    const std::size_t room = job.k == Selection::kUnlimited ? 0 : std::min(job.k, plan.part_rows);
    std::vector<PartSink> parts(plan.n_parts, PartSink(queries.n_rows, room));
    std::vector<ScanSink*> sinks;
    for (PartSink& part : parts) sinks.push_back(&part);
    run(job, queries, plan, num_threads, sinks);
    for (std::size_t part = 1; part < plan.n_parts; ++part) {
        for (std::size_t q = 0; q < queries.n_rows; ++q) {
            append_merged(parts[0].keys(q), parts[part].keys(q));
        }
    }
    return parts;
}

}  // namespace

void LinearScan::search(CodeView queries, std::size_t k, const ScanFilter& filter,
                        std::int32_t* distances, std::int64_t* rows) const {
    const ScanJob job{codes_, n_bits_, k, static_cast<std::int32_t>(n_bits_), filter};
    const Plan plan = make_plan(queries.n_rows, codes_.n_rows, job.bytes_per_query(), num_threads_);
    ArraySink sink(k, distances, rows);
    if (plan.n_parts == 1) return run(job, queries, plan, num_threads_, {&sink});
    std::vector<PartSink> parts = run_parts(job, queries, plan, num_threads_);
    for (std::size_t q = 0; q < queries.n_rows; ++q) sink.put(q, parts[0].keys(q));
}

RangeResult LinearScan::within(CodeView queries, std::int64_t max_distance) const {
    if (max_distance < 0) return joined(std::vector<Keys>(queries.n_rows));
    const auto threshold =
        static_cast<std::int32_t>(std::min(max_distance, static_cast<std::int64_t>(n_bits_)));
    const ScanJob job{codes_, n_bits_, Selection::kUnlimited, threshold, {}};
    const Plan plan = make_plan(queries.n_rows, codes_.n_rows, job.bytes_per_query(), num_threads_);
    return joined(run_parts(job, queries, plan, num_threads_)[0].all());
}

}  // namespace hashrec
