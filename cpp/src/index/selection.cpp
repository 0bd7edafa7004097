// SPDX-License-Identifier: Apache-2.0
#include "index/selection.hpp"

#include <algorithm>

#include "index/scan_keys.hpp"

namespace hashrec {
namespace {

// Once k keys are kept, each full buffer means to look at all of them again.
std::size_t buffer_size(std::size_t k) {
    return k == Selection::kUnlimited ? 1024 : std::clamp<std::size_t>(k / 2, 128, 1024);
}

}  // namespace

std::size_t Selection::bytes(std::size_t k, std::size_t n_bits) {
    return sizeof(Selection) + buffer_size(k) * sizeof(std::uint64_t) +
           (n_bits + 1) * sizeof(std::uint32_t);
}

void Selection::prepare(const std::uint64_t* words, std::size_t k, std::size_t n_bits,
                        std::uint64_t* kept) {
    query_.capacity = buffer_size(k);
    buffer_.reset(new std::uint64_t[query_.capacity]);
    query_.buffer = buffer_.get();
    query_.kept = kept;
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
    query_.n_kept = 0;
    query_.length = 0;
    query_.held = 0;
    query_.excluded = excluded;
    query_.excluded_end = excluded_end;
}

// Moves the buffer to `kept`. If that does not fit, only what can still be in the result stays: all
// at or below the threshold, fewer than k, and the first ones just above it up to k.
void Selection::compact(ScanQuery& query) {
    if (query.n_kept + query.length <= query.k) {
        std::copy_n(query.buffer, query.length, query.kept + query.n_kept);
        query.n_kept += query.length;
        query.length = 0;
        return;
    }
    const std::int64_t border = query.threshold + 1;
    std::size_t spare = query.k - query.held;
    std::uint64_t* out = query.kept;
    std::uint64_t* const end = out + query.k;
    const auto filter = [&](const std::uint64_t* keys, std::size_t n) {
        for (std::size_t i = 0; i < n && out != end; ++i) {  // no branch on a distance
            const std::int64_t d = distance_of_key(keys[i]);
            const std::size_t last = static_cast<std::size_t>(d == border) & (spare != 0);
            *out = keys[i];
            out += static_cast<std::size_t>(d < border) | last;
            spare -= last;
        }
    };
    filter(query.kept, query.n_kept);
    filter(query.buffer, query.length);
    query.n_kept = static_cast<std::size_t>(out - query.kept);
    query.length = 0;
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
    const std::size_t size = query_.k == kUnlimited ? inner : std::min(query_.k, n_candidates());
    keys.resize(size);
    const auto place = [&](const std::uint64_t* source, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::int64_t d = distance_of_key(source[i]);
            if (d <= last) {
                keys[offsets[static_cast<std::size_t>(d)]++] = source[i];
            } else if (d == last + 1 && border < size) {
                keys[border++] = source[i];
            }
        }
    };
    place(query_.kept, query_.n_kept);
    place(query_.buffer, query_.length);
}

}  // namespace hashrec
