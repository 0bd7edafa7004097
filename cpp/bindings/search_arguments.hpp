// SPDX-License-Identifier: Apache-2.0
// Arguments and results that the searches of all indexes share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "hashrec/index/linear_scan.hpp"

namespace hashrec::bindings {

template <class T>
py::array_t<T> moved_to_numpy(std::vector<T>&& values) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    const auto size = static_cast<py::ssize_t>(owner->size());
    T* data = owner->data();
    py::capsule capsule(owner.get(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
    owner.release();  // the capsule frees it now
    return py::array_t<T>(size, data, capsule);
}

inline py::tuple to_numpy(RangeResult&& found) {
    return py::make_tuple(moved_to_numpy(std::move(found.limits)),
                          moved_to_numpy(std::move(found.distances)),
                          moved_to_numpy(std::move(found.rows)));
}

inline py::ssize_t checked_n_bits(py::ssize_t n_bits) {
    if (n_bits < 1 || n_bits > 4096) {
        throw py::value_error("n_bits must be from 1 to 4096, got " + std::to_string(n_bits));
    }
    return n_bits;
}

inline std::size_t checked_k(py::ssize_t k) {
    if (k < 1) throw py::value_error("k must be at least 1, got " + std::to_string(k));
    return static_cast<std::size_t>(k);
}

struct SearchArguments {
    std::size_t n_bits;
    py::array_t<std::uint64_t> codes;
    py::array_t<std::uint64_t> queries;

    SearchArguments(const py::object& codes_object, py::ssize_t bits,
                    const py::object& query_object)
        : n_bits(static_cast<std::size_t>(checked_n_bits(bits))),
          codes(checked_codes(codes_object, "codes", (bits + 63) / 64)),
          queries(checked_codes(query_object, "queries", (bits + 63) / 64)) {}
};

// `exclude` as lists of rows and `allow` as a bitmap, each checked and possibly None.
struct FilterArguments {
    std::optional<CheckedCsr> exclude;
    CsrView exclude_view;
    py::array_t<std::uint64_t> bitmap;
    ScanFilter view;

    FilterArguments(const py::object& indptr, const py::object& rows, const py::object& allow,
                    std::size_t n_queries, std::size_t n_rows) {
        if (!indptr.is_none()) {
            exclude.emplace(indptr, rows, "exclude", n_queries, n_rows, true);
            exclude_view = exclude->view();
            view.exclude = &exclude_view;
        }
        if (!allow.is_none()) {
            bitmap = checked<std::uint64_t>(allow, "allow",
                                            {static_cast<py::ssize_t>((n_rows + 63) / 64)});
            view.allow = bitmap.data();
        }
    }
    FilterArguments(const FilterArguments&) = delete;  // `view` points into it
    FilterArguments& operator=(const FilterArguments&) = delete;
};

}  // namespace hashrec::bindings
