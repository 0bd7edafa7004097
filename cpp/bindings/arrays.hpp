// SPDX-License-Identifier: Apache-2.0
// Checked views of numpy arrays. Nothing is converted or copied silently: a wrong dtype, shape or
// memory order is an error that says what came and what was wanted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "hashrec/types.hpp"

namespace hashrec::bindings {

namespace py = pybind11;

inline std::string describe(const py::array& array) {
    std::string text = py::str(array.dtype()).cast<std::string>() + " (";
    for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(array.shape(axis));
    }
    return text + ")";
}

// A C-contiguous array of dtype T; `shape` gives the wanted extents, -1 = any.
template <class T>
py::array_t<T> checked(const py::object& object, const char* name,
                       const std::vector<py::ssize_t>& shape) {
    if (!py::isinstance<py::array>(object)) {
        throw py::type_error(std::string(name) + " must be a numpy array, got " +
                             py::str(py::type::of(object)).cast<std::string>());
    }
    py::array array = py::reinterpret_borrow<py::array>(object);
    bool good = array.dtype().is(py::dtype::of<T>()) || array.dtype().equal(py::dtype::of<T>());
    good = good && array.ndim() == static_cast<py::ssize_t>(shape.size());
    for (std::size_t axis = 0; good && axis < shape.size(); ++axis) {
        good = shape[axis] < 0 || array.shape(static_cast<py::ssize_t>(axis)) == shape[axis];
    }
    if (!good) {
        std::string wanted = py::str(py::dtype::of<T>()).template cast<std::string>() + " (";
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            wanted += std::string(axis ? ", " : "") +
                      (shape[axis] < 0 ? "*" : std::to_string(shape[axis]));
        }
        throw py::value_error(std::string(name) + " must be " + wanted + "), got " +
                              describe(array));
    }
    if (!(array.flags() & py::array::c_style)) {
        throw py::value_error(std::string(name) +
                              " must be C-contiguous; use numpy.ascontiguousarray");
    }
    if (!(array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_)) {
        throw py::value_error(std::string(name) + " must be aligned in memory; use numpy.array");
    }
    return py::reinterpret_borrow<py::array_t<T>>(array);
}

inline py::array_t<std::uint64_t> checked_codes(const py::object& object, const char* name,
                                                py::ssize_t n_words = -1) {
    return checked<std::uint64_t>(object, name, {-1, n_words});
}

inline CodeView code_view(const py::array_t<std::uint64_t>& codes) {
    return {codes.data(), static_cast<std::size_t>(codes.shape(0)),
            static_cast<std::size_t>(codes.shape(1))};
}

// Whether all ids lie in [0, n_columns) and, with `ascending`, rise strictly inside each row. No
// branch on an id, so the compiler vectorises it: long exclusion lists are checked at every search.
inline bool ids_are_good(const std::int64_t* offsets, const std::int32_t* ids, std::size_t n_rows,
                         std::size_t n_columns, bool ascending) {
    const auto limit = static_cast<std::uint32_t>(
        n_columns < 0x80000000U ? n_columns : std::size_t{0x80000000U});  // negative ids are beyond
    const auto beyond = [&](std::int64_t e) {
        return static_cast<std::uint32_t>(static_cast<std::uint32_t>(ids[e]) >= limit);
    };
    std::uint32_t bad = 0;
    if (!ascending) {
        for (std::int64_t e = 0; e < offsets[n_rows]; ++e) bad |= beyond(e);
        return bad == 0;
    }
    for (std::size_t row = 0; row < n_rows; ++row) {  // of rising ids the first and last decide
        const std::int64_t begin = offsets[row], end = offsets[row + 1];
        if (begin == end) continue;
        bad |= beyond(begin) | beyond(end - 1);
        for (std::int64_t e = begin + 1; e < end; ++e) {
            bad |= static_cast<std::uint32_t>(ids[e] <= ids[e - 1]);
        }
    }
    return bad == 0;
}

// CSR rows (int64 indptr, int32 indices), checked whole: lengths, monotone offsets, ids in
// [0, n_columns). With `ascending`, ids must also rise strictly inside a row.
struct CheckedCsr {
    py::array_t<std::int64_t> indptr;
    py::array_t<std::int32_t> indices;

    CheckedCsr(const py::object& indptr_object, const py::object& indices_object, const char* name,
               std::size_t n_rows, std::size_t n_columns, bool ascending = false)
        : indptr(checked<std::int64_t>(indptr_object, (std::string(name) + ".indptr").c_str(),
                                       {static_cast<py::ssize_t>(n_rows) + 1})),
          indices(checked<std::int32_t>(indices_object, (std::string(name) + ".indices").c_str(),
                                        {-1})) {
        const std::int64_t* offsets = indptr.data();
        const std::int32_t* ids = indices.data();
        if (offsets[0] != 0 || offsets[n_rows] != indices.shape(0)) {
            throw py::value_error(std::string(name) + ".indptr must start at 0 and end at " +
                                  std::to_string(indices.shape(0)) + ", got " +
                                  std::to_string(offsets[0]) + " and " +
                                  std::to_string(offsets[n_rows]));
        }
        for (std::size_t row = 0; row < n_rows; ++row) {
            if (offsets[row + 1] < offsets[row]) {
                throw py::value_error(std::string(name) + ".indptr falls at row " +
                                      std::to_string(row));
            }
        }
        if (ids_are_good(offsets, ids, n_rows, n_columns, ascending)) return;
        for (std::size_t row = 0; row < n_rows; ++row) {
            for (std::int64_t e = offsets[row]; e < offsets[row + 1]; ++e) {
                if (ids[e] < 0 || static_cast<std::size_t>(ids[e]) >= n_columns) {
                    throw py::value_error(std::string(name) + " row " + std::to_string(row) +
                                          " holds id " + std::to_string(ids[e]) + ", wanted 0.." +
                                          std::to_string(n_columns - 1));
                }
                if (ascending && e > offsets[row] && ids[e] <= ids[e - 1]) {
                    throw py::value_error(std::string(name) + " row " + std::to_string(row) +
                                          " must hold strictly ascending ids");
                }
            }
        }
    }

    CsrView view() const {
        return {indptr.data(), indices.data(), static_cast<std::size_t>(indptr.shape(0)) - 1};
    }
};

}  // namespace hashrec::bindings
