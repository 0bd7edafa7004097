// SPDX-License-Identifier: Apache-2.0
#include "kernels/solver_kernels.hpp"

namespace hashrec {

const SolverKernels solver_popcnt = {};

}  // namespace hashrec
