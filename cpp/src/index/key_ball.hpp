// SPDX-License-Identifier: Apache-2.0
// The keys at one distance from a key.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace hashrec {

// Every `width`-bit mask with `weight` bits set, rising; weight <= width <= 64.
class MasksOfWeight {
  public:
    MasksOfWeight(std::size_t width, std::size_t weight)
        : mask_(low_bits(weight)), last_(weight == 0 ? 0 : low_bits(weight) << (width - weight)) {}

    // Fills `masks` and returns how many were left, at most `capacity`.
    std::size_t next(std::uint64_t* masks, std::size_t capacity) {
        std::size_t n = 0;
        while (n < capacity && !is_done_) {
            masks[n++] = mask_;
            is_done_ = mask_ == last_;
            if (!is_done_) advance();
        }
        return n;
    }

  private:
    static std::uint64_t low_bits(std::size_t n) {
        return n == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
    }

    // The next larger number with as many bits: the lowest run of ones gives its top bit to the
    // left, the rest of it moves to the bottom. It cannot overflow, since mask_ < last_.
    void advance() {
        const std::uint64_t lowest = mask_ & (~mask_ + 1);
        const std::uint64_t carried = mask_ + lowest;
        const auto shift = static_cast<unsigned>(std::countr_zero(lowest)) + 2;
        const std::uint64_t rest = shift < 64 ? (carried ^ mask_) >> shift : 0;
        mask_ = carried | rest;
    }

    std::uint64_t mask_;
    std::uint64_t last_;
    bool is_done_ = false;
};

// width choose weight, capped at `limit` (so that nothing overflows).
inline std::uint64_t n_masks(std::size_t width, std::size_t weight, std::uint64_t limit) {
    if (weight > width) return 0;
    const std::size_t smaller = weight < width - weight ? weight : width - weight;
    unsigned __int128 count = 1;  // always whole: a product of i neighbours is divisible by i!
    for (std::size_t i = 1; i <= smaller; ++i) {
        count = count * (width - smaller + i) / i;
        if (count >= limit) return limit;
    }
    return static_cast<std::uint64_t>(count);
}

}  // namespace hashrec
