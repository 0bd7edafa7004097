// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "hashrec/parallel.hpp"
#include "hashrec/solvers/factors.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {

namespace {

constexpr std::size_t kPanelsPerBlock = 16;  // 256 items a block
constexpr std::size_t kUsersPerTile = 8;

// Keeps the best k (score, id) pairs of one user; later ids lose ties.
class TopList {
  public:
    void start(std::size_t k) {
        k_ = k;
        threshold_ = INT32_MIN;
        keys_.clear();
    }
    std::int32_t threshold() const { return threshold_; }

    void add(std::int32_t score, std::uint32_t id) {
        keys_.push_back(key(score, id));
        if (keys_.size() >= 4 * k_ + 256) shrink();
    }

    void finish(std::int32_t* ids) {
        const std::size_t n = std::min(k_, keys_.size());
        std::partial_sort(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(n),
                          keys_.end());
        for (std::size_t i = 0; i < k_; ++i) {
            ids[i] = i < n ? static_cast<std::int32_t>(keys_[i] & 0xffffffffU) : -1;
        }
    }

    void shrink() {
        if (keys_.size() <= k_) return;
        std::nth_element(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(k_ - 1),
                         keys_.end());
        keys_.resize(k_);
        const auto worst = static_cast<std::uint32_t>(keys_[k_ - 1] >> 32);
        const auto score = static_cast<std::int32_t>(~worst ^ 0x80000000U);
        // Ids rise, so a later item with the same score cannot enter.
        threshold_ = score == INT32_MAX ? score : score + 1;
    }

  private:
    // Ascending keys are descending scores, then ascending ids.
    static std::uint64_t key(std::int32_t score, std::uint32_t id) {
        const std::uint32_t rank = ~(static_cast<std::uint32_t>(score) ^ 0x80000000U);
        return (static_cast<std::uint64_t>(rank) << 32) | id;
    }

    std::size_t k_ = 0;
    std::int32_t threshold_ = INT32_MIN;
    std::vector<std::uint64_t> keys_;
};

std::vector<std::int16_t> pack_panels(const std::int16_t* items, std::size_t n_items,
                                      std::size_t width, int threads) {
    const std::size_t n_panels = (n_items + 15) / 16;
    std::vector<std::int16_t> panels(n_panels * width * 16, 0);
    parallel_for(n_panels, threads, 64, [&](std::size_t p, int) {
        std::int16_t* panel = panels.data() + p * width * 16;
        for (std::size_t i = 0; i < 16 && p * 16 + i < n_items; ++i) {
            const std::int16_t* item = items + (p * 16 + i) * width;
            for (std::size_t k = 0; k < width; ++k) {
                panel[(k / 2) * 32 + 2 * i + k % 2] = item[k];
            }
        }
    });
    return panels;
}

}  // namespace

void factor_topk(const std::int16_t* users, std::size_t n_users, const std::int16_t* items,
                 std::size_t n_items, std::size_t width, const CsrView& seen, std::size_t k,
                 int num_threads, std::int32_t* ids) {
    const SolverKernels& kernels = solver_kernels();
    const int threads = resolve_threads(num_threads);
    const std::vector<std::int16_t> panels = pack_panels(items, n_items, width, threads);
    const std::size_t n_panels = (n_items + 15) / 16;
    const std::size_t block_items = kPanelsPerBlock * 16;

    struct Worker {
        std::vector<TopList> lists{kUsersPerTile};
        std::vector<std::size_t> cursor = std::vector<std::size_t>(kUsersPerTile);
        std::vector<std::int32_t> scores =
            std::vector<std::int32_t>(kUsersPerTile * kPanelsPerBlock * 16);
        std::vector<std::uint32_t> hits = std::vector<std::uint32_t>(kPanelsPerBlock * 16 + 16);
    };
    // A group of tiles walks the items together, so that a block of panels is read once from
    // memory for many users.
    constexpr std::size_t kTilesPerGroup = 8;
    struct Group {
        std::vector<Worker> tiles{kTilesPerGroup};
    };
    std::vector<Group> groups(static_cast<std::size_t>(threads));
    const std::size_t group_users = kTilesPerGroup * kUsersPerTile;
    const std::size_t n_groups = (n_users + group_users - 1) / group_users;

    parallel_for(n_groups, threads, 1, [&](std::size_t g, int thread) {
        std::vector<Worker>& tiles = groups[static_cast<std::size_t>(thread)].tiles;
        const std::size_t first = g * group_users;
        const std::size_t last = std::min(n_users, first + group_users);
        for (std::size_t u = first; u < last; ++u) {
            Worker& tile = tiles[(u - first) / kUsersPerTile];
            tile.lists[(u - first) % kUsersPerTile].start(k);
            tile.cursor[(u - first) % kUsersPerTile] = seen.begin(u);
        }
        for (std::size_t p = 0; p < n_panels; p += kPanelsPerBlock) {
            const std::size_t n_block = std::min(kPanelsPerBlock, n_panels - p);
            const std::size_t base = p * 16;
            const std::size_t valid = std::min(n_items - base, block_items);
            for (std::size_t u0 = first; u0 < last; u0 += kUsersPerTile) {
                Worker& tile = tiles[(u0 - first) / kUsersPerTile];
                const std::size_t n = std::min(kUsersPerTile, last - u0);
                kernels.int_scores(users + u0 * width, n, panels.data() + p * width * 16, n_block,
                                   width, tile.scores.data());
                for (std::size_t i = 0; i < n; ++i) {
                    const std::int32_t* row = tile.scores.data() + i * n_block * 16;
                    TopList& list = tile.lists[i];
                    std::size_t& cursor = tile.cursor[i];
                    const std::size_t stop = seen.end(u0 + i);
                    const std::size_t found =
                        kernels.collect_at_least(row, valid, list.threshold(), tile.hits.data());
                    for (std::size_t j = 0; j < found; ++j) {
                        const std::size_t id = base + tile.hits[j];
                        while (cursor < stop &&
                               static_cast<std::size_t>(seen.indices[cursor]) < id) {
                            ++cursor;
                        }
                        const bool is_seen =
                            cursor < stop && static_cast<std::size_t>(seen.indices[cursor]) == id;
                        if (!is_seen && row[tile.hits[j]] >= list.threshold()) {
                            list.add(row[tile.hits[j]], static_cast<std::uint32_t>(id));
                        }
                    }
                    if (p == 0) list.shrink();  // an early bound keeps the next blocks cheap
                }
            }
        }
        for (std::size_t u = first; u < last; ++u) {
            tiles[(u - first) / kUsersPerTile].lists[(u - first) % kUsersPerTile].finish(ids +
                                                                                         u * k);
        }
    });
}

}  // namespace hashrec
