// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Compiled kernels of hashrec_fast; use the typed faces in hashrec_fast.kernels.";
    module.attr("__version__") = HASHREC_VERSION;
    bind_simd(module);
    bind_packing(module);
    bind_search(module);
    bind_tables(module);
    bind_scores(module);
    bind_evaluation(module);
    bind_solvers(module);
    bind_pairwise(module);
    bind_residual(module);
    bind_propagation(module);
}
