// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/score_scan.hpp"

#include <algorithm>
#include <limits>

#include "index/count_ranker.hpp"
#include "index/ranked_scan.hpp"
#include "index/real_ranker.hpp"
#include "index/scaled_ranker.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

template <class Value, class ValueOf>
void write(const std::vector<std::vector<RankedRow>>& found, std::size_t k, Value missing,
           ValueOf value_of, Value* values, std::int64_t* rows) {
    std::fill(values, values + found.size() * k, missing);
    std::fill(rows, rows + found.size() * k, std::int64_t{-1});
    for (std::size_t q = 0; q < found.size(); ++q) {
        for (std::size_t i = 0; i < found[q].size(); ++i) {
            values[q * k + i] = value_of(found[q][i].rank);
            rows[q * k + i] = static_cast<std::int64_t>(found[q][i].row);
        }
    }
}

RankedScan scan_of(CodeView codes, std::size_t n_queries, std::size_t k, const ScanFilter& filter,
                   int num_threads) {
    RankedScan scan;
    scan.codes = codes;
    scan.n_queries = n_queries;
    scan.k = k;
    scan.filter = filter;
    scan.num_threads = num_threads;
    return scan;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

void search_real(CodeView codes, std::size_t n_bits, const float* queries, std::size_t n_queries,
                 RealSimilarity similarity, std::size_t k, const ScanFilter& filter,
                 int num_threads, float* values, std::int64_t* rows) {
    const ScoreKernels& kernels = score_kernels(n_queries, codes.n_words);
    RankedScan scan = scan_of(codes, n_queries, k, filter, num_threads);
    scan.query_tile = kernels.query_tile;
    scan.bytes_per_query = RealRanker::bytes_per_query(kernels, codes.n_words);
    scan.make_ranker = [&] {
        return std::make_unique<RealRanker>(queries, n_bits, codes.n_words, similarity);
    };
    const auto found = scan.run();
    if (similarity == RealSimilarity::kScore) {
        write(found, k, -kInfinity, falling_value, values, rows);
    } else {
        write(found, k, kInfinity, rising_value, values, rows);
    }
}

void search_projected(CodeView codes, std::size_t n_bits, CodeView queries, std::size_t k,
                      const ScanFilter& filter, int num_threads, std::int32_t* distances,
                      std::int64_t* rows) {
    RankedScan scan = scan_of(codes, queries.n_rows, k, filter, num_threads);
    scan.make_ranker = [&] { return std::make_unique<CountRanker>(queries, n_bits, nullptr); };
    const auto value_of = [](std::uint32_t rank) { return static_cast<std::int32_t>(rank); };
    write(scan.run(), k, std::int32_t{-1}, value_of, distances, rows);
}

void search_biased(CodeView codes, std::size_t n_bits, CodeView queries, const float* bias,
                   std::size_t k, const ScanFilter& filter, int num_threads, float* scores,
                   std::int64_t* rows) {
    RankedScan scan = scan_of(codes, queries.n_rows, k, filter, num_threads);
    scan.make_ranker = [&] { return std::make_unique<CountRanker>(queries, n_bits, bias); };
    write(scan.run(), k, -kInfinity, falling_value, scores, rows);
}

void search_scaled(CodeView codes, CodeView queries, const CodeLayers& layers, std::size_t k,
                   const ScanFilter& filter, int num_threads, float* scores, std::int64_t* rows) {
    RankedScan scan = scan_of(codes, queries.n_rows, k, filter, num_threads);
    scan.bytes_per_query = ScaledRanker::bytes_per_query(layers);
    scan.make_ranker = [&] { return std::make_unique<ScaledRanker>(queries, layers); };
    write(scan.run(), k, -kInfinity, falling_value, scores, rows);
}

}  // namespace hashrec
