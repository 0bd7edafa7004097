// SPDX-License-Identifier: Apache-2.0
#include "solvers/sign_rows.hpp"

#include <algorithm>
#include <vector>

#include "kernels/dispatch.hpp"
#include "solvers/block_search.hpp"
#include "solvers/gram_columns.hpp"
#include "solvers/sign_row.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kEntryBlock = 32;  // entries whose rows fit the L1 cache beside the Gram tile

// Signs on the other side, all quad weights one.
class UnitRowSolver {
  public:
    explicit UnitRowSolver(const RowPass& pass)
        : pass_(pass),
          kernels_(descent_kernels()),
          solver_kernels_(solver_kernels()),
          frame_(pass, kernels_),
          block_columns_(pass.block_bits > 1 ? pass.block_bits * pass.width : 0) {}

    std::size_t solve(std::size_t r) {
        const std::size_t begin = pass_.entries.begin(r), n = pass_.entries.size(r);
        const std::int32_t* ids = pass_.entries.indices + begin;
        frame_.begin(r);
        frame_.set_margins(static_cast<double>(n));
        start_gain(ids, begin, n);
        SignRow& problem = frame_.problem();
        if (pass_.block_bits > 1) {
            gather_columns(pass_.other_codes, ids, n, pass_.width, 0, solver_kernels_, columns_);
            sweep_blocks(problem, pass_.block_bits, [&](std::size_t k, std::size_t i) {
                double* column = block_columns_.data() + i * pass_.width;
                kernels_.count_column(columns_.data(), pass_.width, n, k, column);
                return column;
            });
            return frame_.finish(r);
        }
        if (!kernels_.would_flip(problem)) return 0;
        gather_columns(pass_.other_codes, ids, n, pass_.width, 0, solver_kernels_, columns_);
        kernels_.sweep_counts(problem, columns_.data(), n);
        return frame_.finish(r);
    }

  private:
    void start_gain(const std::int32_t* ids, std::size_t begin, std::size_t n) {
        const CodeView& codes = pass_.other_codes;
        if (v_.size() < n) {
            v_.resize(2 * n);
            words_.resize(2 * n * codes.n_words);
        }
        kernels_.load_signs(codes.words, codes.n_words, ids, n, frame_.code(), pass_.n_bits,
                            nullptr, pass_.lin_weights + begin, words_.data(), v_.data());
        double* gain = frame_.gain();
        kernels_.signed_sums(words_.data(), codes.n_words, v_.data(), n, pass_.width, gain);
        const double* x = frame_.x();
        const auto count = static_cast<double>(n);
        for (std::size_t k = 0; k < pass_.width; ++k) gain[k] += count * x[k];
    }

    const RowPass& pass_;
    const DescentKernels& kernels_;
    const SolverKernels& solver_kernels_;
    SignRowFrame frame_;
    std::vector<double> v_, block_columns_;
    std::vector<std::uint64_t> words_, columns_;
};

// Any dyadic state on the other side, quad weights per entry.
class WeightedRowSolver {
  public:
    explicit WeightedRowSolver(const RowPass& pass)
        : pass_(pass),
          kernels_(descent_kernels()),
          solver_kernels_(solver_kernels()),
          frame_(pass, kernels_),
          gram_(pass.width * pass.width),
          linear_(pass.width),
          diagonal_(pass.width),
          rows_(kEntryBlock * pass.width),
          weighted_(kEntryBlock * pass.width) {}

    std::size_t solve(std::size_t r) {
        const std::size_t width = pass_.width;
        frame_.begin(r);
        load_gram(r);
        double* gain = frame_.gain();
        kernels_.matvec(gram_.data(), frame_.x(), width, gain);
        for (std::size_t k = 0; k < width; ++k) {
            diagonal_[k] = gram_[k * width + k];
            gain[k] = linear_[k] - gain[k] + diagonal_[k] * frame_.x()[k];
        }
        frame_.set_margins(diagonal_.data());
        if (pass_.block_bits > 1) {
            sweep_blocks(frame_.problem(), pass_.block_bits,
                         [&](std::size_t k, std::size_t) { return gram_.data() + k * width; });
        } else {
            kernels_.sweep_gram(frame_.problem(), gram_.data());
        }
        return frame_.finish(r);
    }

  private:
    void load_gram(std::size_t r) {
        std::fill(gram_.begin(), gram_.end(), 0.0);
        std::fill(linear_.begin(), linear_.end(), 0.0);
        const CsrView& entries = pass_.entries;
        const std::size_t stop = entries.end(r);
        for (std::size_t e = entries.begin(r); e < stop; e += kEntryBlock) {
            const std::size_t n = std::min(kEntryBlock, stop - e);
            solver_kernels_.load_entries(pass_.other_state, pass_.width, entries.indices + e,
                                         pass_.quad_weights + e, pass_.lin_weights + e, n,
                                         rows_.data(), weighted_.data(), linear_.data());
            solver_kernels_.entry_gram(weighted_.data(), rows_.data(), n, pass_.width,
                                       gram_.data());
        }
        mirror_gram(gram_.data(), pass_.width);
    }

    const RowPass& pass_;
    const DescentKernels& kernels_;
    const SolverKernels& solver_kernels_;
    SignRowFrame frame_;
    std::vector<double> gram_, linear_, diagonal_, rows_, weighted_;
};

}  // namespace

bool takes_sign_rows(const RowPass& pass) {
    return !pass.has_hinge && !(pass.temperature > 0.0) && holds_signs(pass);
}

std::size_t run_sign_rows(const RowPass& pass) {
    return pass.quad_weights == nullptr ? sum_over_rows<UnitRowSolver>(pass, pass)
                                        : sum_over_rows<WeightedRowSolver>(pass, pass);
}

}  // namespace hashrec
