// SPDX-License-Identifier: Apache-2.0
// Kernels of bit-wise descent over one row of signs, in Gram and in residual form.
//
// With v_e = lin_e - quad_e z_e'x the row's entries push bit k by
//   D_k = sum_e z_ek v_e + kappa_k x_k,   kappa_k = sum_e quad_e z_ek^2,
// and the shared terms by R_k = a_k - scale (h_k - C_kk x_k), h = C x. Flipping bit k changes the
// objective by 4 x_k (D_k + R_k). D is a sum of dyadic numbers where the design is signs, hence the
// same in every form and order; whatever rounds is written in one order here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// Lanes that sums over entries are dealt to, entry e to lane e % kLanes; fixed by the design
// because sums of real-valued designs round.
inline constexpr std::size_t kLanes = 32;

struct SignRow {
    std::size_t n_bits = 0;
    std::size_t width = 0;  // n_bits rounded up to 8
    int sweeps = 1;
    double* x = nullptr;             // signs, in and out; zero beyond n_bits
    const double* linear = nullptr;  // a
    const double* quad = nullptr;    // C, width x width, or null
    const double* quad_diagonal = nullptr;
    double* quad_h = nullptr;        // C x, kept; set where quad is
    double scale = 1.0;              // of C
    const double* margin = nullptr;  // a bit flips where x_k q_k < -margin_k
    double* gain = nullptr;          // D, kept by the Gram forms, scratch of the residual ones
};

// The entries of one row in columns: what the residual forms sweep over.
struct EntryColumns {
    std::size_t n = 0;                     // entries
    std::size_t stride = 0;                // n rounded up to kLanes; v and weights are zero there
    const std::uint64_t* signs = nullptr;  // signs[b * width + k]: bit k of entries 64 b ...
    const float* values = nullptr;         // values[k * stride + e]
    const double* weights = nullptr;       // quad_e, or null: one
    double* v = nullptr;                   // kept
    const double* curvature = nullptr;     // kappa
};

struct DescentKernels {
    // Packs the signs of one row of a state (zero counts as +1); returns whether all of its values
    // are signs, +-256.
    bool (*read_signs)(const std::int16_t* state, std::size_t n_bits, std::uint64_t* code);

    // words[e] = code of ids[e], v[e] = lin[e] - quad[e] * score with `own`; null quad: ones.
    void (*load_signs)(const std::uint64_t* codes, std::size_t n_words, const std::int32_t* ids,
                       std::size_t n, const std::uint64_t* own, std::size_t n_bits,
                       const double* quad, const double* lin, std::uint64_t* words, double* v);

    // out[k] = 2 sum of v[e] over entries whose bit k is set - sum of all v[e], e ascending.
    void (*signed_sums)(const std::uint64_t* words, std::size_t n_words, const double* v,
                        std::size_t n, std::size_t width, double* out);

    // Whether a sweep would flip any bit now.
    bool (*would_flip)(const SignRow& row);

    // out[l] = sum_e z_ek z_el of n_entries codes in bit columns.
    void (*count_column)(const std::uint64_t* columns, std::size_t width, std::size_t n_entries,
                         std::size_t k, double* out);

    // Sweeps with unit weights: columns of the Gram matrix are counted when their bit flips.
    std::size_t (*sweep_counts)(const SignRow& row, const std::uint64_t* columns,
                                std::size_t n_entries);

    // Sweeps with the Gram matrix of the entries at hand.
    std::size_t (*sweep_gram)(const SignRow& row, const double* gram);

    // Sweeps over residuals; the design is signs.
    std::size_t (*sweep_signs)(const SignRow& row, const EntryColumns& entries);

    // Sweeps over residuals; the design is real.
    std::size_t (*sweep_reals)(const SignRow& row, const EntryColumns& entries);

    // values[k * stride + e] = design[ids[e] * width + k]; zero for e in [n, stride).
    void (*load_columns)(const float* design, std::size_t width, const std::int32_t* ids,
                         std::size_t n, std::size_t stride, float* values);

    // v[e] = lin[e] - quad[e] * sum_k values_ek x_k (k ascending) and curvature.
    void (*start_reals)(const EntryColumns& entries, const double* lin, const double* x,
                        std::size_t width, double* v, double* curvature);

    // out[l] = sum_k matrix[k * width + l] * vector[k], k ascending.
    void (*matvec)(const double* matrix, const double* vector, std::size_t width, double* out);
};

extern const DescentKernels descent_scalar;
extern const DescentKernels descent_popcnt;
extern const DescentKernels descent_avx2;
extern const DescentKernels descent_avx512;
extern const DescentKernels descent_neon;

}  // namespace hashrec
