// SPDX-License-Identifier: Apache-2.0
#include "kernels/scaled_generic.inl"

namespace hashrec {

const ScaledKernels scaled_scalar = {column_generic, above_generic};

}  // namespace hashrec
