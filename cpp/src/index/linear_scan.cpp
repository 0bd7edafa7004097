// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/linear_scan.hpp"

#include <algorithm>

#include "hashrec/parallel.hpp"
#include "index/scan_job.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kQueriesPerThread = 64;  // fewer: split the database instead
constexpr std::size_t kMinPartRows = std::size_t{1} << 15;
constexpr std::size_t kMaxChunkQueries = 256;
constexpr std::size_t kChunkBytes = std::size_t{64} << 20;  // selection buffers of one chunk

// (parts of the database) x (chunks of queries); every cell is one job.
struct Plan {
    std::size_t n_parts = 1;
    std::size_t part_rows = 0;
    std::size_t chunk_queries = 1;

    std::size_t n_chunks(std::size_t n_queries) const {
        return (n_queries + chunk_queries - 1) / chunk_queries;
    }
};

Plan make_plan(std::size_t n_queries, std::size_t n_rows, std::size_t bytes_per_query,
               int num_threads) {
    const auto threads = static_cast<std::size_t>(resolve_threads(num_threads));
    Plan plan;
    if (threads > 1 && n_queries < kQueriesPerThread * threads) {
        plan.n_parts = std::clamp<std::size_t>(n_rows / kMinPartRows, 1, threads);
    }
    const std::size_t rows = (n_rows + plan.n_parts - 1) / plan.n_parts;
    plan.part_rows = (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
    const std::size_t share = plan.n_parts > 1 ? n_queries : (n_queries + threads - 1) / threads;
    const std::size_t fitting = std::max<std::size_t>(kChunkBytes / bytes_per_query, kQueryTile);
    const std::size_t chunk =
        std::min({std::max<std::size_t>(share, 1), fitting, kMaxChunkQueries});
    plan.chunk_queries = (chunk + kQueryTile - 1) / kQueryTile * kQueryTile;
    return plan;
}

// Keys of every query from all parts, in order. Keys are distinct, so the merge is unique.
using Keys = std::vector<std::uint64_t>;

void append_merged(Keys& merged, const Keys& part) {
    const auto middle = static_cast<std::ptrdiff_t>(merged.size());
    merged.insert(merged.end(), part.begin(), part.end());
    std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end());
}

std::vector<Keys> run(const ScanJob& job, CodeView queries, int num_threads) {
    const std::size_t n_rows = job.codes.n_rows;
    const Plan plan = make_plan(queries.n_rows, n_rows, job.bytes_per_query(), num_threads);
    const std::size_t n_chunks = plan.n_chunks(queries.n_rows);
    std::vector<std::vector<Keys>> found(plan.n_parts, std::vector<Keys>(queries.n_rows));
    parallel_for(plan.n_parts * n_chunks, num_threads, 1, [&](std::size_t cell, int) {
        const std::size_t part = cell / n_chunks;
        const std::size_t first = cell % n_chunks * plan.chunk_queries;
        const std::size_t last = std::min(first + plan.chunk_queries, queries.n_rows);
        const std::size_t begin = std::min(part * plan.part_rows, n_rows);
        const std::size_t end = std::min(begin + plan.part_rows, n_rows);
        job.run(queries, first, last, begin, end, found[part].data());
    });
    for (std::size_t part = 1; part < plan.n_parts; ++part) {
        for (std::size_t q = 0; q < queries.n_rows; ++q) append_merged(found[0][q], found[part][q]);
    }
    return std::move(found[0]);
}

std::int32_t distance_of(std::uint64_t key) { return static_cast<std::int32_t>(key >> kRowBits); }

std::int64_t row_of(std::uint64_t key) {
    return static_cast<std::int64_t>(key & ((std::uint64_t{1} << kRowBits) - 1));
}

}  // namespace

void LinearScan::search(CodeView queries, std::size_t k, const ScanFilter& filter,
                        std::int32_t* distances, std::int64_t* rows) const {
    const ScanJob job{codes_, n_bits_, k, static_cast<std::int32_t>(n_bits_), filter};
    const std::vector<Keys> found = run(job, queries, num_threads_);
    for (std::size_t q = 0; q < queries.n_rows; ++q) {
        const std::size_t n = std::min(found[q].size(), k);
        for (std::size_t i = 0; i < n; ++i) {
            distances[q * k + i] = distance_of(found[q][i]);
            rows[q * k + i] = row_of(found[q][i]);
        }
        std::fill(distances + q * k + n, distances + (q + 1) * k, -1);
        std::fill(rows + q * k + n, rows + (q + 1) * k, std::int64_t{-1});
    }
}

RangeResult LinearScan::within(CodeView queries, std::int64_t max_distance) const {
    RangeResult result;
    result.limits.assign(queries.n_rows + 1, 0);
    if (max_distance < 0) return result;
    const auto threshold =
        static_cast<std::int32_t>(std::min(max_distance, static_cast<std::int64_t>(n_bits_)));
    const ScanJob job{codes_, n_bits_, Selection::kUnlimited, threshold, {}};
    const std::vector<Keys> found = run(job, queries, num_threads_);
    for (std::size_t q = 0; q < queries.n_rows; ++q) {
        for (const std::uint64_t key : found[q]) {
            result.distances.push_back(distance_of(key));
            result.rows.push_back(row_of(key));
        }
        result.limits[q + 1] = static_cast<std::int64_t>(result.rows.size());
    }
    return result;
}

}  // namespace hashrec
