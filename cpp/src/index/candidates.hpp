// SPDX-License-Identifier: Apache-2.0
// What searches through tables share: the filter of one query and distances of scattered rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hashrec/index/bucket_table.hpp"
#include "hashrec/index/linear_scan.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {

// Whether one query may return a row.
class RowFilter {
  public:
    RowFilter(const ScanFilter& filter, std::size_t query) : allow_(filter.allow) {
        if (filter.exclude == nullptr) return;
        const CsrView& lists = *filter.exclude;
        excluded_ = {lists.indices + lists.begin(query), lists.size(query)};
    }

    bool operator()(std::uint32_t row) const {
        if (allow_ != nullptr && !(allow_[row / 64] >> (row % 64) & 1)) return false;
        return excluded_.empty() || !std::binary_search(excluded_.begin(), excluded_.end(),
                                                        static_cast<std::int32_t>(row));
    }

  private:
    const std::uint64_t* allow_;
    std::span<const std::int32_t> excluded_;
};

// Collects rows, asks the memory for their codes at once, and measures them a block at a time:
// the loads of a block overlap, where rows taken one by one would each wait for memory.
class CandidateBlock {
  public:
    explicit CandidateBlock(CodeView codes)
        : codes_(codes),
          distances_of_(hamming_kernels().distances),
          words_(kRows * codes.n_words) {}

    void start(const std::uint64_t* query) {
        query_ = query;
        n_ = 0;
    }

    // visit(row, distance) may be called now for earlier rows.
    template <class Visit>
    void add(std::uint32_t row, Visit&& visit) {
        __builtin_prefetch(codes_.row(row));
        rows_[n_++] = row;
        if (n_ == kRows) flush(visit);
    }

    template <class Visit>
    void flush(Visit&& visit) {
        const std::size_t n_words = codes_.n_words;
        for (std::size_t i = 0; i < n_; ++i) {
            std::copy_n(codes_.row(rows_[i]), n_words, words_.data() + i * n_words);
        }
        distances_of_(query_, words_.data(), n_, n_words, distances_);
        const std::size_t n = n_;
        n_ = 0;
        for (std::size_t i = 0; i < n; ++i) visit(rows_[i], distances_[i]);
    }

  private:
    static constexpr std::size_t kRows = 64;

    CodeView codes_;
    decltype(HammingKernels::distances) distances_of_;
    const std::uint64_t* query_ = nullptr;
    std::size_t n_ = 0;
    std::uint32_t rows_[kRows];
    std::int32_t distances_[kRows];
    std::vector<std::uint64_t> words_;
};

}  // namespace hashrec
