// SPDX-License-Identifier: Apache-2.0
#include "hashrec/index/bucket_table.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "hashrec/parallel.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kAlwaysDirectBits = 16;
constexpr std::size_t kMaxDirectBits = 27;
constexpr std::size_t kPartitionBits = 10;  // write streams that caches and page tables can hold
constexpr std::size_t kBlockRows = std::size_t{1} << 16;
constexpr std::size_t kDirectoryBits = 20;

bool addresses_directly(std::size_t width, std::size_t n_rows) {
    if (width <= kAlwaysDirectBits) return true;
    return width <= kMaxDirectBits && (std::size_t{1} << width) <= 4 * n_rows;
}

// Keys with their rows, cut into parts by their leading bits; inside a part rows rise. One
// counting pass and one writing pass over blocks of rows; the place of every row follows from
// counts alone, so any number of threads writes the same.
template <class Key>
struct Partitioned {
    std::unique_ptr<Key[]> keys;  // not vectors: no need to clear them
    std::unique_ptr<std::uint32_t[]> rows;
    std::size_t shift;               // part = key >> shift
    std::vector<std::size_t> begin;  // of every part, and the end

    Partitioned(CodeView codes, const KeyBits& bits, int num_threads)
        : keys(new Key[codes.n_rows]), rows(new std::uint32_t[codes.n_rows]) {
        shift = bits.width() - std::min(bits.width(), kPartitionBits);
        const std::size_t n_parts = std::size_t{1} << (bits.width() - shift);
        const std::size_t n_blocks = (codes.n_rows + kBlockRows - 1) / kBlockRows;
        std::vector<std::size_t> places(n_blocks * n_parts, 0);
        const auto for_rows_of = [&](std::size_t block, auto&& visit) {
            const std::size_t stop = std::min((block + 1) * kBlockRows, codes.n_rows);
            for (std::size_t row = block * kBlockRows; row < stop; ++row) {
                visit(row, bits(codes.row(row)));
            }
        };
        parallel_for(n_blocks, num_threads, 1, [&](std::size_t block, int) {
            std::size_t* counts = places.data() + block * n_parts;
            for_rows_of(block, [&](std::size_t, std::uint64_t key) { ++counts[key >> shift]; });
        });
        begin.reserve(n_parts + 1);
        std::size_t place = 0;
        for (std::size_t part = 0; part < n_parts; ++part) {
            begin.push_back(place);
            for (std::size_t block = 0; block < n_blocks; ++block) {
                place += std::exchange(places[block * n_parts + part], place);
            }
        }
        begin.push_back(place);
        parallel_for(n_blocks, num_threads, 1, [&](std::size_t block, int) {
            std::size_t* next = places.data() + block * n_parts;
            for_rows_of(block, [&](std::size_t row, std::uint64_t key) {
                const std::size_t to = next[key >> shift]++;
                keys[to] = static_cast<Key>(key);
                rows[to] = static_cast<std::uint32_t>(row);
            });
        });
    }

    std::size_t n_parts() const { return begin.size() - 1; }
};

// A counting sort inside every part, straight into the offsets that the part owns.
template <class Key>
void fill_direct(const Partitioned<Key>& parts, int num_threads, std::uint32_t* offsets,
                 std::uint32_t* rows) {
    const std::size_t n_keys = std::size_t{1} << parts.shift;
    parallel_for(parts.n_parts(), num_threads, 1, [&](std::size_t part, int) {
        const std::size_t first = part * n_keys;
        std::vector<std::uint32_t> next(n_keys, 0);
        for (std::size_t i = parts.begin[part]; i < parts.begin[part + 1]; ++i) {
            ++next[parts.keys[i] - first];
        }
        auto place = static_cast<std::uint32_t>(parts.begin[part]);
        for (std::size_t key = 0; key < n_keys; ++key) {
            offsets[first + key] = place;
            place += std::exchange(next[key], place);
        }
        for (std::size_t i = parts.begin[part]; i < parts.begin[part + 1]; ++i) {
            rows[next[parts.keys[i] - first]++] = parts.rows[i];
        }
    });
}

// Sorts every part by (key, row) and lists the keys that occur with their offsets.
template <class Key>
void fill_sorted(Partitioned<Key>& parts, int num_threads, std::vector<std::uint64_t>& keys,
                 std::vector<std::uint32_t>& offsets, std::uint32_t* rows) {
    std::vector<std::vector<std::uint64_t>> part_keys(parts.n_parts());
    std::vector<std::vector<std::uint32_t>> part_offsets(parts.n_parts());
    parallel_for(parts.n_parts(), num_threads, 1, [&](std::size_t part, int) {
        const std::size_t begin = parts.begin[part];
        std::vector<std::pair<Key, std::uint32_t>> pairs(parts.begin[part + 1] - begin);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            pairs[i] = {parts.keys[begin + i], parts.rows[begin + i]};
        }
        std::sort(pairs.begin(), pairs.end());
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (i == 0 || pairs[i].first != pairs[i - 1].first) {
                part_keys[part].push_back(pairs[i].first);
                part_offsets[part].push_back(static_cast<std::uint32_t>(begin + i));
            }
            rows[begin + i] = pairs[i].second;
        }
    });
    for (std::size_t part = 0; part < parts.n_parts(); ++part) {
        keys.insert(keys.end(), part_keys[part].begin(), part_keys[part].end());
        offsets.insert(offsets.end(), part_offsets[part].begin(), part_offsets[part].end());
    }
    offsets.push_back(static_cast<std::uint32_t>(parts.begin.back()));
}

}  // namespace

KeyBits KeyBits::run(std::size_t begin, std::size_t width) {
    KeyBits bits;
    bits.begin_ = begin;
    bits.width_ = width;
    bits.mask_ = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    return bits;
}

KeyBits KeyBits::spread(std::size_t n_bits, std::size_t width) {
    KeyBits bits = run(0, width);
    for (std::size_t i = 0; i < width; ++i) {
        bits.positions_.push_back(static_cast<std::uint16_t>(i * n_bits / width));
    }
    return bits;
}

std::uint64_t KeyBits::gathered(const std::uint64_t* words) const {
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        key |= (words[positions_[i] / 64] >> (positions_[i] % 64) & 1) << i;
    }
    return key;
}

BucketTable::BucketTable(CodeView codes, const KeyBits& bits, int num_threads)
    : bits_(bits), is_direct_(addresses_directly(bits.width(), codes.n_rows)) {
    if (codes.n_rows > kMaxRows) {
        throw std::length_error("a table holds up to 2^32 - 1 codes, got " +
                                std::to_string(codes.n_rows));
    }
    rows_.resize(codes.n_rows);
    if (is_direct_) {
        const Partitioned<std::uint32_t> parts(codes, bits_, num_threads);
        offsets_.resize((std::size_t{1} << bits_.width()) + 1);
        fill_direct(parts, num_threads, offsets_.data(), rows_.data());
        offsets_.back() = static_cast<std::uint32_t>(codes.n_rows);
        for_each([&](std::uint64_t, Bucket) { ++n_buckets_; });
        return;
    }
    if (bits_.width() <= 32) {
        Partitioned<std::uint32_t> parts(codes, bits_, num_threads);
        fill_sorted(parts, num_threads, keys_, offsets_, rows_.data());
    } else {
        Partitioned<std::uint64_t> parts(codes, bits_, num_threads);
        fill_sorted(parts, num_threads, keys_, offsets_, rows_.data());
    }
    n_buckets_ = keys_.size();
    build_directory();
}

// directory_[p] = first key whose leading bits are >= p; about one key per entry.
void BucketTable::build_directory() {
    const auto wanted = static_cast<std::size_t>(std::bit_width(keys_.size()));
    const std::size_t leading = std::min({bits_.width(), kDirectoryBits, wanted});
    directory_shift_ = std::min<std::size_t>(bits_.width() - leading, 63);
    const std::size_t n_prefixes = std::size_t{1}
                                   << (bits_.width() - std::min(bits_.width(), directory_shift_));
    directory_.assign(n_prefixes + 1, 0);
    for (const std::uint64_t key : keys_) ++directory_[(key >> directory_shift_) + 1];
    std::partial_sum(directory_.begin(), directory_.end(), directory_.begin());
}

std::size_t BucketTable::slot_of(std::uint64_t key) const {
    const std::size_t prefix = static_cast<std::size_t>(key >> directory_shift_);
    const std::uint64_t* first = keys_.data() + directory_[prefix];
    const std::uint64_t* last = keys_.data() + directory_[prefix + 1];
    const std::uint64_t* found = std::lower_bound(first, last, key);
    if (found == last || *found != key) return kNone;
    return static_cast<std::size_t>(found - keys_.data());
}

Occupancy BucketTable::occupancy() const {
    Occupancy result;
    result.n_buckets = n_buckets_;
    for_each([&](std::uint64_t, Bucket bucket) {
        result.largest = std::max(result.largest, bucket.size());
    });
    result.n_bytes = (rows_.size() + offsets_.size() + directory_.size()) * sizeof(std::uint32_t) +
                     keys_.size() * sizeof(std::uint64_t);
    return result;
}

}  // namespace hashrec
