// SPDX-License-Identifier: Apache-2.0
// The sweep that all forms share. `wanted(l)` gives the lanes l .. l + 7 whose flip lowers the
// objective now, `flip(k, change)` does one flip beyond x. Bits are visited in ascending order and
// a bit is judged after all flips before it, as if they were looked at one by one.
#include "kernels/descent_kernels.hpp"

namespace hashrec {
namespace {

template <class Wanted, class Flip>
inline std::size_t descend(const SignRow& row, Wanted&& wanted, Flip&& flip) {
    std::size_t total = 0;
    for (int sweep = 0; sweep < row.sweeps; ++sweep) {
        std::size_t flips = 0;
        for (std::size_t l = 0; l < row.n_bits; l += 8) {
            unsigned todo = wanted(l);
            while (todo != 0) {
                const auto lane = static_cast<unsigned>(__builtin_ctz(todo));
                const std::size_t k = l + lane;
                const double change = -2.0 * row.x[k];
                row.x[k] = -row.x[k];
                flip(k, change);
                ++flips;
                const unsigned later = 0xfeU << lane & 0xffU;
                if (later == 0) break;
                todo = wanted(l) & later;
            }
        }
        total += flips;
        if (flips == 0) break;
    }
    return total;
}

inline unsigned lanes_in_use(const SignRow& row, std::size_t l) {
    return row.n_bits - l >= 8 ? 0xffU : (1U << (row.n_bits - l)) - 1U;
}

}  // namespace
}  // namespace hashrec
