// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

void bind_simd(pybind11::module_& module);
void bind_packing(pybind11::module_& module);
void bind_search(pybind11::module_& module);
void bind_tables(pybind11::module_& module);
void bind_scores(pybind11::module_& module);
void bind_evaluation(pybind11::module_& module);
void bind_solvers(pybind11::module_& module);
void bind_pairwise(pybind11::module_& module);
void bind_residual(pybind11::module_& module);
void bind_propagation(pybind11::module_& module);
