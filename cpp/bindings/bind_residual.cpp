// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"
#include "hashrec/solvers/residual_pass.hpp"
#include "hashrec/solvers/sign_moments.hpp"
#include "row_frame_arguments.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

// Design rows: uint64 codes, or float32 vectors with zeros beyond n_bits.
std::size_t read_design(const py::object& object, ResidualPass& pass) {
    if (py::isinstance<py::array_t<float>>(object)) {
        const auto design = checked<float>(object, "design", {-1, extent(pass.width)});
        pass.design = design.data();
        return static_cast<std::size_t>(design.shape(0));
    }
    if (py::isinstance<py::array>(object) && !py::isinstance<py::array_t<std::uint64_t>>(object)) {
        throw py::value_error(
            "design must be uint64 codes (*, n_words) or float32 (*, width), got " +
            describe(py::reinterpret_borrow<py::array>(object)));
    }
    const auto codes = checked_codes(object, "design", extent((pass.n_bits + 63) / 64));
    pass.codes = code_view(codes);
    return static_cast<std::size_t>(codes.shape(0));
}

std::size_t residual_pass(const py::object& state_object, std::size_t n_bits,
                          const py::object& design, const py::object& indptr,
                          const py::object& indices, const py::object& quad_weights,
                          const py::object& lin_weights, const py::object& rows,
                          const py::object& base_quad, const py::object& base_linear,
                          const py::object& row_scale, const py::object& row_linear,
                          const py::object& delegate_matrix, const py::object& delegate_mean,
                          int sweeps, int num_threads) {
    ResidualPass pass;
    pass.n_bits = n_bits;
    pass.width = (n_bits + 7) / 8 * 8;
    auto state = checked<std::int16_t>(state_object, "state", {-1, extent(pass.width)});
    pass.state = state.mutable_data();
    const auto n_rows = static_cast<std::size_t>(state.shape(0));
    const std::size_t n_design = read_design(design, pass);
    const CheckedCsr entries(indptr, indices, "entries", n_rows, n_design);
    const py::ssize_t n_entries = entries.indices.shape(0);
    pass.entries = entries.view();
    pass.quad_weights = optional<double>(quad_weights, "quad_weights", {n_entries});
    pass.lin_weights = checked<double>(lin_weights, "lin_weights", {n_entries}).data();
    read_frame(
        {rows, base_quad, base_linear, row_scale, row_linear, delegate_matrix, delegate_mean},
        n_rows, pass);
    pass.sweeps = sweeps;
    pass.num_threads = num_threads;
    if (!holds_signs(pass)) {
        throw py::value_error("state must hold signs, 256 or -256, in the visited rows");
    }
    py::gil_scoped_release release;
    return run_residual_pass(pass);
}

// None where the state holds anything but signs.
py::object py_sign_moments(const py::object& state_object, std::size_t n_bits) {
    const std::size_t width = (n_bits + 7) / 8 * 8;
    const auto state = checked<std::int16_t>(state_object, "state", {-1, extent(width)});
    const auto n_rows = static_cast<std::size_t>(state.shape(0));
    py::array_t<std::int64_t> gram({extent(n_bits), extent(n_bits)}), total(extent(n_bits));
    std::int64_t *gram_out = gram.mutable_data(), *total_out = total.mutable_data();
    bool good = false;
    {
        py::gil_scoped_release release;
        good = sign_moments(state.data(), n_rows, n_bits, gram_out, total_out);
    }
    if (!good) return py::none();
    return py::make_tuple(gram, total);
}

}  // namespace

void bind_residual(py::module_& module) {
    module.def("sign_moments", &py_sign_moments, py::arg("state"), py::arg("n_bits"));
    module.def("residual_pass", &residual_pass, py::arg("state"), py::arg("n_bits"),
               py::arg("design"), py::arg("indptr"), py::arg("indices"), py::arg("quad_weights"),
               py::arg("lin_weights"), py::kw_only(), py::arg("rows") = py::none(),
               py::arg("base_quad") = py::none(), py::arg("base_linear") = py::none(),
               py::arg("row_scale") = py::none(), py::arg("row_linear") = py::none(),
               py::arg("delegate_matrix") = py::none(), py::arg("delegate_mean") = py::none(),
               py::arg("sweeps") = 5, py::arg("num_threads") = 0);
}
