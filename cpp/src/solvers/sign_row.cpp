// SPDX-License-Identifier: Apache-2.0
#include "solvers/sign_row.hpp"

#include <cmath>

#include "kernels/dispatch.hpp"

namespace hashrec {

bool holds_signs(const RowFrame& frame) {
    const DescentKernels& kernels = descent_kernels();
    std::vector<std::uint64_t> code((frame.n_bits + 63) / 64);
    for (std::size_t i = 0; i < frame.n_visits; ++i) {
        const std::int16_t* state = frame.state + frame.visit(i) * frame.width;
        if (!kernels.read_signs(state, frame.n_bits, code.data())) return false;
    }
    return true;
}

SignRowFrame::SignRowFrame(const RowFrame& frame, const DescentKernels& kernels)
    : frame_(frame),
      kernels_(kernels),
      x_(frame.width),
      linear_(frame.width),
      shared_(frame.width),
      quad_h_(frame.width),
      quad_diagonal_(frame.width),
      margin_(frame.width),
      gain_(frame.width),
      code_((frame.n_bits + 63) / 64) {
    problem_.n_bits = frame.n_bits;
    problem_.width = frame.width;
    problem_.sweeps = frame.sweeps;
    problem_.x = x_.data();
    problem_.gain = gain_.data();
    problem_.quad_h = quad_h_.data();
    problem_.margin = margin_.data();
    problem_.quad = frame.base_quad;
    problem_.quad_diagonal = quad_diagonal_.data();
    if (frame.base_quad != nullptr) {
        for (std::size_t k = 0; k < frame.width; ++k) {
            quad_diagonal_[k] = frame.base_quad[k * frame.width + k];
        }
    }
}

void SignRowFrame::begin(std::size_t row) {
    const std::size_t width = frame_.width;
    const std::int16_t* state = frame_.state + row * width;
    for (std::size_t k = 0; k < width; ++k) {
        x_[k] = static_cast<double>(state[k]) * kStateUnit;
    }
    kernels_.read_signs(state, frame_.n_bits, code_.data());
    problem_.scale = frame_.row_scale != nullptr ? frame_.row_scale[row] : 1.0;
    make_linear(row);
    if (frame_.base_quad != nullptr) {
        kernels_.matvec(frame_.base_quad, x_.data(), width, quad_h_.data());
    }
}

void SignRowFrame::make_linear(std::size_t row) {
    const std::size_t width = frame_.width;
    const double* given = frame_.row_linear != nullptr ? frame_.row_linear + row * width : nullptr;
    if (frame_.base_linear == nullptr && frame_.delegate_matrix == nullptr && given != nullptr) {
        problem_.linear = given;
        return;
    }
    problem_.linear = linear_.data();
    for (std::size_t k = 0; k < width; ++k) {
        double value = frame_.base_linear != nullptr ? problem_.scale * frame_.base_linear[k] : 0.0;
        if (given != nullptr) value += given[k];
        linear_[k] = value;
    }
    if (frame_.delegate_matrix == nullptr) return;
    for (std::size_t k = 0; k < width; ++k) gain_[k] = x_[k] - frame_.delegate_mean[k];
    kernels_.matvec(frame_.delegate_matrix, gain_.data(), width, shared_.data());
    for (std::size_t k = 0; k < width; ++k) linear_[k] += shared_[k];
}

void SignRowFrame::set_margins(const double* curvature) {
    for (std::size_t k = 0; k < frame_.width; ++k) {
        margin_[k] = 1e-6 * (1.0 + std::abs(curvature[k] + problem_.scale * quad_diagonal_[k]));
    }
}

void SignRowFrame::set_margins(double curvature) {
    for (std::size_t k = 0; k < frame_.width; ++k) {
        margin_[k] = 1e-6 * (1.0 + std::abs(curvature + problem_.scale * quad_diagonal_[k]));
    }
}

std::size_t SignRowFrame::finish(std::size_t row) const {
    std::int16_t* state = frame_.state + row * frame_.width;
    std::size_t changed = 0;
    for (std::size_t k = 0; k < frame_.n_bits; ++k) {
        const auto value = static_cast<std::int16_t>(x_[k] * kStateOne);
        changed += value != state[k] ? 1 : 0;
        state[k] = value;
    }
    return changed;
}

}  // namespace hashrec
