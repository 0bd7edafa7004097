// SPDX-License-Identifier: Apache-2.0
#include "kernels/solver_generic.inl"

namespace hashrec {

const SolverKernels solver_neon = {
    collect_within_generic, excess_generic,           transpose64_generic,  bit_gram_generic,
    bit_counts_generic,     entry_gram_generic,       load_entries_generic, matvec_generic,
    sweep_signs_generic,    sweep_mean_field_generic, ridge_row_generic,    float_gram_generic,
    int_scores_generic,     collect_at_least_generic,
};

}  // namespace hashrec
