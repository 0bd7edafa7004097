// SPDX-License-Identifier: Apache-2.0
// Item rows. With U_i the users of item i, s the sum of all items' codes, a_u the score of u's own
// positives and n = n+ + n-,
//   A_i = G0 + sum_{U_i} w (n- - n+) b b'         G0 = sum_u w n+ b b'
//   g_i = F0 + sum_{U_i} w (b's - 2 a + n margin) b + pull
//                                                 F0 = sum_u w (a - n+ margin) b
// and a move D of the row changes s by D, a_u by b_u'D and F0 by sum_{U_i} w (b'D) b. Only g_i sees
// the other items, so the costly A_i are made in parallel even where rows are solved in order.
#include <algorithm>
#include <vector>

#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"
#include "solvers/gram_columns.hpp"
#include "solvers/pairwise_rows.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kEntryBlock = 32;       // rows that fit the L1 cache beside the Gram tile
constexpr std::size_t kUserChunk = 1024;      // users summed by one thread, in order
constexpr std::size_t kQuadBudget = 1 << 20;  // doubles in matrices held at a time

// Matrices of `width` that are held at once; never decides a sum's order.
std::size_t matrices_at_once(std::size_t width, int threads) {
    const auto at_least = static_cast<std::size_t>(threads);
    return std::max(at_least, std::min<std::size_t>(256, kQuadBudget / (width * width)));
}

// Adds sum_e quad_e b b' to the upper blocks of `gram` and sum_e lin_e b to `linear`, in order.
class EntrySums {
  public:
    EntrySums(const PairwiseItemPass& pass, const SolverKernels& kernels)
        : pass_(pass),
          kernels_(kernels),
          rows_(kEntryBlock * pass.width),
          weighted_(kEntryBlock * pass.width) {}

    template <class Quad, class Linear>
    void add(const std::int32_t* users, std::size_t n, Quad&& quad, Linear&& lin, double* gram,
             double* linear) {
        for (std::size_t e = 0; e < n; e += kEntryBlock) {
            const std::size_t count = std::min(kEntryBlock, n - e);
            double q[kEntryBlock], l[kEntryBlock];
            for (std::size_t i = 0; i < count; ++i) {
                q[i] = quad(static_cast<std::size_t>(users[e + i]));
                l[i] = lin(static_cast<std::size_t>(users[e + i]));
            }
            kernels_.load_entries(pass_.other_state, pass_.width, users + e, q, l, count,
                                  rows_.data(), weighted_.data(), linear);
            kernels_.entry_gram(weighted_.data(), rows_.data(), count, pass_.width, gram);
        }
    }

  private:
    const PairwiseItemPass& pass_;
    const SolverKernels& kernels_;
    std::vector<double> rows_, weighted_;
};

// b'v of a +-256 row; integers, so eight sums at a time give the same total.
double score(const std::int16_t* row, const double* vector, std::size_t width) {
    double sum[8] = {};
    for (std::size_t k = 0; k < width; k += 8) {
        for (std::size_t i = 0; i < 8; ++i) {
            sum[i] += static_cast<double>(row[k + i]) * vector[k + i];
        }
    }
    double total = 0.0;
    for (double part : sum) total += part;
    return total * kStateUnit;
}

class ItemPass {
  public:
    ItemPass(const PairwiseItemPass& pass, const SolverKernels& kernels)
        : pass_(pass),
          kernels_(kernels),
          width_(pass.width),
          threads_(resolve_threads(pass.num_threads)),
          at_once_(matrices_at_once(width_, threads_)),
          quads_(at_once_ * width_ * width_),
          base_quad_(width_ * width_),
          base_linear_(width_),
          move_(width_),
          changed_(at_once_) {
        for (int t = 0; t < threads_; ++t) {
            sums_.emplace_back(pass, kernels);
            rows_.emplace_back(width_);
        }
    }

    std::size_t run() {
        sum_users();
        const std::size_t n_rows = pass_.entries.n_rows;
        std::size_t changed = 0;
        for (std::size_t first = 0; first < n_rows; first += at_once_) {
            const std::size_t count = std::min(at_once_, n_rows - first);
            std::fill(changed_.begin(), changed_.end(), 0);
            parallel_for(count, threads_, 1, [&](std::size_t i, int thread) {
                const auto t = static_cast<std::size_t>(thread);
                make_quad(first + i, quad(i), sums_[t], rows_[t]);
                if (!pass_.sequential) changed_[i] = solve(first + i, quad(i), rows_[t]);
            });
            for (std::size_t i = 0; i < count; ++i) {
                if (pass_.sequential) changed_[i] = solve_and_tell(first + i, quad(i));
                changed += changed_[i];
            }
        }
        return changed;
    }

  private:
    double* quad(std::size_t i) { return quads_.data() + i * width_ * width_; }

    const std::int16_t* user(std::int32_t id) const {
        return pass_.other_state + static_cast<std::size_t>(id) * width_;
    }

    // G0 and F0: chunks of users in parallel, their sums added in the users' order.
    void sum_users() {
        const std::size_t n_chunks = (pass_.n_users + kUserChunk - 1) / kUserChunk;
        std::vector<double> linear(at_once_ * width_);
        for (std::size_t first = 0; first < n_chunks; first += at_once_) {
            const std::size_t count = std::min(at_once_, n_chunks - first);
            std::fill(linear.begin(), linear.end(), 0.0);
            parallel_for(count, threads_, 1, [&](std::size_t c, int thread) {
                std::fill_n(quad(c), width_ * width_, 0.0);
                sum_chunk(first + c, sums_[static_cast<std::size_t>(thread)], quad(c),
                          linear.data() + c * width_);
            });
            for (std::size_t c = 0; c < count; ++c) {
                for (std::size_t i = 0; i < width_ * width_; ++i) base_quad_[i] += quad(c)[i];
                for (std::size_t k = 0; k < width_; ++k) base_linear_[k] += linear[c * width_ + k];
            }
        }
    }

    void sum_chunk(std::size_t chunk, EntrySums& sums, double* gram, double* linear) {
        const std::size_t begin = chunk * kUserChunk;
        const std::size_t n = std::min(kUserChunk, pass_.n_users - begin);
        std::vector<std::int32_t> ids(n);
        for (std::size_t i = 0; i < n; ++i) ids[i] = static_cast<std::int32_t>(begin + i);
        const double *w = pass_.pair_weight, *n_own = pass_.positives, *a = pass_.own_score;
        sums.add(
            ids.data(), n, [&](std::size_t u) { return w[u] * n_own[u]; },
            [&](std::size_t u) { return w[u] * (a[u] - n_own[u] * pass_.margin); }, gram, linear);
    }

    void make_quad(std::size_t item, double* gram, EntrySums& sums, PairwiseRow& row) {
        std::copy(base_quad_.begin(), base_quad_.end(), gram);
        const double *w = pass_.pair_weight, *n_own = pass_.positives;
        sums.add(
            pass_.entries.indices + pass_.entries.begin(item), pass_.entries.size(item),
            [&](std::size_t u) { return w[u] * (pass_.n_items - 2.0 * n_own[u]); },
            [](std::size_t) { return 0.0; }, gram, row.product.data());
        mirror_gram(gram, width_);
    }

    std::size_t solve(std::size_t item, const double* gram, PairwiseRow& row) {
        row.load(pass_, item);
        row.start_linear(pass_, kernels_, item);
        for (std::size_t k = 0; k < width_; ++k) row.linear[k] += base_linear_[k];
        const double whole = pass_.n_items * pass_.margin;
        for (std::size_t e = pass_.entries.begin(item); e < pass_.entries.end(item); ++e) {
            const auto u = static_cast<std::size_t>(pass_.entries.indices[e]);
            const std::int16_t* b = user(pass_.entries.indices[e]);
            const double total = score(b, pass_.item_total, width_);
            const double lin = pass_.pair_weight[u] * (total - 2.0 * pass_.own_score[u] + whole);
            for (std::size_t k = 0; k < width_; ++k) {
                row.linear[k] += lin * (static_cast<double>(b[k]) * kStateUnit);
            }
        }
        return row.descend(pass_, kernels_, gram, item);
    }

    // Solves a row and lets the rows after it see its move.
    std::size_t solve_and_tell(std::size_t item, const double* gram) {
        const std::int16_t* state = pass_.state + item * width_;
        for (std::size_t k = 0; k < width_; ++k) move_[k] = -static_cast<double>(state[k]);
        const std::size_t changed = solve(item, gram, rows_[0]);
        if (changed == 0) return 0;
        for (std::size_t k = 0; k < width_; ++k) {
            move_[k] = (move_[k] + static_cast<double>(state[k])) * kStateUnit;
            pass_.item_total[k] += move_[k];
        }
        for (std::size_t e = pass_.entries.begin(item); e < pass_.entries.end(item); ++e) {
            const auto u = static_cast<std::size_t>(pass_.entries.indices[e]);
            const std::int16_t* b = user(pass_.entries.indices[e]);
            const double gain = score(b, move_.data(), width_);
            pass_.own_score[u] += gain;
            const double lin = pass_.pair_weight[u] * gain;
            for (std::size_t k = 0; k < width_; ++k) {
                base_linear_[k] += lin * (static_cast<double>(b[k]) * kStateUnit);
            }
        }
        return changed;
    }

    const PairwiseItemPass& pass_;
    const SolverKernels& kernels_;
    std::size_t width_;
    int threads_;
    std::size_t at_once_;
    std::vector<double> quads_, base_quad_, base_linear_, move_;
    std::vector<std::size_t> changed_;
    std::vector<EntrySums> sums_;
    std::vector<PairwiseRow> rows_;
};

}  // namespace

std::size_t run_pairwise_items(const PairwiseItemPass& pass) {
    return ItemPass(pass, solver_kernels()).run();
}

}  // namespace hashrec
