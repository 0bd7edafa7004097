// SPDX-License-Identifier: Apache-2.0
// Portable bodies of the descent kernels; each level's file includes this with its own flags.
#include "kernels/descent_sweep.inl"
#include "kernels/popcount.hpp"
#include "kernels/solver_kernels.hpp"

namespace hashrec {
namespace {

typedef double Double8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef std::int64_t Long8 __attribute__((vector_size(64), aligned(8), may_alias));

inline const Double8& load8(const double* p) { return *reinterpret_cast<const Double8*>(p); }
inline Double8& store8(double* p) { return *reinterpret_cast<Double8*>(p); }

// sum += value in the lanes whose bit is set. (No vector is returned: its passing would depend on
// the level's flags.)
inline void add_where_set(Double8& sum, std::uint64_t bits, const Double8& value) {
    const Long8 lane = {1, 2, 4, 8, 16, 32, 64, 128};
    const Long8 set = (lane & static_cast<std::int64_t>(bits & 0xff)) != 0;
    sum += reinterpret_cast<Double8>(reinterpret_cast<Long8>(value) & set);
}

// The one order in which 32 lanes are added.
inline double sum_lanes(const Double8* lanes) {
    const Double8 s = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

[[maybe_unused]] bool read_signs_generic(const std::int16_t* state, std::size_t n_bits,
                                         std::uint64_t* code) {
    bool good = true;
    for (std::size_t start = 0; start < n_bits; start += 64) {
        const std::size_t count = n_bits - start < 64 ? n_bits - start : 64;
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < count; ++k) {
            const std::int16_t value = state[start + k];
            word |= static_cast<std::uint64_t>(value >= 0) << k;
            good &= (value == kStateOne) | (value == -kStateOne);
        }
        code[start / 64] = word;
    }
    return good;
}

[[maybe_unused]] void load_signs_generic(const std::uint64_t* codes, std::size_t n_words,
                                         const std::int32_t* ids, std::size_t n,
                                         const std::uint64_t* own, std::size_t n_bits,
                                         const double* quad, const double* lin,
                                         std::uint64_t* words, double* v) {
    for (std::size_t e = 0; e < n; ++e) {
        const std::uint64_t* code = codes + static_cast<std::size_t>(ids[e]) * n_words;
        std::uint32_t distance = 0;
        for (std::size_t w = 0; w < n_words; ++w) {
            words[e * n_words + w] = code[w];
            distance += popcount64(code[w] ^ own[w]);
        }
        const double score = static_cast<double>(n_bits) - 2.0 * static_cast<double>(distance);
        v[e] = lin[e] - (quad != nullptr ? quad[e] * score : score);
    }
}

[[maybe_unused]] void signed_sums_generic(const std::uint64_t* words, std::size_t n_words,
                                          const double* v, std::size_t n, std::size_t width,
                                          double* out) {
    double all = 0.0;
    for (std::size_t e = 0; e < n; ++e) all += v[e];
    for (std::size_t l = 0; l < width; l += 8) {
        Double8 sum = {};
        for (std::size_t e = 0; e < n; ++e) {
            const Double8 value = Double8{} + v[e];
            add_where_set(sum, words[e * n_words + l / 64] >> (l % 64), value);
        }
        store8(out + l) = 2.0 * sum - all;
    }
}

// Whether bit k would flip, given the entries' push on it.
inline bool lowers(const SignRow& row, std::size_t k, double gain) {
    double rest = row.linear[k];
    if (row.quad != nullptr) {
        rest = rest - row.scale * (row.quad_h[k] - row.quad_diagonal[k] * row.x[k]);
    }
    return (gain + rest) * row.x[k] < -row.margin[k];
}

inline unsigned wanted_generic(const SignRow& row, std::size_t l) {
    unsigned mask = 0;
    for (std::size_t lane = 0; lane < 8; ++lane) {
        mask |= static_cast<unsigned>(lowers(row, l + lane, row.gain[l + lane])) << lane;
    }
    return mask & lanes_in_use(row, l);
}

inline void add_scaled(double* out, double factor, const double* line, std::size_t width) {
    for (std::size_t l = 0; l < width; l += 8) store8(out + l) += factor * load8(line + l);
}

inline void follow_quad(const SignRow& row, std::size_t k, double change) {
    if (row.quad != nullptr) add_scaled(row.quad_h, change, row.quad + k * row.width, row.width);
}

[[maybe_unused]] bool would_flip_generic(const SignRow& row) {
    for (std::size_t l = 0; l < row.n_bits; l += 8) {
        if (wanted_generic(row, l) != 0) return true;
    }
    return false;
}

[[maybe_unused]] void count_column_generic(const std::uint64_t* columns, std::size_t width,
                                           std::size_t n_entries, std::size_t k, double* out) {
    const std::size_t n_blocks = (n_entries + 63) / 64;
    const auto n = static_cast<std::int64_t>(n_entries);
    for (std::size_t l = 0; l < width; ++l) {
        std::int64_t differing = 0;
        for (std::size_t b = 0; b < n_blocks; ++b) {
            differing += popcount64(columns[b * width + k] ^ columns[b * width + l]);
        }
        out[l] = static_cast<double>(n - 2 * differing);
    }
}

[[maybe_unused]] std::size_t sweep_counts_generic(const SignRow& row, const std::uint64_t* columns,
                                                  std::size_t n_entries) {
    const std::size_t width = row.width, n_blocks = (n_entries + 63) / 64;
    const auto n = static_cast<std::int64_t>(n_entries);
    return descend(
        row, [&](std::size_t l) { return wanted_generic(row, l); },
        [&](std::size_t k, double change) {
            const double own = row.gain[k];
            for (std::size_t l = 0; l < width; ++l) {
                std::int64_t differing = 0;
                for (std::size_t b = 0; b < n_blocks; ++b) {
                    differing += popcount64(columns[b * width + k] ^ columns[b * width + l]);
                }
                row.gain[l] -= change * static_cast<double>(n - 2 * differing);
            }
            row.gain[k] = own;
            follow_quad(row, k, change);
        });
}

template <class Wanted>
inline std::size_t sweep_gram_judged(const SignRow& row, const double* gram, Wanted&& wanted) {
    return descend(
        row, [&](std::size_t l) { return wanted(row, l); },
        [&](std::size_t k, double change) {
            const double own = row.gain[k];
            add_scaled(row.gain, -change, gram + k * row.width, row.width);
            row.gain[k] = own;
            follow_quad(row, k, change);
        });
}

[[maybe_unused]] std::size_t sweep_gram_generic(const SignRow& row, const double* gram) {
    return sweep_gram_judged(row, gram, wanted_generic);
}

// --- residual forms ------------------------------------------------------------------------------

inline std::uint64_t sign_lanes(const EntryColumns& entries, std::size_t width, std::size_t k,
                                std::size_t e) {
    return entries.signs[e / 64 * width + k] >> (e % 64);
}

inline double sum_all(const EntryColumns& entries) {
    Double8 lanes[4] = {};
    for (std::size_t e = 0; e < entries.stride; e += kLanes) {
        for (std::size_t j = 0; j < 4; ++j) lanes[j] += load8(entries.v + e + 8 * j);
    }
    return sum_lanes(lanes);
}

// Looks at the bits one by one: their pushes are sums over the entries.
template <class Push, class Flip>
inline std::size_t descend_residuals(const SignRow& row, const EntryColumns& entries, Push&& push,
                                     Flip&& flip) {
    std::size_t total = 0;
    for (int sweep = 0; sweep < row.sweeps; ++sweep) {
        std::size_t flips = 0;
        for (std::size_t k = 0; k < row.n_bits; ++k) {
            if (!lowers(row, k, push(k) + entries.curvature[k] * row.x[k])) continue;
            const double change = -2.0 * row.x[k];
            row.x[k] = -row.x[k];
            flip(k, change);
            follow_quad(row, k, change);
            ++flips;
        }
        total += flips;
        if (flips == 0) break;
    }
    return total;
}

[[maybe_unused]] std::size_t sweep_signs_generic(const SignRow& row, const EntryColumns& entries) {
    const std::size_t width = row.width;
    double all = sum_all(entries);
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            Double8 lanes[4] = {};
            for (std::size_t e = 0; e < entries.stride; e += kLanes) {
                const std::uint64_t bits = sign_lanes(entries, width, k, e);
                for (std::size_t j = 0; j < 4; ++j) {
                    add_where_set(lanes[j], bits >> (8 * j), load8(entries.v + e + 8 * j));
                }
            }
            return 2.0 * sum_lanes(lanes) - all;
        },
        [&](std::size_t k, double change) {
            for (std::size_t e = 0; e < entries.stride; ++e) {
                const bool set = (sign_lanes(entries, width, k, e) & 1U) != 0;
                double step = set ? change : -change;
                if (entries.weights != nullptr) step *= entries.weights[e];
                entries.v[e] -= e < entries.n ? step : 0.0;
            }
            all = sum_all(entries);
        });
}

typedef float Float8 __attribute__((vector_size(32), aligned(4), may_alias));

inline const Float8& floats8(const float* p) { return *reinterpret_cast<const Float8*>(p); }

[[maybe_unused]] std::size_t sweep_reals_generic(const SignRow& row, const EntryColumns& entries) {
    return descend_residuals(
        row, entries,
        [&](std::size_t k) {
            const float* column = entries.values + k * entries.stride;
            Double8 lanes[4] = {};
            for (std::size_t e = 0; e < entries.stride; e += kLanes) {
                for (std::size_t j = 0; j < 4; ++j) {
                    lanes[j] += __builtin_convertvector(floats8(column + e + 8 * j), Double8) *
                                load8(entries.v + e + 8 * j);
                }
            }
            return sum_lanes(lanes);
        },
        [&](std::size_t k, double change) {
            const float* column = entries.values + k * entries.stride;
            for (std::size_t e = 0; e < entries.stride; e += 8) {
                Double8 step = change * __builtin_convertvector(floats8(column + e), Double8);
                if (entries.weights != nullptr) step *= load8(entries.weights + e);
                store8(entries.v + e) -= step;
            }
        });
}

[[maybe_unused]] void load_columns_generic(const float* design, std::size_t width,
                                           const std::int32_t* ids, std::size_t n,
                                           std::size_t stride, float* values) {
    for (std::size_t e = 0; e < n; ++e) {
        const float* source = design + static_cast<std::size_t>(ids[e]) * width;
        for (std::size_t k = 0; k < width; ++k) values[k * stride + e] = source[k];
    }
    for (std::size_t k = 0; k < width; ++k) {
        for (std::size_t e = n; e < stride; ++e) values[k * stride + e] = 0.0f;
    }
}

[[maybe_unused]] void start_reals_generic(const EntryColumns& entries, const double* lin,
                                          const double* x, std::size_t width, double* v,
                                          double* curvature) {
    const std::size_t stride = entries.stride;
    for (std::size_t e = 0; e < stride; e += 8) {
        Double8 score = {};
        for (std::size_t k = 0; k < width; ++k) {
            score +=
                x[k] * __builtin_convertvector(floats8(entries.values + k * stride + e), Double8);
        }
        if (entries.weights != nullptr) score *= load8(entries.weights + e);
        store8(v + e) = load8(lin + e) - score;
    }
    for (std::size_t k = 0; k < width; ++k) {
        Double8 lanes[4] = {};
        for (std::size_t e = 0; e < stride; e += kLanes) {
            for (std::size_t j = 0; j < 4; ++j) {
                const std::size_t at = e + 8 * j;
                const Double8 z =
                    __builtin_convertvector(floats8(entries.values + k * stride + at), Double8);
                lanes[j] +=
                    entries.weights != nullptr ? load8(entries.weights + at) * (z * z) : z * z;
            }
        }
        curvature[k] = sum_lanes(lanes);
    }
}

// Columns of the product from `l` on; wider tiles would spill where registers hold two doubles.
inline void matvec_from(const double* matrix, const double* vector, std::size_t width,
                        std::size_t l, double* out) {
    for (; l < width; l += 8) {
        Double8 sum = {};
        for (std::size_t k = 0; k < width; ++k) sum += vector[k] * load8(matrix + k * width + l);
        store8(out + l) = sum;
    }
}

[[maybe_unused]] void matvec_generic(const double* matrix, const double* vector, std::size_t width,
                                     double* out) {
    matvec_from(matrix, vector, width, 0, out);
}

}  // namespace
}  // namespace hashrec
