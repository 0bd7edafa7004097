// SPDX-License-Identifier: Apache-2.0
// A loop over the visited rows with one solver per thread.
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

#include "hashrec/parallel.hpp"
#include "hashrec/solvers/row_frame.hpp"

namespace hashrec {

// Sum of Solver(arguments...).solve(row) over the visited rows.
template <class Solver, class... Arguments>
std::size_t sum_over_rows(const RowFrame& frame, const Arguments&... arguments) {
    struct alignas(64) Total {  // a cache line each
        std::size_t value = 0;
    };
    const auto threads = static_cast<std::size_t>(resolve_threads(frame.num_threads));
    std::vector<Solver> solvers;
    solvers.reserve(threads);
    for (std::size_t t = 0; t < threads; ++t) solvers.emplace_back(arguments...);
    std::vector<Total> totals(threads);
    parallel_for(frame.n_visits, static_cast<int>(threads), 16, [&](std::size_t i, int thread) {
        const auto t = static_cast<std::size_t>(thread);
        totals[t].value += solvers[t].solve(frame.visit(i));
    });
    return std::accumulate(totals.begin(), totals.end(), std::size_t{0},
                           [](std::size_t sum, const Total& t) { return sum + t.value; });
}

}  // namespace hashrec
