// SPDX-License-Identifier: Apache-2.0
#include "hashrec/solvers/row_pass.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "hashrec/parallel.hpp"
#include "kernels/dispatch.hpp"
#include "solvers/gram_columns.hpp"
#include "solvers/sign_rows.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kEntryBlock = 32;  // entries whose rows fit the L1 cache beside the Gram tile

// Buffers of one thread, sized once and reused for every row.
struct Scratch {
    std::vector<double> quad, linear, x, h, rows, weighted;
    std::vector<std::int64_t> bit_gram, bit_sum, class_weight;
    std::vector<std::uint64_t> words, columns, code;
    std::vector<std::uint32_t> hits, class_begin;
    std::vector<std::uint8_t> is_entry;

    explicit Scratch(const RowPass& pass)
        : quad(pass.width * pass.width),
          linear(pass.width),
          x(pass.width),
          h(pass.width),
          rows(kEntryBlock * pass.width),
          weighted(kEntryBlock * pass.width),
          code((pass.width + 63) / 64) {
        if (pass.has_hinge || pass.quad_weights == nullptr) {
            bit_gram.resize(pass.width * pass.width);
            bit_sum.resize(pass.width);
        }
        if (pass.has_hinge) {
            hits.resize(pass.hinge.codes.n_rows + 64);
            is_entry.resize(pass.hinge.codes.n_rows);
        }
    }
};

class RowSolver {
  public:
    RowSolver(const RowPass& pass, const SolverKernels& kernels)
        : pass_(pass), kernels_(kernels), scratch_(pass) {}

    std::size_t solve(std::size_t row) {
        std::int16_t* state = pass_.state + row * pass_.width;
        for (std::size_t k = 0; k < pass_.width; ++k) {
            scratch_.x[k] = static_cast<double>(state[k]) * kStateUnit;
        }
        pack_signs(state);
        start_from_base(row);
        if (pass_.quad_weights != nullptr) {
            add_weighted_entries(row);
        } else {
            add_unit_entries(row);
        }
        if (pass_.has_hinge) add_hinge(row);
        mirror_gram(scratch_.quad.data(), pass_.width);
        sweep();
        return store(state);
    }

  private:
    double* quad(std::size_t k) { return scratch_.quad.data() + k * pass_.width; }

    void pack_signs(const std::int16_t* state) {
        std::fill(scratch_.code.begin(), scratch_.code.end(), 0);
        for (std::size_t k = 0; k < pass_.n_bits; ++k) {
            scratch_.code[k / 64] |= static_cast<std::uint64_t>(state[k] >= 0) << (k % 64);
        }
    }

    void start_from_base(std::size_t row) {
        const std::size_t width = pass_.width;
        const double scale = pass_.row_scale != nullptr ? pass_.row_scale[row] : 1.0;
        if (pass_.base_quad != nullptr) {
            for (std::size_t i = 0; i < width * width; ++i) {
                scratch_.quad[i] = scale * pass_.base_quad[i];
            }
        } else {
            std::fill(scratch_.quad.begin(), scratch_.quad.end(), 0.0);
        }
        for (std::size_t k = 0; k < width; ++k) {
            double value = pass_.base_linear != nullptr ? scale * pass_.base_linear[k] : 0.0;
            if (pass_.row_linear != nullptr) value += pass_.row_linear[row * width + k];
            scratch_.linear[k] = value;
        }
        if (pass_.delegate_matrix != nullptr) {
            for (std::size_t k = 0; k < width; ++k) {
                scratch_.h[k] = scratch_.x[k] - pass_.delegate_mean[k];
            }
            std::vector<double>& product = scratch_.rows;  // free at this point
            kernels_.matvec(pass_.delegate_matrix, scratch_.h.data(), width, product.data());
            for (std::size_t k = 0; k < width; ++k) scratch_.linear[k] += product[k];
        }
    }

    void add_weighted_entries(std::size_t row) {
        const CsrView& entries = pass_.entries;
        const std::size_t stop = entries.end(row);
        for (std::size_t e = entries.begin(row); e < stop; e += kEntryBlock) {
            const std::size_t n = std::min(kEntryBlock, stop - e);
            kernels_.load_entries(pass_.other_state, pass_.width, entries.indices + e,
                                  pass_.quad_weights + e, pass_.lin_weights + e, n,
                                  scratch_.rows.data(), scratch_.weighted.data(),
                                  scratch_.linear.data());
            kernels_.entry_gram(scratch_.weighted.data(), scratch_.rows.data(), n, pass_.width,
                                scratch_.quad.data());
        }
    }

    // All quad weights one and the other side in signs: popcounts replace multiplications.
    void add_unit_entries(std::size_t row) {
        const CsrView& entries = pass_.entries;
        const std::size_t begin = entries.begin(row), n = entries.size(row), width = pass_.width;
        for (std::size_t e = begin; e < begin + n; ++e) {
            const std::int16_t* z =
                pass_.other_state + static_cast<std::size_t>(entries.indices[e]) * width;
            for (std::size_t k = 0; k < width; ++k) {
                scratch_.linear[k] +=
                    pass_.lin_weights[e] * (static_cast<double>(z[k]) * kStateUnit);
            }
        }
        if (n == 0) return;
        gather_columns(pass_.other_codes, entries.indices + begin, n, width, 0, kernels_,
                       scratch_.columns);
        scratch_.class_begin = {0, static_cast<std::uint32_t>((n + 63) / 64)};
        scratch_.class_weight = {1};
        add_bit_gram(static_cast<std::int64_t>(n), 1.0);
    }

    // quad += factor * sum of weighted d d' for the columns gathered; total = sum of weights.
    void add_bit_gram(std::int64_t total, double factor) {
        const std::size_t width = pass_.width, n_bits = pass_.n_bits;
        std::fill(scratch_.bit_gram.begin(), scratch_.bit_gram.end(), 0);
        kernels_.bit_gram(scratch_.columns.data(), width, scratch_.class_begin.data(),
                          scratch_.class_weight.data(), scratch_.class_weight.size(),
                          scratch_.bit_gram.data());
        for (std::size_t k = 0; k < n_bits; ++k) {
            const std::int64_t* counts = scratch_.bit_gram.data() + k * width;
            double* out = quad(k);
            for (std::size_t l = k & ~std::size_t{7}; l < n_bits; ++l) {
                out[l] += factor * static_cast<double>(total - 2 * counts[l]);
            }
        }
    }

    void add_hinge(std::size_t row) {
        const HingeSet& hinge = pass_.hinge;
        const CsrView& entries = pass_.entries;
        for (std::size_t e = entries.begin(row); e < entries.end(row); ++e) {
            scratch_.is_entry[static_cast<std::size_t>(hinge.position[entries.indices[e]])] = 1;
        }
        std::fill(scratch_.bit_sum.begin(), scratch_.bit_sum.end(), 0);
        scratch_.class_begin.assign(1, 0);
        scratch_.class_weight.clear();
        std::int64_t total = 0;
        for (std::size_t c = 0; c < hinge.n_classes; ++c) {
            total += collect_class(hinge, c) * hinge.class_weight[c];
        }
        for (std::size_t e = entries.begin(row); e < entries.end(row); ++e) {
            scratch_.is_entry[static_cast<std::size_t>(hinge.position[entries.indices[e]])] = 0;
        }
        if (total == 0) return;
        const double scale = pass_.row_scale != nullptr ? pass_.row_scale[row] : 1.0;
        const double factor = hinge.weight * hinge.unit * scale;
        add_bit_gram(total, factor);
        for (std::size_t k = 0; k < pass_.n_bits; ++k) {
            scratch_.linear[k] +=
                factor * hinge.bound * static_cast<double>(2 * scratch_.bit_sum[k] - total);
        }
    }

    // Gathers the rows of one class inside the bound; returns how many.
    std::int64_t collect_class(const HingeSet& hinge, std::size_t c) {
        const std::size_t begin = static_cast<std::size_t>(hinge.class_begin[c]);
        const std::size_t end = static_cast<std::size_t>(hinge.class_begin[c + 1]);
        std::uint32_t* hits = scratch_.hits.data();
        const std::size_t found =
            kernels_.collect_within(scratch_.code.data(), hinge.codes.row(begin), end - begin,
                                    hinge.codes.n_words, hinge.max_distance, hits);
        std::size_t n = 0;
        for (std::size_t i = 0; i < found; ++i) {
            const std::uint32_t place = hits[i] + static_cast<std::uint32_t>(begin);
            hits[n] = place;
            n += scratch_.is_entry[place] ? 0 : 1;
        }
        if (n == 0) return 0;
        const std::uint32_t first = scratch_.class_begin.back();
        const std::uint32_t last = first + static_cast<std::uint32_t>((n + 63) / 64);
        gather_columns(hinge.codes, hits, n, pass_.width, first, kernels_, scratch_.columns);
        scratch_.class_begin.push_back(last);
        scratch_.class_weight.push_back(hinge.class_weight[c]);
        kernels_.bit_counts(scratch_.columns.data() + first * pass_.width, pass_.width,
                            last - first, hinge.class_weight[c], scratch_.bit_sum.data());
        return static_cast<std::int64_t>(n);
    }

    void sweep() {
        const std::size_t n_bits = pass_.n_bits, width = pass_.width;
        double* x = scratch_.x.data();
        double* h = scratch_.h.data();
        kernels_.matvec(scratch_.quad.data(), x, width, h);
        double diagonal = 0.0;
        for (std::size_t k = 0; k < n_bits; ++k) diagonal += quad(k)[k];
        const double scale = pass_.temperature * diagonal / static_cast<double>(n_bits);
        if (scale > 0.0) {
            kernels_.sweep_mean_field(scratch_.quad.data(), scratch_.linear.data(), n_bits, width,
                                      pass_.sweeps, 1.0 / scale, x, h);
        } else {
            kernels_.sweep_signs(scratch_.quad.data(), scratch_.linear.data(), n_bits, width,
                                 pass_.sweeps, x, h);
        }
    }

    std::size_t store(std::int16_t* state) {
        std::size_t changed = 0;
        for (std::size_t k = 0; k < pass_.n_bits; ++k) {
            const auto value = static_cast<std::int16_t>(scratch_.x[k] * kStateOne);
            changed += (value >= 0) != (state[k] >= 0);
            state[k] = value;
        }
        return changed;
    }

    const RowPass& pass_;
    const SolverKernels& kernels_;
    Scratch scratch_;
};

}  // namespace

std::size_t run_row_pass(const RowPass& pass) {
    if (takes_sign_rows(pass)) return run_sign_rows(pass);
    if (pass.block_bits > 1) {
        throw std::invalid_argument(
            "block_bits above 1 needs rows of signs, no hinge and temperature 0");
    }
    const SolverKernels& kernels = solver_kernels();
    return sum_over_rows<RowSolver>(pass, pass, kernels);
}

void hinge_loss(const CodeView& codes, const CodeView& other, const CsrView& entries,
                std::size_t n_bits, std::uint32_t max_distance, int num_threads,
                std::int64_t* loss) {
    const SolverKernels& kernels = solver_kernels();
    const int threads = resolve_threads(num_threads);
    std::vector<std::vector<std::uint32_t>> hits(static_cast<std::size_t>(threads));
    for (auto& buffer : hits) buffer.resize(other.n_rows + 64);
    const std::size_t n_words = codes.n_words;
    const auto f = static_cast<std::int64_t>(n_bits);
    const std::int64_t bound = f - 2 * static_cast<std::int64_t>(max_distance);
    parallel_for(codes.n_rows, threads, 16, [&](std::size_t row, int thread) {
        std::uint32_t* found = hits[static_cast<std::size_t>(thread)].data();
        const std::size_t n = kernels.collect_within(codes.row(row), other.words, other.n_rows,
                                                     n_words, max_distance, found);
        std::int64_t sum = kernels.excess(codes.row(row), other.words, n_words, found, n, f, bound);
        const std::size_t begin = entries.begin(row), n_entries = entries.size(row);
        const auto* listed = reinterpret_cast<const std::uint32_t*>(entries.indices + begin);
        sum -= kernels.excess(codes.row(row), other.words, n_words, listed, n_entries, f, bound);
        loss[row] = sum;
    });
}

}  // namespace hashrec
