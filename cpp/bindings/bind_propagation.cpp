// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/sparse/times_dense.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

bool overlap(const py::array& a, const py::array& b) {
    const auto *first = static_cast<const char*>(a.data()),
               *second = static_cast<const char*>(b.data());
    return a.nbytes() > 0 && b.nbytes() > 0 && first < second + b.nbytes() &&
           second < first + a.nbytes();
}

py::array_t<float> py_csr_times_dense(const py::object& indptr, const py::object& indices,
                                      const py::object& values_object,
                                      const py::object& dense_object, int num_threads,
                                      const py::object& out_object) {
    const auto dense = checked<float>(dense_object, "dense", {-1, -1});
    const auto offsets = checked<std::int64_t>(indptr, "matrix.indptr", {-1});
    if (offsets.shape(0) < 1) throw py::value_error("matrix.indptr must hold at least one entry");
    const py::ssize_t n_rows = offsets.shape(0) - 1, dim = dense.shape(1);
    const CheckedCsr matrix(indptr, indices, "matrix", static_cast<std::size_t>(n_rows),
                            static_cast<std::size_t>(dense.shape(0)));
    const auto values = checked<float>(values_object, "values", {matrix.indices.shape(0)});
    py::array_t<float> out = out_object.is_none()
                                 ? py::array_t<float>({n_rows, dim})
                                 : checked<float>(out_object, "out", {n_rows, dim});
    for (const py::array& input : {py::array(dense), py::array(values), py::array(matrix.indptr),
                                   py::array(matrix.indices)}) {
        if (overlap(out, input)) throw py::value_error("out must not overlap an input");
    }
    float* result = out.mutable_data();
    {
        py::gil_scoped_release release;
        csr_times_dense(matrix.view(), values.data(), dense.data(), static_cast<std::size_t>(dim),
                        num_threads, result);
    }
    return out;
}

}  // namespace

void bind_propagation(py::module_& module) {
    module.def("csr_times_dense", &py_csr_times_dense, py::arg("indptr"), py::arg("indices"),
               py::arg("values"), py::arg("dense"), py::arg("num_threads") = 0,
               py::arg("out") = py::none());
}
