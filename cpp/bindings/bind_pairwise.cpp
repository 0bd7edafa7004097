// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/solvers/pairwise_pass.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

py::ssize_t extent(std::size_t n) { return static_cast<py::ssize_t>(n); }

// The checked arrays of a pass; they keep the memory alive that the pass points into.
struct PairwiseArguments {
    py::array_t<std::int16_t> state, other;
    CheckedCsr entries;
    py::array_t<double> pair_weight, row_linear, matrix, mean;

    PairwiseArguments(const py::object& state_object, std::size_t n_bits,
                      const py::object& other_object, const py::object& indptr,
                      const py::object& indices, const py::object& weights, bool users)
        : state(checked<std::int16_t>(state_object, "state", {-1, width(n_bits)})),
          other(checked<std::int16_t>(other_object, "other_state", {-1, width(n_bits)})),
          entries(indptr, indices, "entries", static_cast<std::size_t>(state.shape(0)),
                  static_cast<std::size_t>(other.shape(0)), true),
          pair_weight(
              checked<double>(weights, "pair_weight", {users ? state.shape(0) : other.shape(0)})) {
        check_signs(state, "state", n_bits);
        check_signs(other, "other_state", n_bits);
    }

    static py::ssize_t width(std::size_t n_bits) {
        if (n_bits == 0) throw py::value_error("n_bits must be at least 1, got 0");
        return extent((n_bits + 7) / 8 * 8);
    }

    // The sums are integers only where every value is a sign.
    static void check_signs(const py::array_t<std::int16_t>& values, const char* name,
                            std::size_t n_bits) {
        const std::int16_t* value = values.data();
        const py::ssize_t n_rows = values.shape(0), columns = values.shape(1);
        for (py::ssize_t r = 0; r < n_rows; ++r) {
            for (py::ssize_t k = 0; k < columns; ++k, ++value) {
                const bool good =
                    k < extent(n_bits) ? *value == 256 || *value == -256 : *value == 0;
                if (good) continue;
                throw py::value_error(std::string(name) + " must hold signs (256 or -256, zero " +
                                      "beyond n_bits), got " + std::to_string(*value) + " in row " +
                                      std::to_string(r));
            }
        }
    }

    void fill(PairwiseRows& pass, std::size_t n_bits, double margin, const py::object& linear,
              const py::object& delegate_matrix, const py::object& delegate_mean, int sweeps,
              int num_threads) {
        pass.n_bits = n_bits;
        const py::ssize_t columns = width(n_bits);
        pass.width = static_cast<std::size_t>(columns);
        pass.state = state.mutable_data();
        pass.other_state = other.data();
        pass.entries = entries.view();
        pass.pair_weight = pair_weight.data();
        pass.margin = margin;
        if (!linear.is_none()) {
            row_linear = checked<double>(linear, "row_linear", {state.shape(0), columns});
            pass.row_linear = row_linear.data();
        }
        if (!delegate_matrix.is_none()) {
            matrix = checked<double>(delegate_matrix, "delegate_matrix", {columns, columns});
            mean = checked<double>(delegate_mean, "delegate_mean", {columns});
            pass.delegate_matrix = matrix.data();
            pass.delegate_mean = mean.data();
        }
        pass.sweeps = sweeps;
        pass.num_threads = num_threads;
    }
};

std::size_t pairwise_user_pass(const py::object& state, std::size_t n_bits,
                               const py::object& other_state, const py::object& indptr,
                               const py::object& indices, const py::object& pair_weight,
                               double margin, const py::object& other_codes,
                               const py::object& item_gram, const py::object& item_total,
                               const py::object& row_linear, const py::object& delegate_matrix,
                               const py::object& delegate_mean, int sweeps, int num_threads) {
    PairwiseArguments arguments(state, n_bits, other_state, indptr, indices, pair_weight, true);
    PairwiseUserPass pass;
    arguments.fill(pass, n_bits, margin, row_linear, delegate_matrix, delegate_mean, sweeps,
                   num_threads);
    const py::ssize_t width = extent(pass.width), n_items = arguments.other.shape(0);
    const auto codes =
        checked<std::uint64_t>(other_codes, "other_codes", {n_items, extent((n_bits + 63) / 64)});
    const auto gram = checked<double>(item_gram, "item_gram", {width, width});
    const auto total = checked<double>(item_total, "item_total", {width});
    pass.other_codes = code_view(codes);
    pass.n_items = static_cast<std::size_t>(n_items);
    pass.item_gram = gram.data();
    pass.item_total = total.data();
    py::gil_scoped_release release;
    return run_pairwise_users(pass);
}

std::size_t pairwise_item_pass(const py::object& state, std::size_t n_bits,
                               const py::object& other_state, const py::object& indptr,
                               const py::object& indices, const py::object& pair_weight,
                               double margin, const py::object& positives,
                               const py::object& own_score, const py::object& item_total,
                               std::size_t n_items, bool sequential, const py::object& row_linear,
                               const py::object& delegate_matrix, const py::object& delegate_mean,
                               int sweeps, int num_threads) {
    PairwiseArguments arguments(state, n_bits, other_state, indptr, indices, pair_weight, false);
    PairwiseItemPass pass;
    arguments.fill(pass, n_bits, margin, row_linear, delegate_matrix, delegate_mean, sweeps,
                   num_threads);
    const py::ssize_t n_users = arguments.other.shape(0);
    const auto counts = checked<double>(positives, "positives", {n_users});
    auto scores = checked<double>(own_score, "own_score", {n_users});
    auto total = checked<double>(item_total, "item_total", {extent(pass.width)});
    pass.n_users = static_cast<std::size_t>(n_users);
    pass.n_items = static_cast<double>(n_items);
    pass.positives = counts.data();
    pass.own_score = scores.mutable_data();
    pass.item_total = total.mutable_data();
    pass.sequential = sequential;
    py::gil_scoped_release release;
    return run_pairwise_items(pass);
}

}  // namespace

void bind_pairwise(py::module_& module) {
    module.def("pairwise_user_pass", &pairwise_user_pass, py::arg("state"), py::arg("n_bits"),
               py::arg("other_state"), py::arg("indptr"), py::arg("indices"),
               py::arg("pair_weight"), py::arg("margin"), py::kw_only(), py::arg("other_codes"),
               py::arg("item_gram"), py::arg("item_total"), py::arg("row_linear") = py::none(),
               py::arg("delegate_matrix") = py::none(), py::arg("delegate_mean") = py::none(),
               py::arg("sweeps") = 100, py::arg("num_threads") = 0);
    module.def("pairwise_item_pass", &pairwise_item_pass, py::arg("state"), py::arg("n_bits"),
               py::arg("other_state"), py::arg("indptr"), py::arg("indices"),
               py::arg("pair_weight"), py::arg("margin"), py::kw_only(), py::arg("positives"),
               py::arg("own_score"), py::arg("item_total"), py::arg("n_items"),
               py::arg("sequential") = true, py::arg("row_linear") = py::none(),
               py::arg("delegate_matrix") = py::none(), py::arg("delegate_mean") = py::none(),
               py::arg("sweeps") = 100, py::arg("num_threads") = 0);
}
