// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/rerank.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "hashrec/parallel.hpp"
#include "index/score_order.hpp"
#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kRowsAtOnce = 8;  // rows of one thread's turn
constexpr std::size_t kAhead = 8;       // candidates

double scale_of(const float* scales, std::size_t row) {
    return scales == nullptr ? 1.0 : static_cast<double>(scales[row]);
}

double score_of(const ScoreKernels& kernels, const RerankVectors& vectors, std::size_t user,
                std::size_t item) {
    const std::size_t n = vectors.length;
    const auto row = [n](auto* base, std::size_t index) { return base + index * n; };
    if (vectors.items_type == VectorType::kInt8) {
        const auto dot =
            kernels.dot_int8(row(static_cast<const std::int8_t*>(vectors.users), user),
                             row(static_cast<const std::int8_t*>(vectors.items), item), n);
        return static_cast<double>(dot) *
               (scale_of(vectors.user_scales, user) * scale_of(vectors.item_scales, item));
    }
    const float* a = row(static_cast<const float*>(vectors.users), user);
    if (vectors.items_type == VectorType::kFloat16) {
        return kernels.dot_half(a, row(static_cast<const std::uint16_t*>(vectors.items), item), n);
    }
    return kernels.dot_float(a, row(static_cast<const float*>(vectors.items), item), n);
}

std::size_t row_bytes(const RerankVectors& vectors) {
    switch (vectors.items_type) {
        case VectorType::kFloat32:
            return vectors.length * sizeof(float);
        case VectorType::kFloat16:
            return vectors.length * sizeof(std::uint16_t);
        case VectorType::kInt8:
            break;
    }
    return vectors.length;
}

// Candidates lie anywhere in memory: their rows are asked for a few candidates ahead.
void prefetch([[maybe_unused]] const RerankVectors& vectors, [[maybe_unused]] std::int64_t id) {
#if defined(__GNUC__)
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kMostBytes = 8 * kLine;  // the processor goes on by itself
    if (id < 0 || static_cast<std::uint64_t>(id) >= vectors.n_items) return;
    const std::size_t n_bytes = row_bytes(vectors);
    const char* row =
        static_cast<const char*>(vectors.items) + static_cast<std::size_t>(id) * n_bytes;
    for (std::size_t i = 0; i < std::min(n_bytes, kMostBytes); i += kLine) {
        __builtin_prefetch(row + i);
    }
#endif
}

// Keys (rank << 32 | id) of one user's candidates, in order, without repeats.
RerankStatus keys_of(const ScoreKernels& kernels, const RerankVectors& vectors, std::size_t user,
                     const std::int64_t* ids, std::size_t n_candidates,
                     std::vector<std::uint64_t>& keys) {
    keys.clear();
    for (std::size_t i = 0; i < n_candidates; ++i) {
        const std::int64_t id = ids[i];
        if (i + kAhead < n_candidates) prefetch(vectors, ids[i + kAhead]);
        if (id == -1) continue;
        if (id < -1 || static_cast<std::uint64_t>(id) >= vectors.n_items) {
            return RerankStatus::kBadId;
        }
        const double score = score_of(kernels, vectors, user, static_cast<std::size_t>(id));
        if (!std::isfinite(score)) return RerankStatus::kNotFinite;
        keys.push_back(static_cast<std::uint64_t>(falling_rank(rounded(score))) << 32 |
                       static_cast<std::uint64_t>(id));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return RerankStatus::kOk;
}

}  // namespace

RerankStatus rerank(const RerankVectors& vectors, const std::int64_t* ids, std::size_t n_candidates,
                    std::size_t k, int num_threads, float* scores, std::int64_t* best_ids) {
    const ScoreKernels& kernels = score_kernels(1, 1);
    std::atomic<RerankStatus> status{RerankStatus::kOk};
    const std::size_t n_turns = (vectors.n_users + kRowsAtOnce - 1) / kRowsAtOnce;
    parallel_for(n_turns, num_threads, 1, [&](std::size_t turn, int) {
        std::vector<std::uint64_t> keys;
        const std::size_t end = std::min((turn + 1) * kRowsAtOnce, vectors.n_users);
        for (std::size_t user = turn * kRowsAtOnce; user < end; ++user) {
            const RerankStatus found =
                keys_of(kernels, vectors, user, ids + user * n_candidates, n_candidates, keys);
            if (found != RerankStatus::kOk) status = found;
            for (std::size_t i = 0; i < k; ++i) {
                const bool exists = i < keys.size();
                scores[user * k + i] =
                    exists ? falling_value(static_cast<std::uint32_t>(keys[i] >> 32))
                           : -std::numeric_limits<float>::infinity();
                best_ids[user * k + i] =
                    exists ? static_cast<std::int64_t>(keys[i] & 0xffffffff) : -1;
            }
        }
    });
    return status;
}

}  // namespace hashrec
