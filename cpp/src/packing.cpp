// SPDX-License-Identifier: Apache-2.0
#include "hashrec/packing.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace hashrec {
namespace {

constexpr std::uint8_t reversed(std::uint8_t byte) {
    std::uint8_t result = 0;
    for (unsigned i = 0; i < 8; ++i) {
        if (byte >> i & 1U) result = static_cast<std::uint8_t>(result | 0x80U >> i);
    }
    return result;
}

// Byte -> its eight bits as bytes +1 / -1, lowest bit first.
constexpr auto kSpread = [] {
    std::array<std::array<std::int8_t, 8>, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        for (unsigned i = 0; i < 8; ++i) {
            table[byte][i] = static_cast<std::int8_t>((byte >> i & 1U) ? 1 : -1);
        }
    }
    return table;
}();

constexpr auto kReversed = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned i = 0; i < 256; ++i) table[i] = reversed(static_cast<std::uint8_t>(i));
    return table;
}();

// Eight bytes of 0 or 1 -> one byte, first byte lowest (highest for kBig). The multiplication
// moves bit 8 i to bit 56 + i without carries.
std::uint8_t gather_bits(const std::uint8_t* flags, BitOrder order) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, flags, 8);
    const auto byte = static_cast<std::uint8_t>(bytes * 0x0102040810204080ULL >> 56);
    return order == BitOrder::kLittle ? byte : kReversed[byte];
}

// `flag(value)` -> 0 or 1. Flags are made 64 at a time, a loop that the compiler vectorises.
template <class T, class Flag>
void pack_rows(const T* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
               std::uint64_t* codes, Flag flag) {
    for (std::size_t row = 0; row < n_rows; ++row) {
        for (std::size_t begin = 0; begin < n_bits; begin += 64) {
            std::uint8_t flags[64] = {};
            const std::size_t n = std::min<std::size_t>(64, n_bits - begin);
            const T* values = signs + row * n_bits + begin;
            for (std::size_t i = 0; i < n; ++i) flags[i] = flag(values[i]);
            std::uint64_t word = 0;
            for (unsigned b = 0; b < 8; ++b) {
                word |= static_cast<std::uint64_t>(gather_bits(flags + 8 * b, order)) << (8 * b);
            }
            *codes++ = word;
        }
    }
}

template <class T>
PackStatus pack_real(const T* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
                     std::uint64_t* codes) {
    unsigned nan = 0;
    for (std::size_t i = 0; i < n_rows * n_bits; ++i) nan |= signs[i] != signs[i] ? 1U : 0U;
    if (nan) return PackStatus::kNan;
    pack_rows(signs, n_rows, n_bits, order, codes,
              [](T value) { return static_cast<std::uint8_t>(value >= T{0}); });
    return PackStatus::kOk;
}

}  // namespace

void pack_bool(const std::uint8_t* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
               std::uint64_t* codes) {
    pack_rows(signs, n_rows, n_bits, order, codes,
              [](std::uint8_t value) { return static_cast<std::uint8_t>(value != 0); });
}

PackStatus pack_int8(const std::int8_t* signs, std::size_t n_rows, std::size_t n_bits,
                     BitOrder order, std::uint64_t* codes) {
    unsigned zero = 0;
    unsigned minus = 0;
    unsigned other = 0;
    for (std::size_t i = 0; i < n_rows * n_bits; ++i) {
        zero |= signs[i] == 0 ? 1U : 0U;
        minus |= signs[i] == -1 ? 1U : 0U;
        other |= signs[i] < -1 || signs[i] > 1 ? 1U : 0U;
    }
    if (other) return PackStatus::kBadValue;
    if (zero && minus) return PackStatus::kMixedSigns;
    pack_rows(signs, n_rows, n_bits, order, codes,
              [](std::int8_t value) { return static_cast<std::uint8_t>(value > 0); });
    return PackStatus::kOk;
}

PackStatus pack_float(const float* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
                      std::uint64_t* codes) {
    return pack_real(signs, n_rows, n_bits, order, codes);
}

PackStatus pack_float(const double* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
                      std::uint64_t* codes) {
    return pack_real(signs, n_rows, n_bits, order, codes);
}

void unpack(const std::uint64_t* codes, std::size_t n_rows, std::size_t n_bits, BitOrder order,
            std::int8_t* signs) {
    const std::size_t n_words = (n_bits + 63) / 64;
    for (std::size_t row = 0; row < n_rows; ++row) {
        for (std::size_t begin = 0; begin < n_bits; begin += 8) {
            const std::uint64_t word = codes[row * n_words + begin / 64];
            auto byte = static_cast<std::uint8_t>(word >> (begin % 64));
            if (order == BitOrder::kBig) byte = kReversed[byte];
            std::memcpy(signs, kSpread[byte].data(), std::min<std::size_t>(8, n_bits - begin));
            signs += std::min<std::size_t>(8, n_bits - begin);
        }
    }
}

std::size_t first_row_with_padding(const std::uint64_t* codes, std::size_t n_rows,
                                   std::size_t n_bits) {
    if (n_bits % 64 == 0) return n_rows;
    const std::size_t n_words = (n_bits + 63) / 64;
    const std::uint64_t padding = ~std::uint64_t{0} << (n_bits % 64);
    for (std::size_t row = 0; row < n_rows; ++row) {
        if (codes[(row + 1) * n_words - 1] & padding) return row;
    }
    return n_rows;
}

}  // namespace hashrec
