// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/index/linear_scan.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

template <class T>
py::array_t<T> moved_to_numpy(std::vector<T>&& values) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    const auto size = static_cast<py::ssize_t>(owner->size());
    T* data = owner->data();
    py::capsule capsule(owner.get(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
    owner.release();  // the capsule frees it now
    return py::array_t<T>(size, data, capsule);
}

struct ScanArguments {
    py::array_t<std::uint64_t> codes;
    py::array_t<std::uint64_t> queries;
    std::size_t n_bits;

    ScanArguments(const py::object& codes_object, py::ssize_t bits, const py::object& query_object)
        : n_bits(static_cast<std::size_t>(bits)) {
        if (bits < 1 || bits > 4096) {
            throw py::value_error("n_bits must be from 1 to 4096, got " + std::to_string(bits));
        }
        codes = checked_codes(codes_object, "codes", (bits + 63) / 64);
        queries = checked_codes(query_object, "queries", (bits + 63) / 64);
    }
};

// Whether CSR lists can be used as they are: offsets rise from 0, rows exist and rise strictly.
bool lists_rise(const py::object& indptr, const py::object& indices, std::size_t n_rows) {
    const auto offsets = checked<std::int64_t>(indptr, "indptr", {-1});
    const auto ids = checked<std::int32_t>(indices, "indices", {-1});
    const py::ssize_t n = offsets.shape(0) - 1;
    const std::int64_t* data = offsets.data();
    if (n < 0 || data[0] != 0 || data[n] != ids.shape(0)) return false;
    for (py::ssize_t i = 0; i < n; ++i) {
        if (data[i + 1] < data[i]) return false;
    }
    return ids_are_good(data, ids.data(), static_cast<std::size_t>(n), n_rows, true);
}

py::tuple scan_search(const py::object& codes_object, py::ssize_t n_bits,
                      const py::object& query_object, py::ssize_t k, const py::object& indptr,
                      const py::object& indices, const py::object& allow, int num_threads) {
    const ScanArguments arguments(codes_object, n_bits, query_object);
    const CodeView codes = code_view(arguments.codes);
    const CodeView queries = code_view(arguments.queries);
    if (k < 1) throw py::value_error("k must be at least 1, got " + std::to_string(k));
    std::optional<CheckedCsr> exclude;
    CsrView exclude_view;
    ScanFilter filter;
    if (!indptr.is_none()) {
        exclude.emplace(indptr, indices, "exclude", queries.n_rows, codes.n_rows, true);
        exclude_view = exclude->view();
        filter.exclude = &exclude_view;
    }
    py::array_t<std::uint64_t> bitmap;
    if (!allow.is_none()) {
        const auto n_words = static_cast<py::ssize_t>((codes.n_rows + 63) / 64);
        bitmap = checked<std::uint64_t>(allow, "allow", {n_words});
        filter.allow = bitmap.data();
    }
    py::array_t<std::int32_t> distances({arguments.queries.shape(0), k});
    py::array_t<std::int64_t> rows({arguments.queries.shape(0), k});
    std::int32_t* distance_data = distances.mutable_data();
    std::int64_t* row_data = rows.mutable_data();
    {
        py::gil_scoped_release release;
        LinearScan(codes, arguments.n_bits, num_threads)
            .search(queries, static_cast<std::size_t>(k), filter, distance_data, row_data);
    }
    return py::make_tuple(distances, rows);
}

py::tuple scan_within(const py::object& codes_object, py::ssize_t n_bits,
                      const py::object& query_object, std::int64_t max_distance, int num_threads) {
    const ScanArguments arguments(codes_object, n_bits, query_object);
    const CodeView codes = code_view(arguments.codes);
    const CodeView queries = code_view(arguments.queries);
    RangeResult found;
    {
        py::gil_scoped_release release;
        found = LinearScan(codes, arguments.n_bits, num_threads).within(queries, max_distance);
    }
    return py::make_tuple(moved_to_numpy(std::move(found.limits)),
                          moved_to_numpy(std::move(found.distances)),
                          moved_to_numpy(std::move(found.rows)));
}

}  // namespace

void bind_search(py::module_& module) {
    module.def("lists_rise", &lists_rise, py::arg("indptr"), py::arg("indices"), py::arg("n_rows"));
    module.def("scan_search", &scan_search, py::arg("codes"), py::arg("n_bits"), py::arg("queries"),
               py::arg("k"), py::arg("exclude_indptr") = py::none(),
               py::arg("exclude_rows") = py::none(), py::arg("allow") = py::none(),
               py::arg("num_threads") = 0);
    module.def("scan_within", &scan_within, py::arg("codes"), py::arg("n_bits"), py::arg("queries"),
               py::arg("max_distance"), py::arg("num_threads") = 0);
}
