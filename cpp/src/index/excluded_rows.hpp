// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hashrec/types.hpp"

namespace hashrec {

// The part of a query's exclusion list that lies in rows [begin, end).
inline std::span<const std::int32_t> excluded_between(const CsrView* exclude, std::size_t query,
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

}  // namespace hashrec
