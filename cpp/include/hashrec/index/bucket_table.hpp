// SPDX-License-Identifier: Apache-2.0
// Rows grouped by a key of up to 64 code bits, built once: one array of row numbers sorted by
// (key, row) and offsets into it. There is no per-bucket allocation and nothing to rehash.
//
// Short keys address their offsets directly; for long keys, of which few exist, the keys that do
// occur are kept sorted, with a directory over their leading bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hashrec/types.hpp"

namespace hashrec {

// Which bits of a code form its key: a run of neighbours, or single positions.
class KeyBits {
  public:
    static constexpr std::size_t kMaxWidth = 64;

    static KeyBits run(std::size_t begin, std::size_t width);
    // The i-th of `width` keys bits is code bit floor(i * n_bits / width).
    static KeyBits spread(std::size_t n_bits, std::size_t width);

    std::size_t width() const { return width_; }

    std::uint64_t operator()(const std::uint64_t* words) const {
        if (!positions_.empty()) return gathered(words);
        const std::size_t shift = begin_ % 64;
        const std::uint64_t* word = words + begin_ / 64;
        std::uint64_t key = word[0] >> shift;
        if (shift + width_ > 64) key |= word[1] << (64 - shift);
        return key & mask_;
    }

  private:
    std::uint64_t gathered(const std::uint64_t* words) const;

    std::size_t begin_ = 0;
    std::size_t width_ = 1;
    std::uint64_t mask_ = 1;
    std::vector<std::uint16_t> positions_;
};

struct Occupancy {
    std::size_t n_buckets = 0;  // that hold a row
    std::size_t largest = 0;    // rows in the fullest one
    std::size_t n_bytes = 0;
};

using Bucket = std::span<const std::uint32_t>;  // rising row numbers

class BucketTable {
  public:
    static constexpr std::size_t kMaxRows = 0xffffffffU;

    // The result does not depend on num_threads. More than kMaxRows rows: std::length_error.
    BucketTable(CodeView codes, const KeyBits& bits, int num_threads);

    const KeyBits& bits() const { return bits_; }
    std::size_t n_buckets() const { return n_buckets_; }
    Occupancy occupancy() const;

    Bucket find(std::uint64_t key) const {
        const std::size_t slot = is_direct_ ? static_cast<std::size_t>(key) : slot_of(key);
        if (slot == kNone) return {};
        return {rows_.data() + offsets_[slot], rows_.data() + offsets_[slot + 1]};
    }
    void prefetch(std::uint64_t key) const {
        if (is_direct_) {
            __builtin_prefetch(&offsets_[key]);
        } else {
            __builtin_prefetch(&directory_[key >> directory_shift_]);
        }
    }

    // visit(key, bucket) for every bucket that holds a row, keys rising.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t slot = 0; slot + 1 < offsets_.size(); ++slot) {
            if (offsets_[slot] == offsets_[slot + 1]) continue;
            visit(is_direct_ ? std::uint64_t{slot} : keys_[slot],
                  Bucket{rows_.data() + offsets_[slot], rows_.data() + offsets_[slot + 1]});
        }
    }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    std::size_t slot_of(std::uint64_t key) const;
    void build_directory();

    KeyBits bits_;
    bool is_direct_;
    std::size_t n_buckets_ = 0;
    std::vector<std::uint32_t> rows_;
    std::vector<std::uint32_t> offsets_;  // of every key, or of every key that occurs
    std::vector<std::uint64_t> keys_;     // that occur, rising; only if not direct
    std::vector<std::uint32_t> directory_;
    std::size_t directory_shift_ = 0;
};

}  // namespace hashrec
