// SPDX-License-Identifier: Apache-2.0
// Built tables as opaque objects. Each keeps the array of codes alive that it points into.
#include <algorithm>
#include <memory>
#include <string>

#include "bindings.hpp"
#include "hashrec/index/hash_table.hpp"
#include "hashrec/index/multi_index.hpp"
#include "search_arguments.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

struct NearestArrays {
    py::array_t<std::int32_t> distances;
    py::array_t<std::int64_t> rows;
    py::array_t<std::int64_t> counts;

    NearestArrays(std::size_t n_queries, py::ssize_t k)
        : distances({static_cast<py::ssize_t>(n_queries), k}),
          rows({static_cast<py::ssize_t>(n_queries), k}),
          counts({static_cast<py::ssize_t>(n_queries), py::ssize_t{4}}) {}
};

py::dict occupancy_of(const BucketTable& table) {
    const Occupancy occupancy = table.occupancy();
    py::dict result;
    result["key_bits"] = table.bits().width();
    result["n_buckets"] = occupancy.n_buckets;
    result["largest_bucket"] = occupancy.largest;
    result["n_bytes"] = occupancy.n_bytes;
    return result;
}

class HashTableObject {
  public:
    HashTableObject(const py::object& codes, py::ssize_t n_bits, py::ssize_t key_bits,
                    bool is_spread, int num_threads)
        : codes_(checked_codes(codes, "codes", (checked_n_bits(n_bits) + 63) / 64)),
          view_(code_view(codes_)) {
        if (key_bits < 1 || key_bits > std::min<py::ssize_t>(n_bits, 64)) {
            throw py::value_error("key_bits must be from 1 to min(n_bits, 64), got " +
                                  std::to_string(key_bits));
        }
        const auto width = static_cast<std::size_t>(key_bits);
        const auto bits = static_cast<std::size_t>(n_bits);
        const KeyBits key = is_spread ? KeyBits::spread(bits, width) : KeyBits::run(0, width);
        py::gil_scoped_release release;
        table_ = std::make_unique<HashTable>(view_, bits, key, num_threads);
    }

    py::tuple search(const py::object& query_object, py::ssize_t k, std::size_t max_radius,
                     std::size_t n_candidates, const py::object& indptr, const py::object& rows,
                     const py::object& allow, int num_threads) const {
        checked_k(k);
        const auto query_array = checked_codes(query_object, "queries", codes_.shape(1));
        const CodeView queries = code_view(query_array);
        const FilterArguments filter(indptr, rows, allow, queries.n_rows, view_.n_rows);
        NearestArrays found(queries.n_rows, k);
        std::vector<ProbeCounts> counts(queries.n_rows);
        std::int32_t* distance_data = found.distances.mutable_data();
        std::int64_t* row_data = found.rows.mutable_data();
        {
            py::gil_scoped_release release;
            table_->search(queries, static_cast<std::size_t>(k), {max_radius, n_candidates},
                           filter.view, num_threads, distance_data, row_data, counts.data());
        }
        std::int64_t* out = found.counts.mutable_data();
        for (const ProbeCounts& one : counts) {
            *out++ = one.lookups;
            *out++ = one.candidates;
            *out++ = one.radius;
            *out++ = 0;  // never scanned
        }
        return py::make_tuple(found.distances, found.rows, found.counts);
    }

    py::tuple within(const py::object& query_object, std::int64_t max_distance,
                     std::size_t max_radius, int num_threads) const {
        const auto query_array = checked_codes(query_object, "queries", codes_.shape(1));
        RangeResult found;
        {
            py::gil_scoped_release release;
            found = table_->within(code_view(query_array), max_distance, max_radius, num_threads);
        }
        return to_numpy(std::move(found));
    }

    py::dict occupancy() const { return occupancy_of(table_->table()); }

  private:
    py::array_t<std::uint64_t> codes_;
    CodeView view_;
    std::unique_ptr<HashTable> table_;
};

TableUse table_use(const std::string& strategy) {
    if (strategy == "auto") return TableUse::kAuto;
    if (strategy == "tables") return TableUse::kAlways;
    if (strategy == "scan") return TableUse::kNever;
    throw py::value_error("strategy must be 'auto', 'tables' or 'scan', got '" + strategy + "'");
}

class MultiIndexObject {
  public:
    MultiIndexObject(const py::object& codes, py::ssize_t n_bits, py::ssize_t n_tables,
                     int num_threads)
        : codes_(checked_codes(codes, "codes", (checked_n_bits(n_bits) + 63) / 64)),
          view_(code_view(codes_)) {
        if (n_tables != 0 && (n_tables < (n_bits + 63) / 64 || n_tables > n_bits)) {
            throw py::value_error("n_tables must be 0 or from n_bits / 64 to n_bits, got " +
                                  std::to_string(n_tables));
        }
        index_ = std::make_unique<MultiIndex>(view_, static_cast<std::size_t>(n_bits),
                                              static_cast<std::size_t>(n_tables), num_threads);
    }

    py::tuple search(const py::object& query_object, py::ssize_t k, const std::string& strategy,
                     const py::object& indptr, const py::object& rows, const py::object& allow,
                     int num_threads) const {
        checked_k(k);
        const TableUse use = table_use(strategy);
        const auto query_array = checked_codes(query_object, "queries", codes_.shape(1));
        const CodeView queries = code_view(query_array);
        const FilterArguments filter(indptr, rows, allow, queries.n_rows, view_.n_rows);
        NearestArrays found(queries.n_rows, k);
        std::vector<PieceCounts> counts(queries.n_rows);
        std::int32_t* distance_data = found.distances.mutable_data();
        std::int64_t* row_data = found.rows.mutable_data();
        {
            py::gil_scoped_release release;
            index_->search(queries, static_cast<std::size_t>(k), filter.view, use, num_threads,
                           distance_data, row_data, counts.data());
        }
        std::int64_t* out = found.counts.mutable_data();
        for (const PieceCounts& one : counts) {
            *out++ = one.lookups;
            *out++ = one.candidates;
            *out++ = one.radius;
            *out++ = one.scanned;
        }
        return py::make_tuple(found.distances, found.rows, found.counts);
    }

    py::tuple within(const py::object& query_object, std::int64_t max_distance,
                     const std::string& strategy, int num_threads) const {
        const TableUse use = table_use(strategy);
        const auto query_array = checked_codes(query_object, "queries", codes_.shape(1));
        RangeResult found;
        {
            py::gil_scoped_release release;
            found = index_->within(code_view(query_array), max_distance, use, num_threads);
        }
        return to_numpy(std::move(found));
    }

    void build() const {
        py::gil_scoped_release release;
        index_->build();
    }

    py::list occupancy() const {
        build();
        py::list result;
        for (const BucketTable& table : index_->tables()) result.append(occupancy_of(table));
        return result;
    }

  private:
    py::array_t<std::uint64_t> codes_;
    CodeView view_;
    std::unique_ptr<MultiIndex> index_;
};

}  // namespace

void bind_tables(py::module_& module) {
    py::class_<HashTableObject>(module, "HashTable")
        .def(py::init<const py::object&, py::ssize_t, py::ssize_t, bool, int>(), py::arg("codes"),
             py::arg("n_bits"), py::arg("key_bits"), py::arg("is_spread"),
             py::arg("num_threads") = 0)
        .def("search", &HashTableObject::search, py::arg("queries"), py::arg("k"),
             py::arg("max_radius"), py::arg("n_candidates"), py::arg("exclude_indptr") = py::none(),
             py::arg("exclude_rows") = py::none(), py::arg("allow") = py::none(),
             py::arg("num_threads") = 0)
        .def("within", &HashTableObject::within, py::arg("queries"), py::arg("max_distance"),
             py::arg("max_radius"), py::arg("num_threads") = 0)
        .def("occupancy", &HashTableObject::occupancy);
    py::class_<MultiIndexObject>(module, "MultiIndex")
        .def(py::init<const py::object&, py::ssize_t, py::ssize_t, int>(), py::arg("codes"),
             py::arg("n_bits"), py::arg("n_tables") = 0, py::arg("num_threads") = 0)
        .def("search", &MultiIndexObject::search, py::arg("queries"), py::arg("k"),
             py::arg("strategy"), py::arg("exclude_indptr") = py::none(),
             py::arg("exclude_rows") = py::none(), py::arg("allow") = py::none(),
             py::arg("num_threads") = 0)
        .def("within", &MultiIndexObject::within, py::arg("queries"), py::arg("max_distance"),
             py::arg("strategy"), py::arg("num_threads") = 0)
        .def("build", &MultiIndexObject::build)
        .def("occupancy", &MultiIndexObject::occupancy);
}
