// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"
#include "bindings.hpp"
#include "hashrec/hamming.hpp"
#include "hashrec/packing.hpp"

namespace py = pybind11;
using namespace hashrec;
using namespace hashrec::bindings;

namespace {

BitOrder bit_order(const std::string& name) {
    if (name == "little") return BitOrder::kLittle;
    if (name == "big") return BitOrder::kBig;
    throw py::value_error("bitorder must be 'little' or 'big', got '" + name + "'");
}

void raise_status(PackStatus status) {
    switch (status) {
        case PackStatus::kOk:
            return;
        case PackStatus::kNan:
            throw py::value_error("signs hold NaN, which has no sign");
        case PackStatus::kMixedSigns:
            throw py::value_error("int8 signs must be all +1/-1 or all 0/1, got both 0 and -1");
        case PackStatus::kBadValue:
            throw py::value_error("int8 signs must be +1/-1 or 0/1, got another value");
    }
}

py::array_t<std::uint64_t> empty_codes(py::ssize_t n_rows, py::ssize_t n_bits) {
    return py::array_t<std::uint64_t>({n_rows, (n_bits + 63) / 64});
}

template <class T>
py::array_t<std::uint64_t> pack(const py::object& object, const std::string& order_name,
                                PackStatus (*body)(const T*, std::size_t, std::size_t, BitOrder,
                                                   std::uint64_t*)) {
    const BitOrder order = bit_order(order_name);
    const auto signs = checked<T>(object, "signs", {-1, -1});
    auto codes = empty_codes(signs.shape(0), signs.shape(1));
    const T* in = signs.data();
    std::uint64_t* out = codes.mutable_data();
    const auto n_rows = static_cast<std::size_t>(signs.shape(0));
    const auto n_bits = static_cast<std::size_t>(signs.shape(1));
    PackStatus status = PackStatus::kOk;
    {
        py::gil_scoped_release release;
        status = body(in, n_rows, n_bits, order, out);
    }
    raise_status(status);
    return codes;
}

PackStatus pack_flags(const std::uint8_t* signs, std::size_t n_rows, std::size_t n_bits,
                      BitOrder order, std::uint64_t* codes) {
    pack_bool(signs, n_rows, n_bits, order, codes);
    return PackStatus::kOk;
}

py::array_t<std::int8_t> unpack_codes(const py::object& object, py::ssize_t n_bits,
                                      const std::string& order_name) {
    const BitOrder order = bit_order(order_name);
    if (n_bits < 1) throw py::value_error("n_bits must be at least 1");
    const auto codes = checked_codes(object, "codes", (n_bits + 63) / 64);
    py::array_t<std::int8_t> signs({codes.shape(0), n_bits});
    const CodeView view = code_view(codes);
    std::int8_t* out = signs.mutable_data();
    py::gil_scoped_release release;
    unpack(view.words, view.n_rows, static_cast<std::size_t>(n_bits), order, out);
    return signs;
}

py::array_t<std::int32_t> pair_distances(const py::object& first, const py::object& second,
                                         int num_threads) {
    const auto a = checked_codes(first, "a");
    const auto b = checked<std::uint64_t>(second, "b", {a.shape(0), a.shape(1)});
    py::array_t<std::int32_t> out(a.shape(0));
    const CodeView a_view = code_view(a);
    const CodeView b_view = code_view(b);
    std::int32_t* data = out.mutable_data();
    py::gil_scoped_release release;
    hamming(a_view, b_view, num_threads, data);
    return out;
}

py::array_t<std::int32_t> all_distances(const py::object& first, const py::object& second,
                                        int num_threads) {
    const auto a = checked_codes(first, "a");
    const auto b = checked_codes(second, "b", a.shape(1));
    py::array_t<std::int32_t> out({a.shape(0), b.shape(0)});
    const CodeView a_view = code_view(a);
    const CodeView b_view = code_view(b);
    std::int32_t* data = out.mutable_data();
    py::gil_scoped_release release;
    hamming_matrix(a_view, b_view, num_threads, data);
    return out;
}

py::ssize_t padding_row(const py::object& object, py::ssize_t n_bits) {
    if (n_bits < 1) throw py::value_error("n_bits must be at least 1");
    const auto codes = checked_codes(object, "codes", (n_bits + 63) / 64);
    const CodeView view = code_view(codes);
    const std::size_t row =
        first_row_with_padding(view.words, view.n_rows, static_cast<std::size_t>(n_bits));
    return row == view.n_rows ? -1 : static_cast<py::ssize_t>(row);
}

}  // namespace

void bind_packing(py::module_& module) {
    const auto signs = py::arg("signs");
    const auto order = py::arg("bitorder");
    module.def(
        "pack_bool",  // numpy bool is passed as its uint8 view
        [](const py::object& o, const std::string& b) {
            return pack<std::uint8_t>(o, b, pack_flags);
        },
        signs, order);
    module.def(
        "pack_int8",
        [](const py::object& o, const std::string& b) {
            return pack<std::int8_t>(o, b, pack_int8);
        },
        signs, order);
    module.def(
        "pack_float32",
        [](const py::object& o, const std::string& b) { return pack<float>(o, b, pack_float); },
        signs, order);
    module.def(
        "pack_float64",
        [](const py::object& o, const std::string& b) { return pack<double>(o, b, pack_float); },
        signs, order);
    module.def("unpack", &unpack_codes, py::arg("codes"), py::arg("n_bits"), order);
    module.def("hamming", &pair_distances, py::arg("a"), py::arg("b"), py::arg("num_threads") = 0);
    module.def("hamming_matrix", &all_distances, py::arg("a"), py::arg("b"),
               py::arg("num_threads") = 0);
    module.def("row_with_padding", &padding_row, py::arg("codes"), py::arg("n_bits"));
}
