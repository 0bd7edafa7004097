// SPDX-License-Identifier: Apache-2.0
// The arguments that all row passes have in common.
#pragma once

#include "arrays.hpp"
#include "hashrec/solvers/row_frame.hpp"

namespace hashrec::bindings {

inline py::ssize_t extent(std::size_t n) { return static_cast<py::ssize_t>(n); }

// A pointer to a checked array, or null for None. The caller keeps the object alive.
template <class T>
const T* optional(const py::object& object, const char* name,
                  const std::vector<py::ssize_t>& shape) {
    return object.is_none() ? nullptr : checked<T>(object, name, shape).data();
}

struct FrameArguments {
    const py::object &rows, &base_quad, &base_linear, &row_scale, &row_linear, &delegate_matrix,
        &delegate_mean;
};

// Sets everything but n_bits, width and state, which must be there.
inline void read_frame(const FrameArguments& given, std::size_t n_rows, RowFrame& frame) {
    const py::ssize_t width = extent(frame.width);
    frame.n_visits = n_rows;
    if (!given.rows.is_none()) {
        const auto visits = checked<std::int32_t>(given.rows, "rows", {-1});
        for (py::ssize_t i = 0; i < visits.shape(0); ++i) {
            if (visits.data()[i] < 0 || static_cast<std::size_t>(visits.data()[i]) >= n_rows) {
                throw py::value_error("rows must hold ids in [0, " + std::to_string(n_rows) + ")");
            }
        }
        frame.rows = visits.data();
        frame.n_visits = static_cast<std::size_t>(visits.shape(0));
    }
    frame.base_quad = optional<double>(given.base_quad, "base_quad", {width, width});
    frame.base_linear = optional<double>(given.base_linear, "base_linear", {width});
    frame.row_scale = optional<double>(given.row_scale, "row_scale", {extent(n_rows)});
    frame.row_linear = optional<double>(given.row_linear, "row_linear", {extent(n_rows), width});
    frame.delegate_matrix =
        optional<double>(given.delegate_matrix, "delegate_matrix", {width, width});
    if (frame.delegate_matrix != nullptr) {
        frame.delegate_mean = checked<double>(given.delegate_mean, "delegate_mean", {width}).data();
    }
}

}  // namespace hashrec::bindings
