// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"
#include "hashrec/index/linear_scan.hpp"
#include "search_arguments.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

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
    const SearchArguments arguments(codes_object, n_bits, query_object);
    const CodeView codes = code_view(arguments.codes);
    const CodeView queries = code_view(arguments.queries);
    checked_k(k);
    const FilterArguments filter(indptr, indices, allow, queries.n_rows, codes.n_rows);
    py::array_t<std::int32_t> distances({arguments.queries.shape(0), k});
    py::array_t<std::int64_t> rows({arguments.queries.shape(0), k});
    std::int32_t* distance_data = distances.mutable_data();
    std::int64_t* row_data = rows.mutable_data();
    {
        py::gil_scoped_release release;
        LinearScan(codes, arguments.n_bits, num_threads)
            .search(queries, static_cast<std::size_t>(k), filter.view, distance_data, row_data);
    }
    return py::make_tuple(distances, rows);
}

py::tuple scan_within(const py::object& codes_object, py::ssize_t n_bits,
                      const py::object& query_object, std::int64_t max_distance, int num_threads) {
    const SearchArguments arguments(codes_object, n_bits, query_object);
    const CodeView codes = code_view(arguments.codes);
    const CodeView queries = code_view(arguments.queries);
    RangeResult found;
    {
        py::gil_scoped_release release;
        found = LinearScan(codes, arguments.n_bits, num_threads).within(queries, max_distance);
    }
    return to_numpy(std::move(found));
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
