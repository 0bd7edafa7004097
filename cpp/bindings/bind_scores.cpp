// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"
#include "hashrec/index/rerank.hpp"
#include "hashrec/index/score_scan.hpp"
#include "search_arguments.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

// The arguments that all searches share, checked.
struct Search {
    std::size_t n_bits;
    std::size_t k;
    int num_threads;
    py::array_t<std::uint64_t> code_array;
    CodeView codes;
    FilterArguments filters;

    Search(const py::object& code_object, py::ssize_t bits, py::ssize_t wanted,
           std::size_t n_queries, const py::object& indptr, const py::object& rows,
           const py::object& allow, int threads)
        : n_bits(static_cast<std::size_t>(checked_n_bits(bits))),
          k(checked_k(wanted)),
          num_threads(threads),
          code_array(checked_codes(code_object, "codes", (bits + 63) / 64)),
          codes(code_view(code_array)),
          filters(indptr, rows, allow, n_queries, codes.n_rows) {}
};

template <class Value>
struct Found {
    py::array_t<Value> values;
    py::array_t<std::int64_t> rows;
    Value* value_data;
    std::int64_t* row_data;

    Found(py::ssize_t n_queries, py::ssize_t k) : values({n_queries, k}), rows({n_queries, k}) {
        value_data = values.mutable_data();
        row_data = rows.mutable_data();
    }
    py::tuple tuple() const { return py::make_tuple(values, rows); }
};

py::tuple search_real_queries(const py::object& codes, py::ssize_t n_bits,
                              const py::object& query_object, bool as_distance, py::ssize_t k,
                              const py::object& indptr, const py::object& rows,
                              const py::object& allow, int num_threads) {
    const auto queries = checked<float>(query_object, "queries", {-1, n_bits});
    const auto n_queries = static_cast<std::size_t>(queries.shape(0));
    const Search search(codes, n_bits, k, n_queries, indptr, rows, allow, num_threads);
    Found<float> found(queries.shape(0), k);
    const float* data = queries.data();
    const auto similarity = as_distance ? RealSimilarity::kDistance : RealSimilarity::kScore;
    {
        py::gil_scoped_release release;
        search_real(search.codes, search.n_bits, data, n_queries, similarity, search.k,
                    search.filters.view, num_threads, found.value_data, found.row_data);
    }
    return found.tuple();
}

py::tuple search_projected_codes(const py::object& codes, py::ssize_t n_bits,
                                 const py::object& query_object, py::ssize_t k,
                                 const py::object& indptr, const py::object& rows,
                                 const py::object& allow, int num_threads) {
    const auto queries = checked_codes(query_object, "queries", (n_bits + 63) / 64);
    const CodeView view = code_view(queries);
    const Search search(codes, n_bits, k, view.n_rows, indptr, rows, allow, num_threads);
    Found<std::int32_t> found(queries.shape(0), k);
    {
        py::gil_scoped_release release;
        search_projected(search.codes, search.n_bits, view, search.k, search.filters.view,
                         num_threads, found.value_data, found.row_data);
    }
    return found.tuple();
}

py::tuple search_biased_codes(const py::object& codes, py::ssize_t n_bits,
                              const py::object& query_object, const py::object& bias_object,
                              py::ssize_t k, const py::object& indptr, const py::object& rows,
                              const py::object& allow, int num_threads) {
    const auto queries = checked_codes(query_object, "queries", (n_bits + 63) / 64);
    const CodeView view = code_view(queries);
    const Search search(codes, n_bits, k, view.n_rows, indptr, rows, allow, num_threads);
    const auto bias =
        checked<float>(bias_object, "item_bias", {static_cast<py::ssize_t>(search.codes.n_rows)});
    const float* bias_data = bias.data();
    Found<float> found(queries.shape(0), k);
    {
        py::gil_scoped_release release;
        search_biased(search.codes, search.n_bits, view, bias_data, search.k, search.filters.view,
                      num_threads, found.value_data, found.row_data);
    }
    return found.tuple();
}

std::vector<std::size_t> checked_layers(const py::object& object, py::ssize_t n_bits) {
    const auto blocks = checked<std::int64_t>(object, "blocks", {-1});
    std::vector<std::size_t> layers;
    std::int64_t left = n_bits;
    for (py::ssize_t l = 0; l < blocks.shape(0); ++l) {
        const std::int64_t bits = blocks.data()[l];
        if (bits < 1 || bits > left) {
            throw py::value_error("blocks must be positive and add up to n_bits");
        }
        left -= bits;
        layers.push_back(static_cast<std::size_t>(bits));
    }
    if (left != 0) throw py::value_error("blocks must add up to n_bits");
    return layers;
}

py::tuple search_scaled_codes(const py::object& codes, py::ssize_t n_bits,
                              const py::object& query_object, const py::object& query_scale_object,
                              const py::object& item_scale_object, const py::object& blocks,
                              py::ssize_t k, const py::object& bias_object,
                              const py::object& indptr, const py::object& rows,
                              const py::object& allow, int num_threads) {
    const auto queries = checked_codes(query_object, "queries", (n_bits + 63) / 64);
    const CodeView view = code_view(queries);
    const Search search(codes, n_bits, k, view.n_rows, indptr, rows, allow, num_threads);
    const std::vector<std::size_t> bits = checked_layers(blocks, n_bits);
    const auto n_layers = static_cast<py::ssize_t>(bits.size());
    const auto n_rows = static_cast<py::ssize_t>(search.codes.n_rows);
    const auto query_scales =
        checked<float>(query_scale_object, "query_scales", {queries.shape(0), n_layers});
    const auto item_scales = checked<float>(item_scale_object, "item_scales", {n_rows, n_layers});
    CodeLayers layers{bits.data(), bits.size(), query_scales.data(), item_scales.data(), nullptr};
    py::array_t<float> bias;
    if (!bias_object.is_none()) {
        bias = checked<float>(bias_object, "item_bias", {n_rows});
        layers.item_bias = bias.data();
    }
    Found<float> found(queries.shape(0), k);
    {
        py::gil_scoped_release release;
        search_scaled(search.codes, view, layers, search.k, search.filters.view, num_threads,
                      found.value_data, found.row_data);
    }
    return found.tuple();
}

void raise_status(RerankStatus status, std::size_t n_items) {
    if (status == RerankStatus::kBadId) {
        throw py::value_error("ids must be -1 (none) or from 0 to " +
                              std::to_string(static_cast<std::int64_t>(n_items) - 1));
    }
    if (status == RerankStatus::kNotFinite) {
        throw py::value_error("user_vectors, item_vectors or scales hold NaN or infinity");
    }
}

// Views `users` and `items` of one rerank call; T is the type of items, U that of users.
template <class U, class T>
py::tuple rerank_vectors(VectorType type, const py::object& user_object,
                         const py::object& item_object, const py::object& id_object, py::ssize_t k,
                         const py::object& user_scales, const py::object& item_scales,
                         int num_threads) {
    const auto users = checked<U>(user_object, "user_vectors", {-1, -1});
    const auto items = checked<T>(item_object, "item_vectors", {-1, users.shape(1)});
    const auto ids = checked<std::int64_t>(id_object, "ids", {users.shape(0), -1});
    if (k < 1) throw py::value_error("k must be at least 1, got " + std::to_string(k));
    if (items.shape(0) > static_cast<py::ssize_t>(0xffffffffLL)) {
        throw py::value_error("item_vectors must have fewer than 2**32 rows");
    }
    py::array_t<float> first, second;
    RerankVectors vectors{type,
                          users.data(),
                          items.data(),
                          static_cast<std::size_t>(users.shape(0)),
                          static_cast<std::size_t>(items.shape(0)),
                          static_cast<std::size_t>(users.shape(1)),
                          nullptr,
                          nullptr};
    if (!user_scales.is_none()) {
        first = checked<float>(user_scales, "user_scales", {users.shape(0)});
        vectors.user_scales = first.data();
    }
    if (!item_scales.is_none()) {
        second = checked<float>(item_scales, "item_scales", {items.shape(0)});
        vectors.item_scales = second.data();
    }
    Found<float> found(users.shape(0), k);
    const std::int64_t* id_data = ids.data();
    const auto n_candidates = static_cast<std::size_t>(ids.shape(1));
    RerankStatus status;
    {
        py::gil_scoped_release release;
        status = rerank(vectors, id_data, n_candidates, static_cast<std::size_t>(k), num_threads,
                        found.value_data, found.row_data);
    }
    raise_status(status, vectors.n_items);
    return found.tuple();
}

py::tuple rerank_float32(const py::object& users, const py::object& items, const py::object& ids,
                         py::ssize_t k, int num_threads) {
    return rerank_vectors<float, float>(VectorType::kFloat32, users, items, ids, k, py::none(),
                                        py::none(), num_threads);
}

// Half-precision items come as their bits.
py::tuple rerank_float16(const py::object& users, const py::object& items, const py::object& ids,
                         py::ssize_t k, int num_threads) {
    return rerank_vectors<float, std::uint16_t>(VectorType::kFloat16, users, items, ids, k,
                                                py::none(), py::none(), num_threads);
}

py::tuple rerank_int8(const py::object& users, const py::object& items, const py::object& ids,
                      py::ssize_t k, const py::object& user_scales, const py::object& item_scales,
                      int num_threads) {
    return rerank_vectors<std::int8_t, std::int8_t>(VectorType::kInt8, users, items, ids, k,
                                                    user_scales, item_scales, num_threads);
}

}  // namespace

void bind_scores(py::module_& module) {
    const auto codes = py::arg("codes"), n_bits = py::arg("n_bits"), queries = py::arg("queries"),
               k = py::arg("k");
    const auto indptr = py::arg("exclude_indptr") = py::none();
    const auto rows = py::arg("exclude_rows") = py::none();
    const auto allow = py::arg("allow") = py::none();
    const auto threads = py::arg("num_threads") = 0;
    const auto users = py::arg("user_vectors"), items = py::arg("item_vectors"),
               ids = py::arg("ids");
    module.def("scan_real", &search_real_queries, codes, n_bits, queries, py::arg("as_distance"), k,
               indptr, rows, allow, threads);
    module.def("scan_projected", &search_projected_codes, codes, n_bits, queries, k, indptr, rows,
               allow, threads);
    module.def("scan_biased", &search_biased_codes, codes, n_bits, queries, py::arg("item_bias"), k,
               indptr, rows, allow, threads);
    module.def("scan_scaled", &search_scaled_codes, codes, n_bits, queries, py::arg("query_scales"),
               py::arg("item_scales"), py::arg("blocks"), k, py::arg("item_bias") = py::none(),
               indptr, rows, allow, threads);
    module.def("rerank_float32", &rerank_float32, users, items, ids, k, threads);
    module.def("rerank_float16", &rerank_float16, users, items, ids, k, threads);
    module.def("rerank_int8", &rerank_int8, users, items, ids, k,
               py::arg("user_scales") = py::none(), py::arg("item_scales") = py::none(), threads);
}
