// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <vector>

#include "evaluation/check_disjoint.hpp"
#include "hashrec/evaluation/rank_counts.hpp"
#include "hashrec/parallel.hpp"

namespace hashrec {
namespace {

// Up to this many targets one vectorised pass per target is cheaper than one binary search per
// item: measured at 40,000 random scores, 4.4 us a pass against 1.0 to 1.6 ms for the searches.
constexpr std::size_t kFewTargets = 256;

struct Row {
    const float* scores;
    std::size_t n_items;
    const std::int32_t* seen;
    std::size_t n_seen;
    const std::int32_t* priority;  // or null
};

void check_no_nan(const Row& row, std::size_t index) {
    std::int32_t n_nan = 0;
    for (std::size_t i = 0; i < row.n_items; ++i) n_nan += row.scores[i] != row.scores[i] ? 1 : 0;
    if (n_nan > 0) {
        throw std::invalid_argument("scores row " + std::to_string(index) + " holds " +
                                    std::to_string(n_nan) + " NaN");
    }
}

// Branch-free so that the compiler vectorises it; counts fit int32 because item ids do.
void compare_all(const Row& row, std::int32_t target, std::int32_t& better, std::int32_t& tied) {
    const float own = row.scores[target];
    std::int32_t higher = 0;
    std::int32_t equal = -1;  // the target itself
    if (row.priority == nullptr) {
        for (std::size_t i = 0; i < row.n_items; ++i) {
            higher += row.scores[i] > own ? 1 : 0;
            equal += row.scores[i] == own ? 1 : 0;
        }
        for (std::size_t s = 0; s < row.n_seen; ++s) {
            higher -= row.scores[row.seen[s]] > own ? 1 : 0;
            equal -= row.scores[row.seen[s]] == own ? 1 : 0;
        }
    } else {
        const std::int32_t own_priority = row.priority[target];
        const auto beats = [&](std::size_t i) {
            return (row.scores[i] > own ? 1 : 0) |
                   ((row.scores[i] == own ? 1 : 0) & (row.priority[i] > own_priority ? 1 : 0));
        };
        const auto ties = [&](std::size_t i) {
            return (row.scores[i] == own ? 1 : 0) & (row.priority[i] == own_priority ? 1 : 0);
        };
        for (std::size_t i = 0; i < row.n_items; ++i) {
            higher += beats(i);
            equal += ties(i);
        }
        for (std::size_t s = 0; s < row.n_seen; ++s) {
            higher -= beats(static_cast<std::size_t>(row.seen[s]));
            equal -= ties(static_cast<std::size_t>(row.seen[s]));
        }
    }
    better = higher;
    tied = equal;
}

// One unsigned integer that orders as (score, priority): the sign-magnitude bits of a float rise
// with it once negatives are flipped. Adding +0 makes -0 equal to +0.
std::uint64_t sort_key(const Row& row, std::size_t item) {
    const auto bits = std::bit_cast<std::uint32_t>(row.scores[item] + 0.0F);
    const std::uint32_t score = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
    const auto priority = row.priority ? static_cast<std::uint32_t>(row.priority[item]) : 0U;
    return (static_cast<std::uint64_t>(score) << 32) | (priority ^ 0x80000000U);
}

// Bins every candidate between the sorted keys of the targets, then sums from the top.
void bin_all(const Row& row, const std::int32_t* targets, std::size_t n_targets,
             std::int32_t* better, std::int32_t* tied) {
    std::vector<std::uint64_t> keys(n_targets);
    for (std::size_t t = 0; t < n_targets; ++t) {
        keys[t] = sort_key(row, static_cast<std::size_t>(targets[t]));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::vector<std::int32_t> above(keys.size() + 1), equal(keys.size() + 1);
    const auto add = [&](std::size_t item, std::int32_t amount) {
        const std::uint64_t key = sort_key(row, item);
        if (key < keys.front()) return;  // most items of a good ranking: below every target
        const auto bin = static_cast<std::size_t>(std::lower_bound(keys.begin(), keys.end(), key) -
                                                  keys.begin());
        const bool hit = bin < keys.size() && keys[bin] == key;
        (hit ? equal : above)[bin] += amount;
    };
    for (std::size_t i = 0; i < row.n_items; ++i) add(i, 1);
    for (std::size_t s = 0; s < row.n_seen; ++s) add(static_cast<std::size_t>(row.seen[s]), -1);
    // above[b] lies between keys[b-1] and keys[b]; after this it counts all beyond keys[b-1].
    for (std::size_t b = keys.size(); b-- > 0;) above[b] += above[b + 1] + equal[b];
    for (std::size_t t = 0; t < n_targets; ++t) {
        const std::uint64_t key = sort_key(row, static_cast<std::size_t>(targets[t]));
        const auto bin = static_cast<std::size_t>(std::lower_bound(keys.begin(), keys.end(), key) -
                                                  keys.begin());
        better[t] = above[bin + 1];
        tied[t] = equal[bin] - 1;
    }
}

}  // namespace

void rank_counts_scores(const float* scores, std::size_t n_items, const CsrView& seen,
                        const CsrView& targets, const std::int32_t* item_priority, int num_threads,
                        std::int32_t* better, std::int32_t* tied) {
    parallel_for(targets.n_rows, num_threads, 8, [&](std::size_t user, int) {
        const std::size_t begin = targets.begin(user);
        const std::size_t n_targets = targets.size(user);
        if (n_targets == 0) return;
        const Row row{scores + user * n_items, n_items, seen.indices + seen.begin(user),
                      seen.size(user), item_priority};
        detail::check_disjoint(seen, targets, user);
        check_no_nan(row, user);
        if (n_targets > kFewTargets) {
            bin_all(row, targets.indices + begin, n_targets, better + begin, tied + begin);
            return;
        }
        for (std::size_t e = begin; e < begin + n_targets; ++e) {
            compare_all(row, targets.indices[e], better[e], tied[e]);
        }
    });
}

}  // namespace hashrec
