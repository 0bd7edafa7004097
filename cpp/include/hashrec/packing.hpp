// SPDX-License-Identifier: Apache-2.0
// Dense signs <-> packed codes. A bit is 1 where the sign is +1; bit i of a row stands in word
// i / 64. Padding bits of the last word are zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

enum class BitOrder {
    kLittle,  // bit i of a byte has weight 2^i
    kBig,     // bit i of a byte has weight 2^(7 - i), as numpy.packbits does by default
};

enum class PackStatus { kOk, kNan, kMixedSigns, kBadValue };

// signs: (n_rows, n_bits) row-major; codes: (n_rows, ceil(n_bits / 64)).
// bool (any non-zero byte is +1)
void pack_bool(const std::uint8_t* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
               std::uint64_t* codes);
// All values +-1 (kMixedSigns when 0 and -1 both occur), or all values 0 or 1.
PackStatus pack_int8(const std::int8_t* signs, std::size_t n_rows, std::size_t n_bits,
                     BitOrder order, std::uint64_t* codes);
// bit = value >= 0; both zeros are +1.
PackStatus pack_float(const float* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
                      std::uint64_t* codes);
PackStatus pack_float(const double* signs, std::size_t n_rows, std::size_t n_bits, BitOrder order,
                      std::uint64_t* codes);

// signs: (n_rows, n_bits) of +1 and -1.
void unpack(const std::uint64_t* codes, std::size_t n_rows, std::size_t n_bits, BitOrder order,
            std::int8_t* signs);

// The first row with a bit set at or above n_bits, or n_rows.
std::size_t first_row_with_padding(const std::uint64_t* codes, std::size_t n_rows,
                                   std::size_t n_bits);

}  // namespace hashrec
