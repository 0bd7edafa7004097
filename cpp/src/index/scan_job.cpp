// SPDX-License-Identifier: Apache-2.0
#include "index/scan_job.hpp"

#include <algorithm>
#include <span>

#include "index/excluded_rows.hpp"
#include "index/start_threshold.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

// Rows of a block stay in the second-level cache while all queries of the chunk pass over them.
constexpr std::size_t kBlockBytes = std::size_t{1} << 17;

std::size_t rows_per_block(std::size_t n_words) {
    const std::size_t rows = kBlockBytes / (n_words * sizeof(std::uint64_t));
    return std::max(rows / kGroupRows, std::size_t{8}) * kGroupRows;
}

// Chooses the kernel for a block by the number of queries, and holds its scratch memory.
class BlockScanner {
  public:
    void scan(std::vector<ScanQuery*>& queries, ScanBlock block) {
        const std::size_t aligned = block.n_rows / planes_.granularity * planes_.granularity;
        if (aligned != 0 && queries.front()->pattern != nullptr &&
            queries.size() >= planes_.min_queries(block.n_words)) {
            ScanBlock head = block;
            head.n_rows = aligned;
            planes_.scan(queries.data(), queries.size(), head,
                         scratch(planes_.scratch_words(block.n_words)));
            block.rows += aligned * block.n_words;
            block.first_row += aligned;
            block.n_rows -= aligned;
            if (block.allow != nullptr) block.allow += aligned / kGroupRows;
        }
        if (block.n_rows != 0) scan_rows(queries, block);
    }

  private:
    void scan_rows(std::vector<ScanQuery*>& queries, ScanBlock block) {
        // To slice a block costs about as much as one query.
        if (kernels_.slice != nullptr && block.n_words > 1 && queries.size() >= kQueryTile) {
            std::uint64_t* sliced = scratch(block.n_rows * block.n_words);
            kernels_.slice(block.rows, block.n_rows / kGroupRows, block.n_words, sliced);
            block.sliced = sliced;
        }
        const std::size_t n_tiles = (queries.size() + kQueryTile - 1) / kQueryTile;
        for (std::size_t tile = 0; tile < n_tiles; ++tile) {
            fetch_ahead(block, tile, n_tiles);
            const std::size_t q = tile * kQueryTile;
            kernels_.scan(queries.data() + q, std::min(kQueryTile, queries.size() - q), block);
        }
    }

    // The first tile would wait for the memory at every block, so each tile has its share of the
    // next block fetched. A single tile streams through the rows as they come.
    static void fetch_ahead(ScanBlock& block, std::size_t tile, std::size_t n_tiles) {
        if (n_tiles < 2) return;
        const std::size_t group_bytes = kGroupRows * block.n_words * sizeof(std::uint64_t);
        const std::size_t n_bytes = block.n_rows / kGroupRows * group_bytes;
        const auto* next = reinterpret_cast<const char*>(block.rows) + n_bytes;
        block.ahead = next + n_bytes * tile / n_tiles / 64 * 64;
        block.ahead_bytes = (group_bytes / n_tiles + 63) / 64 * 64;
    }

    std::uint64_t* scratch(std::size_t n_words) {  // 64-byte aligned
        constexpr std::size_t kAlign = 64;
        if (memory_.size() < n_words + kAlign / 8) memory_.resize(n_words + kAlign / 8);
        const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
        return memory_.data() + (kAlign - address % kAlign) % kAlign / 8;
    }

    const HammingKernels& kernels_ = hamming_kernels();
    const PlaneKernels& planes_ = plane_kernels();
    std::vector<std::uint64_t> memory_;
};

// One pass over the rows for all selections that can still change.
void scan(const ScanJob& job, std::size_t begin, std::size_t end, std::vector<ScanQuery*> active) {
    const std::size_t step = rows_per_block(job.codes.n_words);
    BlockScanner scanner;
    for (std::size_t row = begin; row < end && !active.empty(); row += step) {
        ScanBlock block;
        block.rows = job.codes.row(row);
        block.allow = job.filter.allow == nullptr ? nullptr : job.filter.allow + row / kGroupRows;
        block.first_row = row;
        block.n_rows = std::min(step, end - row);
        block.n_words = job.codes.n_words;
        scanner.scan(active, block);
        std::erase_if(active, [](const ScanQuery* query) { return query->threshold < 0; });
    }
}

}  // namespace

std::size_t ScanJob::bytes_per_query() const {
    return Selection::bytes(k, n_bits) + 2 * plane_kernels().pattern_places(codes.n_words);
}

void ScanJob::run(CodeView queries, std::size_t first, std::size_t last, std::size_t begin,
                  std::size_t end, ScanSink& sink) const {
    const std::size_t n = last - first;
    std::vector<Selection> selections(n);
    std::vector<std::int32_t> guesses(n);
    std::vector<ScanQuery*> active;
    const PlaneKernels& planes = plane_kernels();
    std::vector<std::uint16_t> patterns;
    const std::size_t pattern_places = planes.pattern_places(codes.n_words);
    if (n >= planes.min_queries(codes.n_words)) patterns.resize(n * pattern_places);
    {  // the sample is freed before the selections take their memory
        StartThreshold guess(codes, begin, end, filter.allow, k, n);
        for (std::size_t q = 0; q < n; ++q) {
            guesses[q] = guess(hamming_kernels(), queries.row(first + q),
                               excluded_between(filter.exclude, first + q, begin, end), threshold);
        }
    }
    for (std::size_t q = 0; q < n; ++q) {
        const std::uint64_t* words = queries.row(first + q);
        const auto excluded = excluded_between(filter.exclude, first + q, begin, end);
        Selection& selection = selections[q];
        selection.prepare(words, k, n_bits, sink.room(first + q));
        selection.start(guesses[q], excluded.data(), excluded.data() + excluded.size());
        active.push_back(&selection.query());
        if (patterns.empty()) continue;
        std::uint16_t* pattern = patterns.data() + q * pattern_places;
        planes.pattern(words, codes.n_words, pattern);
        selection.query().pattern = pattern;
    }
    scan(*this, begin, end, active);

    // A guess that was too small leaves fewer than k rows: scan again without it.
    active.clear();
    for (std::size_t q = 0; q < n; ++q) {
        Selection& selection = selections[q];
        if (selection.n_candidates() >= k || guesses[q] >= threshold) continue;
        const auto excluded = excluded_between(filter.exclude, first + q, begin, end);
        if (selection.n_candidates() + excluded.size() >= end - begin) continue;
        selection.start(threshold, excluded.data(), excluded.data() + excluded.size());
        active.push_back(&selection.query());
    }
    scan(*this, begin, end, active);
    std::vector<std::uint64_t> keys;
    for (std::size_t q = 0; q < n; ++q) {
        selections[q].finish(keys);
        sink.put(first + q, keys);
    }
}

}  // namespace hashrec
