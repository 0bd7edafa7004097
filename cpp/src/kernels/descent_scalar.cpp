// SPDX-License-Identifier: Apache-2.0
#include "kernels/descent_generic.inl"

namespace hashrec {

const DescentKernels descent_scalar = {
    read_signs_generic,   load_signs_generic,   signed_sums_generic, would_flip_generic,
    count_column_generic, sweep_counts_generic, sweep_gram_generic,  sweep_signs_generic,
    sweep_reals_generic,  load_columns_generic, start_reals_generic, matvec_generic,
};

}  // namespace hashrec
