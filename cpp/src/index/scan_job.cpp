// SPDX-License-Identifier: Apache-2.0
#include "index/scan_job.hpp"

#include <algorithm>
#include <span>

#include "index/start_threshold.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

// Rows of a block stay in the second-level cache while all queries of the chunk pass over them.
constexpr std::size_t kBlockBytes = std::size_t{1} << 17;

std::size_t rows_per_block(std::size_t n_words) {
    const std::size_t rows = kBlockBytes / (n_words * sizeof(std::uint64_t));
    return std::max(rows / kGroupRows, std::size_t{1}) * kGroupRows;
}

std::span<const std::int32_t> excluded_between(const CsrView* exclude, std::size_t query,
                                               std::size_t begin, std::size_t end) {
    if (exclude == nullptr) return {};
    const std::int32_t* first = exclude->indices + exclude->begin(query);
    const std::int32_t* last = exclude->indices + exclude->end(query);
    const auto below = [](std::int32_t row, std::size_t bound) {
        return static_cast<std::size_t>(row) < bound;
    };
    first = std::lower_bound(first, last, begin, below);
    return {first, std::lower_bound(first, last, end, below)};
}

// One pass over the rows for all selections that can still change.
void scan(const HammingKernels& kernels, const ScanJob& job, std::size_t begin, std::size_t end,
          std::vector<ScanQuery*> active) {
    const std::size_t n_words = job.codes.n_words;
    const std::size_t step = rows_per_block(n_words);
    std::vector<std::uint64_t> scratch;
    for (std::size_t row = begin; row < end && !active.empty(); row += step) {
        ScanBlock block;
        block.rows = job.codes.row(row);
        block.allow = job.filter.allow == nullptr ? nullptr : job.filter.allow + row / kGroupRows;
        block.first_row = row;
        block.n_rows = std::min(step, end - row);
        block.n_words = n_words;
        // To slice a block costs about as much as one query.
        if (kernels.slice != nullptr && n_words > 1 && active.size() >= kQueryTile) {
            scratch.resize(step * n_words);
            kernels.slice(block.rows, block.n_rows / kGroupRows, n_words, scratch.data());
            block.sliced = scratch.data();
        }
        for (std::size_t q = 0; q < active.size(); q += kQueryTile) {
            kernels.scan(active.data() + q, std::min(kQueryTile, active.size() - q), block);
        }
        std::erase_if(active, [](const ScanQuery* query) { return query->threshold < 0; });
    }
}

}  // namespace

void ScanJob::run(CodeView queries, std::size_t first, std::size_t last, std::size_t begin,
                  std::size_t end, std::vector<std::uint64_t>* found) const {
    const HammingKernels& kernels = hamming_kernels();
    const std::size_t n_rows = end - begin;
    std::vector<Selection> selections(last - first);
    std::vector<std::int32_t> guesses(last - first);
    std::vector<ScanQuery*> active;
    StartThreshold guess(codes, begin, end, filter.allow, k);
    for (std::size_t q = first; q < last; ++q) {
        Selection& selection = selections[q - first];
        const auto excluded = excluded_between(filter.exclude, q, begin, end);
        guesses[q - first] = guess(kernels, queries.row(q), excluded, threshold);
        selection.prepare(queries.row(q), k, n_rows, n_bits);
        selection.start(guesses[q - first], excluded.data(), excluded.data() + excluded.size());
        active.push_back(&selection.query());
    }
    scan(kernels, *this, begin, end, active);

    // A guess that was too small leaves fewer than k rows: scan again without it.
    active.clear();
    for (std::size_t q = first; q < last; ++q) {
        Selection& selection = selections[q - first];
        if (selection.n_candidates() >= k || guesses[q - first] >= threshold) continue;
        const auto excluded = excluded_between(filter.exclude, q, begin, end);
        if (selection.n_candidates() + excluded.size() >= n_rows) continue;
        selection.start(threshold, excluded.data(), excluded.data() + excluded.size());
        active.push_back(&selection.query());
    }
    scan(kernels, *this, begin, end, active);
    for (std::size_t q = first; q < last; ++q) selections[q - first].finish(found[q]);
}

}  // namespace hashrec
