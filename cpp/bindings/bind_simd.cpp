// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"
#include "hashrec/parallel.hpp"
#include "hashrec/simd.hpp"

namespace py = pybind11;

void bind_simd(py::module_& module) {
    hashrec::simd_level();  // a bad HASHREC_SIMD fails the import, never a silent default
    module.def("simd_level", [] { return hashrec::simd_level_name(hashrec::simd_level()); });
    module.def("available_simd_levels", [] {
        py::list names;
        for (hashrec::SimdLevel level : hashrec::available_simd_levels()) {
            names.append(hashrec::simd_level_name(level));
        }
        return names;
    });
    module.def("set_simd_level", &hashrec::set_simd_level, py::arg("level"));
    module.def("max_threads", [] { return hashrec::resolve_threads(0); });
}
