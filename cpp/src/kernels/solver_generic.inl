// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the solver kernels; each level's file includes this with its own flags, and
// the compiler's vector types take whatever register width these allow.
#include "kernels/bit_transpose.inl"
#include "kernels/popcount.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {
namespace {

// Eight doubles or sixteen floats, unaligned loads allowed.
typedef double Double8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef float Float16 __attribute__((vector_size(64), aligned(4), may_alias));

inline const Double8& load8(const double* p) { return *reinterpret_cast<const Double8*>(p); }
inline Double8& store8(double* p) { return *reinterpret_cast<Double8*>(p); }
inline const Float16& load16(const float* p) { return *reinterpret_cast<const Float16*>(p); }
inline Float16& store16(float* p) { return *reinterpret_cast<Float16*>(p); }

[[maybe_unused]] std::size_t collect_within_generic(const std::uint64_t* query,
                                                    const std::uint64_t* codes, std::size_t n_rows,
                                                    std::size_t n_words, std::uint32_t max_distance,
                                                    std::uint32_t* out) {
    std::size_t count = 0;
    for (std::size_t row = 0; row < n_rows; ++row) {
        std::uint32_t distance = 0;
        for (std::size_t w = 0; w < n_words; ++w) {
            distance += popcount64(query[w] ^ codes[row * n_words + w]);
        }
        out[count] = static_cast<std::uint32_t>(row);
        count += distance <= max_distance ? 1 : 0;
    }
    return count;
}

// sum over ids of max(0, score - bound)^2 with score = n_bits - 2 * distance.
[[maybe_unused]] std::int64_t excess_generic(const std::uint64_t* query, const std::uint64_t* codes,
                                             std::size_t n_words, const std::uint32_t* ids,
                                             std::size_t n, std::int64_t n_bits,
                                             std::int64_t bound) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        std::int64_t distance = 0;
        const std::uint64_t* code = codes + ids[i] * n_words;
        for (std::size_t w = 0; w < n_words; ++w) distance += popcount64(query[w] ^ code[w]);
        const std::int64_t over = n_bits - 2 * distance - bound;
        sum += over > 0 ? over * over : 0;
    }
    return sum;
}

[[maybe_unused]] void bit_gram_generic(const std::uint64_t* columns, std::size_t width,
                                       const std::uint32_t* class_begin,
                                       const std::int64_t* class_weight, std::size_t n_classes,
                                       std::int64_t* gram) {
    for (std::size_t k = 0; k < width; ++k) {
        for (std::size_t l = k & ~std::size_t{7}; l < width; ++l) {
            std::int64_t total = 0;
            for (std::size_t c = 0; c < n_classes; ++c) {
                std::int64_t count = 0;
                for (std::size_t b = class_begin[c]; b < class_begin[c + 1]; ++b) {
                    count += popcount64(columns[b * width + k] ^ columns[b * width + l]);
                }
                total += class_weight[c] * count;
            }
            gram[k * width + l] += total;
        }
    }
}

// out[k] += weight * number of set bits of column k over the blocks.
[[maybe_unused]] void bit_counts_generic(const std::uint64_t* columns, std::size_t width,
                                         std::size_t n_blocks, std::int64_t weight,
                                         std::int64_t* out) {
    for (std::size_t b = 0; b < n_blocks; ++b) {
        for (std::size_t k = 0; k < width; ++k) {
            out[k] += weight * static_cast<std::int64_t>(popcount64(columns[b * width + k]));
        }
    }
}

[[maybe_unused]] void entry_gram_generic(const double* weighted, const double* rows,
                                         std::size_t n_entries, std::size_t width, double* gram) {
    for (std::size_t k = 0; k < width; ++k) {
        for (std::size_t l = k & ~std::size_t{7}; l < width; l += 8) {
            Double8 sum = load8(gram + k * width + l);
            for (std::size_t e = 0; e < n_entries; ++e) {
                sum += weighted[e * width + k] * load8(rows + e * width + l);
            }
            store8(gram + k * width + l) = sum;
        }
    }
}

[[maybe_unused]] void load_entries_generic(const std::int16_t* state, std::size_t width,
                                           const std::int32_t* ids, const double* quad_weight,
                                           const double* lin_weight, std::size_t n_entries,
                                           double* rows, double* weighted, double* linear) {
    for (std::size_t e = 0; e < n_entries; ++e) {
        const std::int16_t* source = state + static_cast<std::size_t>(ids[e]) * width;
        const double quad = quad_weight[e], lin = lin_weight[e];
        for (std::size_t k = 0; k < width; ++k) {
            const double value = static_cast<double>(source[k]) * kStateUnit;
            rows[e * width + k] = value;
            weighted[e * width + k] = quad * value;
            linear[k] += lin * value;
        }
    }
}

// out += factor * row, the one operation of matvec and of both sweeps.
inline void add_scaled(double* out, double factor, const double* row, std::size_t width) {
    for (std::size_t l = 0; l < width; l += 8) store8(out + l) += factor * load8(row + l);
}

[[maybe_unused]] void matvec_generic(const double* matrix, const double* vector, std::size_t width,
                                     double* out) {
    for (std::size_t l = 0; l < width; l += 8) {
        Double8 sum = {};
        for (std::size_t k = 0; k < width; ++k) sum += vector[k] * load8(matrix + k * width + l);
        store8(out + l) = sum;
    }
}

// Flipping bit k changes the row's objective by 4 x_k q_k with q_k = g_k - h_k + A_kk x_k.
// The margin keeps rounding noise from flipping a tied bit back and forth.
[[maybe_unused]] std::size_t sweep_signs_generic(const double* matrix, const double* linear,
                                                 std::size_t n_bits, std::size_t width, int sweeps,
                                                 double* x, double* h) {
    std::size_t total = 0;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
        std::size_t flips = 0;
        for (std::size_t k = 0; k < n_bits; ++k) {
            const double diagonal = matrix[k * width + k];
            const double q = linear[k] - h[k] + diagonal * x[k];
            const double margin = 1e-6 * (1.0 + (diagonal < 0 ? -diagonal : diagonal));
            if (q * x[k] < -margin) {
                const double change = -2.0 * x[k];
                x[k] = -x[k];
                add_scaled(h, change, matrix + k * width, width);
                ++flips;
            }
        }
        total += flips;
        if (flips == 0) break;
    }
    return total;
}

// tanh at multiples of 1/512 in [-4, 4], rounded to the state's grid. A look-up has a third of the
// latency of the formula, and the steps of a sweep wait for one another.
struct TanhTable {
    static constexpr int kSteps = 512;
    static constexpr int kHalf = 4 * kSteps;
    double value[2 * kHalf + 1];

    constexpr TanhTable() : value() {
        for (int j = -kHalf; j <= kHalf; ++j) {
            // Continued fraction, error below 1e-5 here; elementary operations round alike
            // anywhere.
            const double x = static_cast<double>(j) / kSteps, s = x * x;
            const double top = x * (135135.0 + s * (17325.0 + s * (378.0 + s)));
            const double bottom = 135135.0 + s * (62370.0 + s * (3150.0 + s * 28.0));
            double scaled = top / bottom * kStateOne;
            const bool negative = scaled < 0;
            if (negative) scaled = -scaled;
            double rounded = static_cast<double>(static_cast<int>(scaled + 0.5));
            if (rounded > kStateOne) rounded = kStateOne;
            value[j + kHalf] = (negative ? -rounded : rounded) * kStateUnit;
        }
    }
};

constexpr TanhTable kTanh;

inline double tanh_on_grid(double x) {
    if (!(x < 4.0)) x = 4.0;
    if (x < -4.0) x = -4.0;
    constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
    const double shifted = x * TanhTable::kSteps + kRound;
    std::int64_t bits;
    __builtin_memcpy(&bits, &shifted, sizeof(bits));
    const auto j = static_cast<std::int32_t>(bits);  // the low half holds the integer
    return kTanh.value[j + TanhTable::kHalf];
}

[[maybe_unused]] void sweep_mean_field_generic(const double* matrix, const double* linear,
                                               std::size_t n_bits, std::size_t width, int sweeps,
                                               double inverse_scale, double* x, double* h) {
    for (int sweep = 0; sweep < sweeps; ++sweep) {
        double largest = 0.0;
        for (std::size_t k = 0; k < n_bits; ++k) {
            const double q = linear[k] - h[k] + matrix[k * width + k] * x[k];
            const double change = tanh_on_grid(q * inverse_scale) - x[k];
            if (change == 0.0) continue;
            x[k] += change;
            add_scaled(h, change, matrix + k * width, width);
            const double size = change < 0 ? -change : change;
            if (size > largest) largest = size;
        }
        if (largest < 0.01) break;
    }
}

// --- ridge rows (alternating least squares)
// ------------------------------------------------------------------------------

inline float dot16(const float* a, const float* b, std::size_t width) {
    Float16 sum = {};
    for (std::size_t k = 0; k < width; k += 16) sum += load16(a + k) * load16(b + k);
    float s[16];
    for (int i = 0; i < 16; ++i) s[i] = sum[i];
    for (int half = 8; half > 0; half >>= 1) {
        for (int i = 0; i < half; ++i) s[i] += s[i + half];
    }
    return s[0];
}

inline void axpy16(float* out, float factor, const float* row, std::size_t width) {
    for (std::size_t k = 0; k < width; k += 16) store16(out + k) += factor * load16(row + k);
}

// out = (gram + reg I + sum quad y y') p
void ridge_apply(const RidgeRow& row, std::size_t width, const float* p, float* out) {
    const float reg = row.reg;
    std::size_t l = 0;
    if (row.gram == nullptr) {
        for (; l < width; l += 16) store16(out + l) = reg * load16(p + l);
    }
    for (; l + 64 <= width; l += 64) {  // four registers of sums per pass over the matrix
        Float16 s0 = reg * load16(p + l), s1 = reg * load16(p + l + 16);
        Float16 s2 = reg * load16(p + l + 32), s3 = reg * load16(p + l + 48);
        for (std::size_t k = 0; k < width; ++k) {
            const float* line = row.gram + k * width + l;
            s0 += p[k] * load16(line);
            s1 += p[k] * load16(line + 16);
            s2 += p[k] * load16(line + 32);
            s3 += p[k] * load16(line + 48);
        }
        store16(out + l) = s0;
        store16(out + l + 16) = s1;
        store16(out + l + 32) = s2;
        store16(out + l + 48) = s3;
    }
    for (; l < width; l += 16) {
        Float16 sum = reg * load16(p + l);
        for (std::size_t k = 0; k < width; ++k) sum += p[k] * load16(row.gram + k * width + l);
        store16(out + l) = sum;
    }
    for (std::size_t e = 0; e < row.n_ids; ++e) {
        const float* y = row.factors + static_cast<std::size_t>(row.ids[e]) * width;
        const float weight = row.quad != nullptr ? row.quad[e] : row.quad_constant;
        axpy16(out, weight * dot16(y, p, width), y, width);
    }
}

[[maybe_unused]] void ridge_row_generic(const RidgeRow& row, std::size_t width, int steps, float* x,
                                        float* scratch) {
    float *r = scratch, *p = scratch + width, *ap = scratch + 2 * width;
    ridge_apply(row, width, x, ap);
    for (std::size_t k = 0; k < width; ++k) {
        r[k] = (row.linear != nullptr ? row.linear[k] : 0.0f) - ap[k];
    }
    for (std::size_t e = 0; e < row.n_ids; ++e) {
        axpy16(r, row.lin != nullptr ? row.lin[e] : row.lin_constant,
               row.factors + static_cast<std::size_t>(row.ids[e]) * width, width);
    }
    for (std::size_t k = 0; k < width; ++k) p[k] = r[k];
    float rs = dot16(r, r, width);
    for (int step = 0; step < steps && rs > 1e-20f; ++step) {
        ridge_apply(row, width, p, ap);
        const float size = rs / dot16(p, ap, width);
        axpy16(x, size, p, width);
        axpy16(r, -size, ap, width);
        const float next = dot16(r, r, width);
        const float ratio = next / rs;
        for (std::size_t k = 0; k < width; k += 16) {
            store16(p + k) = load16(r + k) + ratio * load16(p + k);
        }
        rs = next;
    }
}

// Tiles of 4 x 32 sums stay in registers over all rows of the chunk.
[[maybe_unused]] void float_gram_generic(const float* rows, std::size_t n_rows, std::size_t width,
                                         float* gram) {
    for (std::size_t k = 0; k < width; k += 4) {
        for (std::size_t l = 0; l < width; l += 16) {
            Float16 s[4];
            for (std::size_t i = 0; i < 4; ++i) s[i] = load16(gram + (k + i) * width + l);
            for (std::size_t r = 0; r < n_rows; ++r) {
                const Float16 row = load16(rows + r * width + l);
                const float* left = rows + r * width + k;
                for (std::size_t i = 0; i < 4; ++i) s[i] += left[i] * row;
            }
            for (std::size_t i = 0; i < 4; ++i) store16(gram + (k + i) * width + l) = s[i];
        }
    }
}

// --- integer scores ----------------------------------------------------------------------------

[[maybe_unused]] void int_scores_generic(const std::int16_t* users, std::size_t n_users,
                                         const std::int16_t* panels, std::size_t n_panels,
                                         std::size_t width, std::int32_t* scores) {
    for (std::size_t u = 0; u < n_users; ++u) {
        for (std::size_t p = 0; p < n_panels; ++p) {
            std::int32_t sum[16] = {};
            const std::int16_t* panel = panels + p * width * 16;
            for (std::size_t k = 0; k < width; k += 2) {
                const std::int32_t a = users[u * width + k], b = users[u * width + k + 1];
                for (std::size_t i = 0; i < 16; ++i) {
                    sum[i] += a * panel[k * 16 + 2 * i] + b * panel[k * 16 + 2 * i + 1];
                }
            }
            for (std::size_t i = 0; i < 16; ++i) scores[(u * n_panels + p) * 16 + i] = sum[i];
        }
    }
}

[[maybe_unused]] std::size_t collect_at_least_generic(const std::int32_t* scores, std::size_t n,
                                                      std::int32_t threshold, std::uint32_t* out) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < n; ++i) {
        out[count] = static_cast<std::uint32_t>(i);
        count += scores[i] >= threshold ? 1 : 0;
    }
    return count;
}

}  // namespace
}  // namespace hashrec
