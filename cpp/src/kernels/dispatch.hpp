// SPDX-License-Identifier: Apache-2.0
// Each kernel family is a struct of function pointers with one constant per SIMD level; callers
// fetch the table once, outside their loops.
#pragma once

#include "hashrec/simd.hpp"
#include "kernels/descent_kernels.hpp"
#include "kernels/hamming_kernels.hpp"
#include "kernels/plane_kernels.hpp"
#include "kernels/propagation_kernels.hpp"
#include "kernels/scaled_kernels.hpp"
#include "kernels/score_kernels.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {

const HammingKernels& hamming_kernels();
const PlaneKernels& plane_kernels();
const SolverKernels& solver_kernels();
const DescentKernels& descent_kernels();
const PropagationKernels& propagation_kernels();
const ScaledKernels& scaled_kernels();

// Tiles are made for many queries: a small batch is better served by the level below.
const ScoreKernels& score_kernels(std::size_t n_queries, std::size_t n_words);

}  // namespace hashrec
