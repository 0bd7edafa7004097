// SPDX-License-Identifier: Apache-2.0
#include "kernels/propagation_generic.inl"

namespace hashrec {

const PropagationKernels propagation_popcnt = {times_dense_generic};

}  // namespace hashrec
