// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/evaluation/rank_counts.hpp"

namespace hashrec::bindings {
namespace {

// None, or one int32 per item.
struct CheckedPriority {
    py::array_t<std::int32_t> values;
    const std::int32_t* data = nullptr;

    CheckedPriority(const py::object& object, py::ssize_t n_items) {
        if (object.is_none()) return;
        values = checked<std::int32_t>(object, "item_priority", {n_items});
        data = values.data();
    }
};

struct Counts {
    py::array_t<std::int32_t> better, tied;

    explicit Counts(const CheckedCsr& targets)
        : better(targets.indices.shape(0)), tied(targets.indices.shape(0)) {}
};

py::tuple codes(const py::object& user_object, const py::object& item_object,
                const py::object& seen_indptr, const py::object& seen_indices,
                const py::object& target_indptr, const py::object& target_indices,
                const py::object& item_priority, int num_threads) {
    const auto users = checked_codes(user_object, "user_codes");
    const auto items = checked_codes(item_object, "item_codes", users.shape(1));
    const CodeView user_view = code_view(users);
    const CodeView item_view = code_view(items);
    if (item_view.n_words == 0) throw py::value_error("codes must have at least one word");
    const CheckedCsr seen(seen_indptr, seen_indices, "seen", user_view.n_rows, item_view.n_rows,
                          true);
    const CheckedCsr targets(target_indptr, target_indices, "targets", user_view.n_rows,
                             item_view.n_rows, true);
    const CheckedPriority priority(item_priority, items.shape(0));
    Counts counts(targets);
    std::int32_t* better = counts.better.mutable_data();
    std::int32_t* tied = counts.tied.mutable_data();
    const CsrView seen_view = seen.view();
    const CsrView target_view = targets.view();
    {
        py::gil_scoped_release release;
        rank_counts_codes(user_view, item_view, seen_view, target_view, priority.data, num_threads,
                          better, tied);
    }
    return py::make_tuple(counts.better, counts.tied);
}

py::tuple scores(const py::object& score_object, const py::object& seen_indptr,
                 const py::object& seen_indices, const py::object& target_indptr,
                 const py::object& target_indices, const py::object& item_priority,
                 int num_threads) {
    const auto block = checked<float>(score_object, "scores", {-1, -1});
    const auto n_rows = static_cast<std::size_t>(block.shape(0));
    const auto n_items = static_cast<std::size_t>(block.shape(1));
    const CheckedCsr seen(seen_indptr, seen_indices, "seen", n_rows, n_items, true);
    const CheckedCsr targets(target_indptr, target_indices, "targets", n_rows, n_items, true);
    const CheckedPriority priority(item_priority, block.shape(1));
    Counts counts(targets);
    std::int32_t* better = counts.better.mutable_data();
    std::int32_t* tied = counts.tied.mutable_data();
    const float* data = block.data();
    const CsrView seen_view = seen.view();
    const CsrView target_view = targets.view();
    {
        py::gil_scoped_release release;
        rank_counts_scores(data, n_items, seen_view, target_view, priority.data, num_threads,
                           better, tied);
    }
    return py::make_tuple(counts.better, counts.tied);
}

}  // namespace
}  // namespace hashrec::bindings

void bind_evaluation(pybind11::module_& module) {
    namespace py = pybind11;
    module.def("rank_counts_codes", &hashrec::bindings::codes, py::arg("user_codes"),
               py::arg("item_codes"), py::arg("seen_indptr"), py::arg("seen_indices"),
               py::arg("target_indptr"), py::arg("target_indices"),
               py::arg("item_priority") = py::none(), py::arg("num_threads") = 0);
    module.def("rank_counts_scores", &hashrec::bindings::scores, py::arg("scores"),
               py::arg("seen_indptr"), py::arg("seen_indices"), py::arg("target_indptr"),
               py::arg("target_indices"), py::arg("item_priority") = py::none(),
               py::arg("num_threads") = 0);
}
