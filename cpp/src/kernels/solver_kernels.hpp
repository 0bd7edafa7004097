// SPDX-License-Identifier: Apache-2.0
// Kernels of the discrete and float solvers. Two rules make every level return the same bits:
// integers and dyadic doubles are summed exactly (any order gives the same sum), and everything
// that rounds is written element by element in one fixed order without fused operations.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// Relaxed signs are stored as int16 multiples of 1/256: +1 is 256.
inline constexpr double kStateUnit = 1.0 / 256.0;
inline constexpr int kStateOne = 256;

// (gram + reg I + sum_e quad_e y_e y_e') x = linear + sum_e lin_e y_e
struct RidgeRow {
    const float* gram = nullptr;     // width x width or null
    const float* linear = nullptr;   // width or null
    const float* factors = nullptr;  // rows y, width apart
    const std::int32_t* ids = nullptr;
    std::size_t n_ids = 0;
    const float* quad = nullptr;  // per entry; null: quad_constant
    const float* lin = nullptr;   // per entry; null: lin_constant
    float quad_constant = 0.0f;
    float lin_constant = 0.0f;
    float reg = 0.0f;
};

struct SolverKernels {
    // Positions of codes with distance <= max_distance to the query, ascending; returns how many.
    // `out` must have room for n_rows + 64 entries.
    std::size_t (*collect_within)(const std::uint64_t* query, const std::uint64_t* codes,
                                  std::size_t n_rows, std::size_t n_words,
                                  std::uint32_t max_distance, std::uint32_t* out);

    // sum over ids of max(0, n_bits - 2 * distance - bound)^2.
    std::int64_t (*excess)(const std::uint64_t* query, const std::uint64_t* codes,
                           std::size_t n_words, const std::uint32_t* ids, std::size_t n,
                           std::int64_t n_bits, std::int64_t bound);

    // out[k] (k < 64) holds bit k of in[0..63]: bit j of out[k] is bit k of in[j].
    void (*transpose64)(const std::uint64_t* in, std::uint64_t* out);

    // Weighted Gram matrix of +-1 codes given as bit columns. columns[b * width + k] holds bit k
    // of the b-th block of 64 codes; blocks [class_begin[c], class_begin[c + 1]) have weight
    // class_weight[c]. Adds sum_c weight_c * popcount(x_k ^ x_l) to gram[k * width + l] for
    // k / 8 <= l / 8 (the blocks of 8 columns on and right of the diagonal). width % 8 == 0.
    void (*bit_gram)(const std::uint64_t* columns, std::size_t width,
                     const std::uint32_t* class_begin, const std::int64_t* class_weight,
                     std::size_t n_classes, std::int64_t* gram);

    // out[k] += weight * number of set bits of column k in n_blocks blocks of columns.
    void (*bit_counts)(const std::uint64_t* columns, std::size_t width, std::size_t n_blocks,
                       std::int64_t weight, std::int64_t* out);

    // gram[k * width + l] += sum_e weighted[e * width + k] * rows[e * width + l], k / 8 <= l / 8.
    // Inputs are dyadic so that all products and sums are exact. width % 8 == 0.
    void (*entry_gram)(const double* weighted, const double* rows, std::size_t n_entries,
                       std::size_t width, double* gram);

    // rows[e] = state of ids[e] as doubles, weighted[e] = quad_weight[e] * rows[e], and
    // linear[k] += lin_weight[e] * rows[e][k].
    void (*load_entries)(const std::int16_t* state, std::size_t width, const std::int32_t* ids,
                         const double* quad_weight, const double* lin_weight, std::size_t n_entries,
                         double* rows, double* weighted, double* linear);

    // out[l] = sum_k matrix[k * width + l] * vector[k], k ascending.
    void (*matvec)(const double* matrix, const double* vector, std::size_t width, double* out);

    // Bit-wise descent on x'Ax - 2g'x over signs; h = A x is kept. Returns the number of flips.
    std::size_t (*sweep_signs)(const double* matrix, const double* linear, std::size_t n_bits,
                               std::size_t width, int sweeps, double* x, double* h);

    // Mean-field steps x_k <- tanh(q_k / scale), rounded to the state's grid.
    void (*sweep_mean_field)(const double* matrix, const double* linear, std::size_t n_bits,
                             std::size_t width, int sweeps, double inverse_scale, double* x,
                             double* h);

    // One ridge row by conjugate gradients, x in/out; scratch holds 3 * width floats.
    void (*ridge_row)(const RidgeRow& row, std::size_t width, int steps, float* x, float* scratch);

    // gram[k * width + l] += sum_r rows[r * width + k] * rows[r * width + l], r ascending.
    void (*float_gram)(const float* rows, std::size_t n_rows, std::size_t width, float* gram);

    // scores[u * 16 * n_panels + i]: integer inner products of `n_users` (<= 8) quantised users
    // with n_panels * 16 items. panels[p][k / 2][i][k % 2]; users[u * width + k]; width % 2 == 0.
    void (*int_scores)(const std::int16_t* users, std::size_t n_users, const std::int16_t* panels,
                       std::size_t n_panels, std::size_t width, std::int32_t* scores);

    // Positions with scores[i] >= threshold, ascending; `out` has room for n + 16 entries.
    std::size_t (*collect_at_least)(const std::int32_t* scores, std::size_t n,
                                    std::int32_t threshold, std::uint32_t* out);
};

extern const SolverKernels solver_scalar;
extern const SolverKernels solver_popcnt;
extern const SolverKernels solver_avx2;
extern const SolverKernels solver_avx512;
extern const SolverKernels solver_neon;

}  // namespace hashrec
