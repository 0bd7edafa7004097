// SPDX-License-Identifier: Apache-2.0
// The second stage of a cascade: exact inner products of each user with its own candidates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

enum class VectorType { kFloat32, kFloat16, kInt8 };

// Users and items as row-major vectors of one length. Users of half-precision items are float.
struct RerankVectors {
    VectorType items_type = VectorType::kFloat32;
    const void* users = nullptr;
    const void* items = nullptr;
    std::size_t n_users = 0;
    std::size_t n_items = 0;
    std::size_t length = 0;
    const float* user_scales = nullptr;  // of int8 vectors, one per row, or null for 1
    const float* item_scales = nullptr;
};

enum class RerankStatus { kOk, kBadId, kNotFinite };

// ids: (n_users, n_candidates), -1 = none; an id that is repeated counts once. The k best per user
// by (score falling, id rising); -inf and -1 where there are fewer.
RerankStatus rerank(const RerankVectors& vectors, const std::int64_t* ids, std::size_t n_candidates,
                    std::size_t k, int num_threads, float* scores, std::int64_t* best_ids);

}  // namespace hashrec
