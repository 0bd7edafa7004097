// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/solvers/factors.hpp"
#include "hashrec/solvers/row_pass.hpp"
#include "row_frame_arguments.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

// hinge: None or (codes, position, class_begin, class_weight, unit, max_distance, weight, bound)
void read_hinge(const py::object& object, std::size_t n_other, RowPass& pass) {
    if (object.is_none()) return;
    const auto parts = object.cast<py::tuple>();
    const auto codes = checked<std::uint64_t>(parts[0], "hinge codes",
                                              {extent(n_other), extent((pass.n_bits + 63) / 64)});
    const auto position = checked<std::int32_t>(parts[1], "hinge position", {extent(n_other)});
    const auto begin = checked<std::int64_t>(parts[2], "hinge class_begin", {-1});
    const auto weight = checked<std::int64_t>(parts[3], "hinge class_weight", {begin.shape(0) - 1});
    HingeSet& hinge = pass.hinge;
    hinge.codes = code_view(codes);
    hinge.position = position.data();
    hinge.class_begin = begin.data();
    hinge.class_weight = weight.data();
    hinge.n_classes = static_cast<std::size_t>(weight.shape(0));
    hinge.unit = parts[4].cast<double>();
    hinge.max_distance = parts[5].cast<std::uint32_t>();
    hinge.weight = parts[6].cast<double>();
    hinge.bound = parts[7].cast<double>();
    pass.has_hinge = true;
    for (std::size_t i = 0; i < n_other; ++i) {
        if (position.data()[i] < 0 || static_cast<std::size_t>(position.data()[i]) >= n_other) {
            throw py::value_error("hinge position holds a place out of range");
        }
    }
    for (std::size_t c = 0; c < hinge.n_classes; ++c) {
        if (begin.data()[c] > begin.data()[c + 1]) {
            throw py::value_error("hinge class_begin must not fall");
        }
    }
    if (begin.data()[0] != 0 || begin.data()[hinge.n_classes] != extent(n_other)) {
        throw py::value_error("hinge class_begin must start at 0 and end at the number of rows");
    }
}

std::size_t checked_block_bits(std::size_t block_bits) {
    if (block_bits <= 12) return std::max<std::size_t>(block_bits, 1);
    throw py::value_error("block_bits must be in 0..12, got " + std::to_string(block_bits));
}

std::size_t row_pass(const py::object& state_object, std::size_t n_bits,
                     const py::object& other_object, const py::object& indptr,
                     const py::object& indices, const py::object& quad_weights,
                     const py::object& lin_weights, const py::object& other_codes,
                     const py::object& rows, const py::object& base_quad,
                     const py::object& base_linear, const py::object& row_scale,
                     const py::object& row_linear, const py::object& delegate_matrix,
                     const py::object& delegate_mean, const py::object& hinge, double temperature,
                     int sweeps, std::size_t block_bits, int num_threads) {
    RowPass pass;
    pass.n_bits = n_bits;
    pass.width = (n_bits + 7) / 8 * 8;
    const py::ssize_t width = extent(pass.width);
    auto state = checked<std::int16_t>(state_object, "state", {-1, width});
    const auto other = checked<std::int16_t>(other_object, "other_state", {-1, width});
    const auto n_rows = static_cast<std::size_t>(state.shape(0));
    const auto n_other = static_cast<std::size_t>(other.shape(0));
    const CheckedCsr entries(indptr, indices, "entries", n_rows, n_other);
    const py::ssize_t n_entries = entries.indices.shape(0);

    pass.state = state.mutable_data();
    pass.other_state = other.data();
    pass.entries = entries.view();
    pass.quad_weights = optional<double>(quad_weights, "quad_weights", {n_entries});
    pass.lin_weights = checked<double>(lin_weights, "lin_weights", {n_entries}).data();
    if (pass.quad_weights == nullptr) {
        pass.other_codes = code_view(checked<std::uint64_t>(
            other_codes, "other_codes", {extent(n_other), extent((n_bits + 63) / 64)}));
    }
    read_frame(
        {rows, base_quad, base_linear, row_scale, row_linear, delegate_matrix, delegate_mean},
        n_rows, pass);
    read_hinge(hinge, n_other, pass);
    pass.temperature = temperature;
    pass.block_bits = checked_block_bits(block_bits);
    pass.sweeps = sweeps;
    pass.num_threads = num_threads;
    py::gil_scoped_release release;
    return run_row_pass(pass);
}

py::array_t<std::int64_t> py_hinge_loss(const py::object& codes_object,
                                        const py::object& other_object, const py::object& indptr,
                                        const py::object& indices, std::size_t n_bits,
                                        std::uint32_t max_distance, int num_threads) {
    const py::ssize_t n_words = extent((n_bits + 63) / 64);
    const auto codes = checked_codes(codes_object, "codes", n_words);
    const auto other = checked_codes(other_object, "other", n_words);
    const CheckedCsr entries(indptr, indices, "entries", static_cast<std::size_t>(codes.shape(0)),
                             static_cast<std::size_t>(other.shape(0)));
    py::array_t<std::int64_t> loss(codes.shape(0));
    std::int64_t* out = loss.mutable_data();
    py::gil_scoped_release release;
    hinge_loss(code_view(codes), code_view(other), entries.view(), n_bits, max_distance,
               num_threads, out);
    return loss;
}

void ridge_pass(const py::object& x_object, const py::object& y_object, const py::object& indptr,
                const py::object& indices, bool use_gram, const py::object& quad,
                const py::object& lin, float reg, const py::object& row_reg,
                const py::object& row_linear, int steps, int num_threads) {
    auto x = checked<float>(x_object, "x", {-1, -1});
    const auto y = checked<float>(y_object, "y", {-1, x.shape(1)});
    if (x.shape(1) % 16 != 0) throw py::value_error("factor width must be a multiple of 16");
    RidgePass pass;
    pass.n_other = static_cast<std::size_t>(y.shape(0));
    const CheckedCsr entries(indptr, indices, "entries", static_cast<std::size_t>(x.shape(0)),
                             pass.n_other);
    const py::ssize_t n_entries = entries.indices.shape(0);
    pass.x = x.mutable_data();
    pass.y = y.data();
    pass.width = static_cast<std::size_t>(x.shape(1));
    pass.entries = entries.view();
    pass.use_gram = use_gram;
    const auto weights = [&](const py::object& object, const char* name, float& constant) {
        if (py::isinstance<py::array>(object)) return optional<float>(object, name, {n_entries});
        constant = object.cast<float>();
        return static_cast<const float*>(nullptr);
    };
    pass.quad_weights = weights(quad, "quad", pass.quad);
    pass.lin_weights = weights(lin, "lin", pass.lin);
    pass.reg = reg;
    pass.row_reg = optional<float>(row_reg, "row_reg", {x.shape(0)});
    pass.row_linear = optional<float>(row_linear, "row_linear", {x.shape(0), x.shape(1)});
    pass.steps = steps;
    pass.num_threads = num_threads;
    py::gil_scoped_release release;
    run_ridge_pass(pass);
}

py::array_t<std::int32_t> py_factor_topk(const py::object& users_object,
                                         const py::object& items_object, const py::object& indptr,
                                         const py::object& indices, std::size_t k,
                                         int num_threads) {
    const auto users = checked<std::int16_t>(users_object, "users", {-1, -1});
    const auto items = checked<std::int16_t>(items_object, "items", {-1, users.shape(1)});
    if (users.shape(1) % 2 != 0) throw py::value_error("factor width must be even");
    const auto n_users = static_cast<std::size_t>(users.shape(0));
    const auto n_items = static_cast<std::size_t>(items.shape(0));
    const CheckedCsr seen(indptr, indices, "seen", n_users, n_items, true);
    py::array_t<std::int32_t> ids({users.shape(0), extent(k)});
    std::int32_t* out = ids.mutable_data();
    py::gil_scoped_release release;
    factor_topk(users.data(), n_users, items.data(), n_items,
                static_cast<std::size_t>(users.shape(1)), seen.view(), k, num_threads, out);
    return ids;
}

}  // namespace

void bind_solvers(py::module_& module) {
    module.def("row_pass", &row_pass, py::arg("state"), py::arg("n_bits"), py::arg("other_state"),
               py::arg("indptr"), py::arg("indices"), py::arg("quad_weights"),
               py::arg("lin_weights"), py::kw_only(), py::arg("other_codes") = py::none(),
               py::arg("rows") = py::none(), py::arg("base_quad") = py::none(),
               py::arg("base_linear") = py::none(), py::arg("row_scale") = py::none(),
               py::arg("row_linear") = py::none(), py::arg("delegate_matrix") = py::none(),
               py::arg("delegate_mean") = py::none(), py::arg("hinge") = py::none(),
               py::arg("temperature") = 0.0, py::arg("sweeps") = 5, py::arg("block_bits") = 1,
               py::arg("num_threads") = 0);
    module.def("hinge_loss", &py_hinge_loss, py::arg("codes"), py::arg("other"), py::arg("indptr"),
               py::arg("indices"), py::arg("n_bits"), py::arg("max_distance"),
               py::arg("num_threads") = 0);
    module.def("ridge_pass", &ridge_pass, py::arg("x"), py::arg("y"), py::arg("indptr"),
               py::arg("indices"), py::kw_only(), py::arg("use_gram"), py::arg("quad"),
               py::arg("lin"), py::arg("reg"), py::arg("row_reg") = py::none(),
               py::arg("row_linear") = py::none(), py::arg("steps") = 3,
               py::arg("num_threads") = 0);
    module.def("factor_topk", &py_factor_topk, py::arg("users"), py::arg("items"),
               py::arg("indptr"), py::arg("indices"), py::arg("k"), py::arg("num_threads") = 0);
}
