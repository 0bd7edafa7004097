// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

struct SolverKernels {
    int unused = 0;
};

extern const SolverKernels solver_scalar;
extern const SolverKernels solver_popcnt;
extern const SolverKernels solver_avx2;
extern const SolverKernels solver_avx512;
extern const SolverKernels solver_neon;

}  // namespace hashrec
