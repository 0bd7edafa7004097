// SPDX-License-Identifier: Apache-2.0
// User rows: with p the sum of the positives' codes, s that of all items, q = s - p and G+ the
// positives' Gram matrix,
//   A = w (n- G+ + n+ (G - G+) - p q' - q p')     g = w margin (n- p - n+ q) + pull.
// The brackets are integers found by popcounts; each is multiplied by w once.
#include <algorithm>
#include <atomic>
#include <vector>

#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"
#include "solvers/gram_columns.hpp"
#include "solvers/pairwise_rows.hpp"

namespace hashrec {
namespace {

class UserSolver {
  public:
    UserSolver(const PairwiseUserPass& pass, const SolverKernels& kernels)
        : pass_(pass),
          kernels_(kernels),
          row_(pass.width),
          quad_(pass.width * pass.width),
          positive_(pass.width),
          negative_(pass.width),
          bit_gram_(pass.width * pass.width),
          bit_sum_(pass.width) {}

    std::size_t solve(std::size_t user) {
        row_.load(pass_, user);
        row_.start_linear(pass_, kernels_, user);
        const double weight = pass_.pair_weight[user];
        if (weight > 0.0) {
            count_positives(user);
            add_pairs(user, weight);
        } else {
            std::fill(quad_.begin(), quad_.end(), 0.0);
        }
        return row_.descend(pass_, kernels_, quad_.data(), user);
    }

  private:
    // bit_gram_ = differing bits of column pairs and positive_, negative_ = sums of codes.
    void count_positives(std::size_t user) {
        const std::size_t width = pass_.width, n = pass_.entries.size(user);
        const std::int32_t* ids = pass_.entries.indices + pass_.entries.begin(user);
        gather_columns(pass_.other_codes, ids, n, width, 0, kernels_, columns_);
        const std::uint32_t blocks[2] = {0, static_cast<std::uint32_t>((n + 63) / 64)};
        const std::int64_t one = 1;
        std::fill(bit_gram_.begin(), bit_gram_.end(), 0);
        std::fill(bit_sum_.begin(), bit_sum_.end(), 0);
        kernels_.bit_gram(columns_.data(), width, blocks, &one, 1, bit_gram_.data());
        kernels_.bit_counts(columns_.data(), width, blocks[1], 1, bit_sum_.data());
        const auto count = static_cast<std::int64_t>(n);
        for (std::size_t k = 0; k < pass_.n_bits; ++k) {
            positive_[k] = static_cast<double>(2 * bit_sum_[k] - count);
            negative_[k] = pass_.item_total[k] - positive_[k];
        }
    }

    void add_pairs(std::size_t user, double weight) {
        const std::size_t width = pass_.width, n_bits = pass_.n_bits;
        const auto n_positive = static_cast<double>(pass_.entries.size(user));
        const double n_negative = static_cast<double>(pass_.n_items) - n_positive;
        for (std::size_t k = 0; k < n_bits; ++k) {
            const double* gram = pass_.item_gram + k * width;
            const std::int64_t* differ = bit_gram_.data() + k * width;
            const double p = positive_[k], q = negative_[k];
            double* out = quad_.data() + k * width;
            for (std::size_t l = k & ~std::size_t{7}; l < n_bits; ++l) {
                const double own = n_positive - 2.0 * static_cast<double>(differ[l]);
                const double cross = p * negative_[l] + q * positive_[l];
                out[l] = weight * (n_negative * own + n_positive * (gram[l] - own) - cross);
            }
            row_.linear[k] += weight * (pass_.margin * (n_negative * p - n_positive * q));
        }
        mirror_gram(quad_.data(), width);
    }

    const PairwiseUserPass& pass_;
    const SolverKernels& kernels_;
    PairwiseRow row_;
    std::vector<double> quad_, positive_, negative_;
    std::vector<std::int64_t> bit_gram_, bit_sum_;
    std::vector<std::uint64_t> columns_;
};

}  // namespace

std::size_t run_pairwise_users(const PairwiseUserPass& pass) {
    const SolverKernels& kernels = solver_kernels();
    const int threads = resolve_threads(pass.num_threads);
    std::vector<UserSolver> solvers;
    solvers.reserve(static_cast<std::size_t>(threads));
    for (int t = 0; t < threads; ++t) solvers.emplace_back(pass, kernels);
    std::atomic<std::size_t> changed{0};
    parallel_for(pass.entries.n_rows, threads, 16, [&](std::size_t user, int thread) {
        changed += solvers[static_cast<std::size_t>(thread)].solve(user);
    });
    return changed.load();
}

}  // namespace hashrec
