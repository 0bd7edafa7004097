// SPDX-License-Identifier: Apache-2.0
#include "kernels/scaled_generic.inl"

namespace hashrec {

const ScaledKernels scaled_popcnt = {column_generic, above_generic};

}  // namespace hashrec
