// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <vector>

#include "evaluation/check_disjoint.hpp"
#include "hashrec/evaluation/rank_counts.hpp"
#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kBlockBytes = 16384;    // item codes of one block: half of a 32 KiB L1
constexpr std::size_t kMaxBlockItems = 2048;  // their distances: 8 KiB
constexpr std::size_t kUsersPerGroup = 8;     // users that share a block while it is in L1
constexpr std::size_t kTables = 4;            // counter tables, see add_to_histogram

// Items in the order of falling priority; an item's class is the run of equal priority.
struct PriorityOrder {
    std::vector<std::uint64_t> words;
    std::vector<std::size_t> class_begin, class_end;  // by item id, positions in the order
};

PriorityOrder order_by_priority(const CodeView& items, const std::int32_t* priority) {
    std::vector<std::size_t> order(items.n_rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return priority[a] > priority[b]; });
    PriorityOrder result;
    result.words.resize(items.n_rows * items.n_words);
    result.class_begin.resize(items.n_rows);
    result.class_end.resize(items.n_rows);
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && priority[order[end]] == priority[order[begin]]) ++end;
        for (std::size_t p = begin; p < end; ++p) {
            std::copy_n(items.row(order[p]), items.n_words, &result.words[p * items.n_words]);
            result.class_begin[order[p]] = begin;
            result.class_end[order[p]] = end;
        }
    }
    return result;
}

// A counter that is bumped twice in a row waits for its own store; neighbours often share a
// distance, so four tables take turns and are summed at the end.
void add_to_histogram(const std::int32_t* distances, std::size_t n, std::size_t n_levels,
                      std::uint32_t* tables) {
    std::uint32_t* t0 = tables;
    std::uint32_t* t1 = t0 + n_levels;
    std::uint32_t* t2 = t1 + n_levels;
    std::uint32_t* t3 = t2 + n_levels;
    std::size_t i = 0;
    for (; i + kTables <= n; i += kTables) {
        ++t0[distances[i]];
        ++t1[distances[i + 1]];
        ++t2[distances[i + 2]];
        ++t3[distances[i + 3]];
    }
    for (; i < n; ++i) ++t0[distances[i]];
}

std::int32_t count_equal(const std::int32_t* distances, std::size_t begin, std::size_t end,
                         std::int32_t wanted) {
    std::int32_t count = 0;
    for (std::size_t i = begin; i < end; ++i) count += distances[i] == wanted ? 1 : 0;
    return count;
}

struct Problem {
    CodeView users, items;
    CsrView seen, targets;
    const std::int32_t* priority;
    const PriorityOrder* order;
    std::size_t n_levels;
    std::int32_t *better, *tied;
    decltype(HammingKernels::distances) distances;

    std::int32_t distance(std::size_t user, std::int32_t item) const {
        std::int32_t result = 0;
        distances(users.row(user), items.row(static_cast<std::size_t>(item)), 1, items.n_words,
                  &result);
        return result;
    }
};

// Counts, for every target, the items of one block at the target's own distance: those of higher
// priority into better, those of equal priority into tied.
void add_equal_in_block(const Problem& p, std::size_t user, const std::int32_t* target_distances,
                        const std::int32_t* block, std::size_t first, std::size_t n) {
    for (std::size_t e = p.targets.begin(user); e < p.targets.end(user); ++e) {
        const auto item = static_cast<std::size_t>(p.targets.indices[e]);
        const std::int32_t wanted = target_distances[e - p.targets.begin(user)];
        const std::size_t split = std::clamp(p.order->class_begin[item], first, first + n) - first;
        const std::size_t stop = std::clamp(p.order->class_end[item], first, first + n) - first;
        p.better[e] += count_equal(block, 0, split, wanted);
        p.tied[e] += count_equal(block, split, stop, wanted);
    }
}

// Turns the histogram over all items into counts over candidates for the targets of one user.
void finish_user(const Problem& p, std::size_t user, const std::int32_t* target_distances,
                 std::uint32_t* tables) {
    for (std::size_t level = 0; level < p.n_levels; ++level) {
        for (std::size_t t = 1; t < kTables; ++t) tables[level] += tables[t * p.n_levels + level];
    }
    std::vector<std::int32_t> seen_distances(p.seen.size(user));
    for (std::size_t s = 0; s < seen_distances.size(); ++s) {
        seen_distances[s] = p.distance(user, p.seen.indices[p.seen.begin(user) + s]);
        --tables[seen_distances[s]];
    }
    std::uint32_t* closer = tables + p.n_levels;  // the second table is free by now
    std::exclusive_scan(tables, tables + p.n_levels, closer, std::uint32_t{0});
    for (std::size_t e = p.targets.begin(user); e < p.targets.end(user); ++e) {
        const std::int32_t d = target_distances[e - p.targets.begin(user)];
        if (p.priority == nullptr) {
            p.better[e] = static_cast<std::int32_t>(closer[d]);
            p.tied[e] = static_cast<std::int32_t>(tables[d]) - 1;
            continue;
        }
        const std::int32_t own = p.priority[p.targets.indices[e]];
        for (std::size_t s = 0; s < seen_distances.size(); ++s) {
            if (seen_distances[s] != d) continue;
            const std::int32_t other = p.priority[p.seen.indices[p.seen.begin(user) + s]];
            p.better[e] -= other > own ? 1 : 0;
            p.tied[e] -= other == own ? 1 : 0;
        }
        p.better[e] += static_cast<std::int32_t>(closer[d]);
        p.tied[e] -= 1;
    }
}

void count_group(const Problem& p, const std::size_t* group, std::size_t n_users) {
    const std::uint64_t* words = p.priority ? p.order->words.data() : p.items.words;
    const std::size_t block_items = std::clamp<std::size_t>(
        kBlockBytes / (sizeof(std::uint64_t) * p.items.n_words), 64, kMaxBlockItems);
    std::vector<std::uint32_t> tables(n_users * kTables * p.n_levels);
    std::vector<std::vector<std::int32_t>> target_distances(n_users);
    for (std::size_t g = 0; g < n_users; ++g) {
        detail::check_disjoint(p.seen, p.targets, group[g]);
        for (std::size_t e = p.targets.begin(group[g]); e < p.targets.end(group[g]); ++e) {
            target_distances[g].push_back(p.distance(group[g], p.targets.indices[e]));
            p.better[e] = p.tied[e] = 0;
        }
    }
    std::vector<std::int32_t> block(block_items);
    for (std::size_t first = 0; first < p.items.n_rows; first += block_items) {
        const std::size_t n = std::min(block_items, p.items.n_rows - first);
        for (std::size_t g = 0; g < n_users; ++g) {
            p.distances(p.users.row(group[g]), words + first * p.items.n_words, n, p.items.n_words,
                        block.data());
            add_to_histogram(block.data(), n, p.n_levels, &tables[g * kTables * p.n_levels]);
            if (p.priority) {
                add_equal_in_block(p, group[g], target_distances[g].data(), block.data(), first, n);
            }
        }
    }
    for (std::size_t g = 0; g < n_users; ++g) {
        finish_user(p, group[g], target_distances[g].data(), &tables[g * kTables * p.n_levels]);
    }
}

}  // namespace

void rank_counts_codes(const CodeView& users, const CodeView& items, const CsrView& seen,
                       const CsrView& targets, const std::int32_t* item_priority, int num_threads,
                       std::int32_t* better, std::int32_t* tied) {
    PriorityOrder order;
    if (item_priority) order = order_by_priority(items, item_priority);
    const Problem problem{users,
                          items,
                          seen,
                          targets,
                          item_priority,
                          &order,
                          64 * items.n_words + 1,
                          better,
                          tied,
                          hamming_kernels().distances};
    std::vector<std::size_t> active;  // users without targets cost nothing
    for (std::size_t user = 0; user < users.n_rows; ++user) {
        if (targets.size(user) > 0) active.push_back(user);
    }
    const std::size_t n_groups = (active.size() + kUsersPerGroup - 1) / kUsersPerGroup;
    parallel_for(n_groups, num_threads, 4, [&](std::size_t group, int) {
        const std::size_t begin = group * kUsersPerGroup;
        count_group(problem, &active[begin], std::min(kUsersPerGroup, active.size() - begin));
    });
}

}  // namespace hashrec
