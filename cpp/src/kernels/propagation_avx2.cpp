// SPDX-License-Identifier: Apache-2.0
// AVX2 bodies: up to eight registers of eight sums, so that 64 columns take one pass over a row.
#include <immintrin.h>

#include "kernels/propagation_generic.inl"

namespace hashrec {
namespace {

template <std::size_t kRegisters>
void times_block_avx2(const SparseProduct& p, std::size_t row, std::size_t last,
                      std::size_t column) {
    __m256 sums[kRegisters];
    for (auto& sum : sums) sum = _mm256_setzero_ps();
    const auto end = static_cast<std::size_t>(p.indptr[row + 1]);
    for (auto e = static_cast<std::size_t>(p.indptr[row]); e < end; ++e) {
        ask_for(p, e, last, column, kRegisters * 32);
        const __m256 value = _mm256_set1_ps(p.values[e]);
        const float* x = p.dense + static_cast<std::size_t>(p.indices[e]) * p.dim + column;
        for (std::size_t j = 0; j < kRegisters; ++j) {
            sums[j] = _mm256_add_ps(sums[j], _mm256_mul_ps(value, _mm256_loadu_ps(x + 8 * j)));
        }
    }
    float* out = p.out + row * p.dim + column;
    for (std::size_t j = 0; j < kRegisters; ++j) _mm256_storeu_ps(out + 8 * j, sums[j]);
}

void times_dense_avx2(const SparseProduct& p, std::size_t begin, std::size_t end) {
    const auto last = static_cast<std::size_t>(p.indptr[end]);
    for (std::size_t row = begin; row < end; ++row) {
        std::size_t c = 0;
        for (; c + 64 <= p.dim; c += 64) times_block_avx2<8>(p, row, last, c);
        for (; c + 32 <= p.dim; c += 32) times_block_avx2<4>(p, row, last, c);
        for (; c + 8 <= p.dim; c += 8) times_block_avx2<1>(p, row, last, c);
        for (; c < p.dim; ++c) times_block<1>(p, row, last, c);
    }
}

}  // namespace

const PropagationKernels propagation_avx2 = {times_dense_avx2};

}  // namespace hashrec
