// SPDX-License-Identifier: Apache-2.0
#include "index/selection.hpp"

#include <algorithm>

namespace hashrec {
namespace {

std::int64_t distance_of(std::uint64_t key) { return static_cast<std::int64_t>(key >> kRowBits); }

}  // namespace

std::size_t Selection::wanted_capacity(std::size_t k, std::size_t n_rows) {
    if (k == kUnlimited) return 1024;
    // With room for every row nothing is ever compacted.
    return std::min(2 * std::min(k, n_rows) + 512, n_rows + kGroupRows);
}

std::size_t Selection::bytes(std::size_t k, std::size_t n_rows, std::size_t n_bits) {
    return wanted_capacity(k, n_rows) * sizeof(std::uint64_t) +
           (n_bits + 1) * sizeof(std::uint32_t);
}

void Selection::prepare(const std::uint64_t* words, std::size_t k, std::size_t n_rows,
                        std::size_t n_bits) {
    query_.capacity = wanted_capacity(k, n_rows);
    buffer_.reset(new std::uint64_t[query_.capacity]);
    query_.buffer = buffer_.get();
    histogram_.resize(n_bits + 1);
    query_.histogram = histogram_.data();
    query_.words = words;
    query_.k = k;
    query_.make_room = k == kUnlimited ? &Selection::grow : &Selection::compact;
    query_.owner = this;
}

void Selection::start(std::int32_t threshold, const std::int32_t* excluded,
                      const std::int32_t* excluded_end) {
    std::fill(histogram_.begin(), histogram_.end(), 0U);
    query_.threshold = threshold;
    query_.length = 0;
    query_.held = 0;
    query_.excluded = excluded;
    query_.excluded_end = excluded_end;
}

// Keeps exactly the k smallest keys: the buffer is full, so more than k are there.
void Selection::compact(ScanQuery& query) {
    std::size_t spare = query.k - query.held;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < query.length; ++i) {
        const std::int64_t d = distance_of(query.buffer[i]);
        const bool border = d == query.threshold + 1;
        if (d > query.threshold && !(border && spare > 0)) continue;
        if (border) --spare;
        query.buffer[kept++] = query.buffer[i];
    }
    query.length = kept;
}

void Selection::grow(ScanQuery& query) {
    auto& self = *static_cast<Selection*>(query.owner);
    std::unique_ptr<std::uint64_t[]> larger(new std::uint64_t[2 * query.capacity]);
    std::copy_n(query.buffer, query.length, larger.get());
    self.buffer_ = std::move(larger);
    query.buffer = self.buffer_.get();
    query.capacity *= 2;
}

void Selection::finish(std::vector<std::uint64_t>& keys) const {
    const std::int64_t last = query_.threshold;  // all of these stay
    std::vector<std::size_t> offsets(static_cast<std::size_t>(last + 2), 0);
    for (std::size_t d = 0; d + 1 < offsets.size(); ++d)
        offsets[d + 1] = offsets[d] + histogram_[d];
    const std::size_t inner = offsets.back();
    std::size_t border = inner;  // next place of a row at last + 1
    const std::size_t begin = keys.size();
    const std::size_t size = query_.k == kUnlimited ? inner : std::min(query_.k, query_.length);
    keys.resize(begin + size);
    for (std::size_t i = 0; i < query_.length; ++i) {
        const std::uint64_t key = query_.buffer[i];
        const std::int64_t d = distance_of(key);
        if (d <= last) {
            keys[begin + offsets[static_cast<std::size_t>(d)]++] = key;
        } else if (d == last + 1 && border < size) {
            keys[begin + border++] = key;
        }
    }
}

}  // namespace hashrec
