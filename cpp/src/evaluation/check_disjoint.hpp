// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "hashrec/types.hpp"

namespace hashrec::detail {

// Both rows ascend, so one merge finds a common id.
inline void check_disjoint(const CsrView& seen, const CsrView& targets, std::size_t row) {
    std::size_t s = seen.begin(row);
    for (std::size_t e = targets.begin(row); e < targets.end(row); ++e) {
        while (s < seen.end(row) && seen.indices[s] < targets.indices[e]) ++s;
        if (s < seen.end(row) && seen.indices[s] == targets.indices[e]) {
            throw std::invalid_argument("row " + std::to_string(row) + ": item " +
                                        std::to_string(targets.indices[e]) +
                                        " is both seen and a target");
        }
    }
}

}  // namespace hashrec::detail
