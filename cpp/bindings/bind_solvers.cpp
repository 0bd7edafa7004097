// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"

void bind_solvers(pybind11::module_& module) { (void)module; }
