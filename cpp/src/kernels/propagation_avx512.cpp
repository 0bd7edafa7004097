// SPDX-License-Identifier: Apache-2.0
// AVX-512 bodies: up to eight registers of sixteen sums; a mask cuts the last columns.
#include <immintrin.h>

#include "kernels/propagation_generic.inl"

namespace hashrec {
namespace {

template <std::size_t kRegisters>
void times_block_avx512(const SparseProduct& p, std::size_t row, std::size_t last,
                        std::size_t column, __mmask16 mask) {
    __m512 sums[kRegisters];
    for (auto& sum : sums) sum = _mm512_setzero_ps();
    const auto end = static_cast<std::size_t>(p.indptr[row + 1]);
    for (auto e = static_cast<std::size_t>(p.indptr[row]); e < end; ++e) {
        ask_for(p, e, last, column, kRegisters * 64);
        const __m512 value = _mm512_set1_ps(p.values[e]);
        const float* x = p.dense + static_cast<std::size_t>(p.indices[e]) * p.dim + column;
        for (std::size_t j = 0; j < kRegisters; ++j) {
            const __m512 part = _mm512_maskz_loadu_ps(mask, x + 16 * j);
            sums[j] = _mm512_add_ps(sums[j], _mm512_mul_ps(value, part));
        }
    }
    float* out = p.out + row * p.dim + column;
    for (std::size_t j = 0; j < kRegisters; ++j) {
        _mm512_mask_storeu_ps(out + 16 * j, mask, sums[j]);
    }
}

void times_dense_avx512(const SparseProduct& p, std::size_t begin, std::size_t end) {
    constexpr __mmask16 kAll = 0xffff;
    const auto last = static_cast<std::size_t>(p.indptr[end]);
    for (std::size_t row = begin; row < end; ++row) {
        std::size_t c = 0;
        for (; c + 128 <= p.dim; c += 128) times_block_avx512<8>(p, row, last, c, kAll);
        for (; c + 64 <= p.dim; c += 64) times_block_avx512<4>(p, row, last, c, kAll);
        for (; c + 32 <= p.dim; c += 32) times_block_avx512<2>(p, row, last, c, kAll);
        for (; c < p.dim; c += 16) {
            const std::size_t left = p.dim - c;
            const auto mask = left < 16 ? static_cast<__mmask16>((1U << left) - 1U) : kAll;
            times_block_avx512<1>(p, row, last, c, mask);
        }
    }
}

}  // namespace

const PropagationKernels propagation_avx512 = {times_dense_avx512};

}  // namespace hashrec
