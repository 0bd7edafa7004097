// SPDX-License-Identifier: Apache-2.0
// One row of signs made ready for the descent kernels: its signs, its linear term, its share of C.
#pragma once

#include <vector>

#include "hashrec/solvers/row_frame.hpp"
#include "kernels/descent_kernels.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {

class SignRowFrame {
  public:
    SignRowFrame(const RowFrame& frame, const DescentKernels& kernels);

    // Reads the row's state and makes all terms but the entries'.
    void begin(std::size_t row);

    // margin_k = 1e-6 (1 + |curvature_k + scale C_kk|): rounding noise must not flip a tied bit
    // back and forth.
    void set_margins(const double* curvature);
    void set_margins(double curvature);

    // Writes the signs back where they changed; returns how many did.
    std::size_t finish(std::size_t row) const;

    SignRow& problem() { return problem_; }
    const std::uint64_t* code() const { return code_.data(); }
    double* gain() { return gain_.data(); }
    double* x() { return x_.data(); }

  private:
    void make_linear(std::size_t row);

    const RowFrame& frame_;
    const DescentKernels& kernels_;
    SignRow problem_;
    std::vector<double> x_, linear_, shared_, quad_h_, quad_diagonal_, margin_, gain_;
    std::vector<std::uint64_t> code_;
};

}  // namespace hashrec
