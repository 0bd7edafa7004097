// SPDX-License-Identifier: Apache-2.0
#include "hashrec/solvers/residual_pass.hpp"

#include <algorithm>
#include <vector>

#include "kernels/dispatch.hpp"
#include "solvers/gram_columns.hpp"
#include "solvers/sign_row.hpp"

namespace hashrec {
namespace {

class ResidualRowSolver {
  public:
    explicit ResidualRowSolver(const ResidualPass& pass)
        : pass_(pass),
          kernels_(descent_kernels()),
          solver_kernels_(solver_kernels()),
          frame_(pass, kernels_),
          curvature_(pass.width) {}

    std::size_t solve(std::size_t r) {
        frame_.begin(r);
        const std::size_t begin = pass_.entries.begin(r), n = pass_.entries.size(r);
        EntryColumns entries = room(n);
        if (pass_.quad_weights != nullptr) {
            std::copy_n(pass_.quad_weights + begin, n, weights_.data());
            std::fill(weights_.data() + n, weights_.data() + entries.stride, 0.0);
            entries.weights = weights_.data();
        }
        if (pass_.design != nullptr) {
            load_reals(begin, entries);
            frame_.set_margins(curvature_.data());
            kernels_.sweep_reals(frame_.problem(), entries);
        } else if (load_signs(begin, entries)) {
            kernels_.sweep_signs(frame_.problem(), entries);
        }
        return frame_.finish(r);
    }

  private:
    EntryColumns room(std::size_t n) {
        EntryColumns entries;
        entries.n = n;
        entries.stride = (n + kLanes - 1) / kLanes * kLanes;
        if (v_.size() < entries.stride) {
            const std::size_t size = 2 * entries.stride;
            v_.resize(size);
            weights_.resize(size);
            lin_.resize(size);
            if (pass_.design != nullptr) values_.resize(size * pass_.width);
            words_.resize(size * pass_.codes.n_words);
        }
        entries.v = v_.data();
        entries.curvature = curvature_.data();
        return entries;
    }

    void load_reals(std::size_t begin, EntryColumns& entries) {
        kernels_.load_columns(pass_.design, pass_.width, pass_.entries.indices + begin, entries.n,
                              entries.stride, values_.data());
        entries.values = values_.data();
        std::copy_n(pass_.lin_weights + begin, entries.n, lin_.data());
        std::fill(lin_.data() + entries.n, lin_.data() + entries.stride, 0.0);
        kernels_.start_reals(entries, lin_.data(), frame_.x(), pass_.width, v_.data(),
                             curvature_.data());
    }

    // Whether any bit would flip: settled rows need no bit columns.
    bool load_signs(std::size_t begin, EntryColumns& entries) {
        const std::size_t n = entries.n, width = pass_.width;
        const std::int32_t* ids = pass_.entries.indices + begin;
        const CodeView& codes = pass_.codes;
        kernels_.load_signs(codes.words, codes.n_words, ids, n, frame_.code(), pass_.n_bits,
                            entries.weights, pass_.lin_weights + begin, words_.data(), v_.data());
        std::fill(v_.data() + n, v_.data() + entries.stride, 0.0);
        double curvature = static_cast<double>(n);
        if (entries.weights != nullptr) {
            curvature = std::accumulate(entries.weights, entries.weights + n, 0.0);
        }
        std::fill(curvature_.begin(), curvature_.end(), curvature);
        frame_.set_margins(curvature);
        double* gain = frame_.gain();
        kernels_.signed_sums(words_.data(), codes.n_words, v_.data(), n, width, gain);
        for (std::size_t k = 0; k < width; ++k) gain[k] += curvature * frame_.x()[k];
        if (!kernels_.would_flip(frame_.problem())) return false;
        gather_columns(codes, ids, n, width, 0, solver_kernels_, columns_);
        entries.signs = columns_.data();
        return true;
    }

    const ResidualPass& pass_;
    const DescentKernels& kernels_;
    const SolverKernels& solver_kernels_;
    SignRowFrame frame_;
    std::vector<double> curvature_, v_, weights_, lin_;
    std::vector<float> values_;
    std::vector<std::uint64_t> words_, columns_;
};

}  // namespace

std::size_t run_residual_pass(const ResidualPass& pass) {
    return sum_over_rows<ResidualRowSolver>(pass, pass);
}

}  // namespace hashrec
