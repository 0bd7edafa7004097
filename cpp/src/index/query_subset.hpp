// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "hashrec/types.hpp"

namespace hashrec {

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

}  // namespace hashrec
