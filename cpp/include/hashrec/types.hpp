// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hashrec {

// Packed codes: row-major, little-endian bits, padding bits of the last word are zero.
struct CodeView {
    const std::uint64_t* words = nullptr;
    std::size_t n_rows = 0;
    std::size_t n_words = 0;

    const std::uint64_t* row(std::size_t index) const { return words + index * n_words; }
};

// Row lists in CSR form; ids of a row are strictly ascending.
struct CsrView {
    const std::int64_t* indptr = nullptr;  // n_rows + 1
    const std::int32_t* indices = nullptr;
    std::size_t n_rows = 0;

    std::size_t begin(std::size_t row) const { return static_cast<std::size_t>(indptr[row]); }
    std::size_t end(std::size_t row) const { return static_cast<std::size_t>(indptr[row + 1]); }
    std::size_t size(std::size_t row) const { return end(row) - begin(row); }
};

}  // namespace hashrec
