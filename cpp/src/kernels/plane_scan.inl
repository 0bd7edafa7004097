// SPDX-License-Identifier: Apache-2.0
// The bit-sliced scan over any vector type: tables, passes, candidates. A `Vector` gives
//   Plane, kWords (64-bit words of a plane), load, store, all(word), add(sum&, waiting, x) ->
//   carry, majority, both, either, differ, opposite, sum3,
//   transpose(rows, n_words, planes): the planes of kWords * 64 codes,
//   count_below(ids, row): how many of 2 * kCompared rising ids are below a row,
//   all_set(plane), words_not_set(plane): whether all bits are set, and in which words not all.
#include "kernels/hamming_generic.inl"
#include "kernels/plane_kernels.hpp"
#include "kernels/plane_network.inl"

namespace hashrec {
namespace {

constexpr std::size_t kAnyLevels = 13;     // distances up to 4096
constexpr std::size_t kChunkTriples = 16;  // of codes with any number of words

// Sub-blocks whose tables are built together, and how many go through the adders at once. More
// would push the tables out of the second-level cache.
constexpr std::size_t kMaxSubs = 4;

template <class Vector>
constexpr std::size_t subs_per_pass(std::size_t n_words) {
    const std::size_t bytes = triple_count(64 * n_words) * kTriplePlanes * Vector::kWords * 8;
    std::size_t subs = kMaxSubs;
    while (subs > 1 && subs * bytes > Vector::kTableBytes) subs /= 2;
    return subs;
}

constexpr std::size_t padded_triples(std::size_t n_words) {
    const std::size_t triples = triple_count(64 * n_words);
    if (n_words == 1 || n_words == 2 || n_words == 4 || n_words == 8) return triples;
    return (triples + kChunkTriples - 1) / kChunkTriples * kChunkTriples;
}

template <class Vector>
constexpr std::size_t table_words(std::size_t n_words) {
    return padded_triples(n_words) * kTriplePlanes * Vector::kWords;
}

// Room behind the planes of the last triple, which may lack one or two.
template <class Vector>
constexpr std::size_t plane_words(std::size_t n_words) {
    return 3 * padded_triples(n_words) * Vector::kWords;
}

template <class Vector>
std::size_t scratch_words_of(std::size_t n_words) {
    return plane_words<Vector>(n_words) +
           subs_per_pass<Vector>(n_words) * table_words<Vector>(n_words);
}

inline std::size_t pattern_places_of(std::size_t n_words) { return 2 * padded_triples(n_words); }

// Two places in the table of each triple, in bytes.
template <class Vector>
void pattern_of(const std::uint64_t* words, std::size_t n_words, std::uint16_t* out) {
    constexpr std::size_t kPlaneBytes = 8 * Vector::kWords;
    const auto bit = [&](std::size_t k) -> std::size_t {
        return k < 64 * n_words ? words[k / 64] >> (k % 64) & 1 : 0;
    };
    for (std::size_t j = 0; j < padded_triples(n_words); ++j) {
        const std::size_t a = bit(3 * j), b = bit(3 * j + 1), c = bit(3 * j + 2);
        out[2 * j] = static_cast<std::uint16_t>((a ^ b ^ c) * kPlaneBytes);
        out[2 * j + 1] = static_cast<std::uint16_t>((2 + a + 2 * b + 4 * c) * kPlaneBytes);
    }
}

template <class Vector>
void build_table(const std::uint64_t* planes, std::size_t n_triples, std::uint64_t* table) {
    constexpr std::size_t step = Vector::kWords;
    for (std::size_t j = 0; j < n_triples; ++j, planes += 3 * step, table += 10 * step) {
        const auto a = Vector::load(planes), b = Vector::load(planes + step);
        const auto c = Vector::load(planes + 2 * step);
        const auto parity = Vector::sum3(a, b, c);
        Vector::store(table, parity);
        Vector::store(table + step, Vector::opposite(parity));
        const auto put = [&](std::size_t pattern, auto plane) {  // maj(~x) = ~maj(x)
            Vector::store(table + (2 + pattern) * step, plane);
            Vector::store(table + (9 - pattern) * step, Vector::opposite(plane));
        };
        const auto not_a = Vector::opposite(a), not_b = Vector::opposite(b);
        put(0, Vector::majority(a, b, c));
        put(1, Vector::majority(not_a, b, c));
        put(2, Vector::majority(a, not_b, c));
        put(3, Vector::majority(not_a, not_b, c));
    }
}

// The first excluded row that is not below `row`. Few are passed between two hits: counting a
// vector of them at a time needs no branch that cannot be predicted.
template <class Vector>
inline const std::int32_t* skip_excluded(const std::int32_t* cursor, const std::int32_t* end,
                                         std::int32_t row) {
    constexpr std::ptrdiff_t kIds = 2 * Vector::kCompared;
    while (end - cursor >= kIds) {
        const std::ptrdiff_t below = Vector::count_below(cursor, row);
        cursor += below;
        if (below != kIds) return cursor;
    }
    while (cursor != end && *cursor < row) ++cursor;
    return cursor;
}

template <class Vector>
std::size_t drop_excluded_rows(ScanQuery& query, std::uint32_t* rows, std::size_t n,
                               std::size_t first_row) {
    const std::int32_t* cursor = query.excluded;
    const std::int32_t* end = query.excluded_end;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto row = static_cast<std::int32_t>(first_row + rows[i]);  // lists hold 32 bits
        cursor = skip_excluded<Vector>(cursor, end, row);
        rows[kept] = rows[i];
        kept += cursor == end || *cursor != row ? 1 : 0;
    }
    query.excluded = cursor;
    // Other queries' lists push this one out of the cache until the next call.
    __builtin_prefetch(cursor + 16);
    return kept;
}

// Adds rows whose distance was at most the threshold when the pass began.
template <class Vector, std::size_t kWords>
void add_rows(ScanQuery& query, const ScanBlock& block, std::uint32_t* rows, std::size_t n) {
    constexpr std::size_t kBatch = kGroupRows;
    const std::size_t n_words = kWords != 0 ? kWords : block.n_words;
    if (query.excluded != query.excluded_end) {
        n = drop_excluded_rows<Vector>(query, rows, n, block.first_row);
    }
    for (std::size_t begin = 0; begin < n && query.threshold >= 0; begin += kBatch) {
        if (query.capacity - query.length < kBatch) query.make_room(query);
        const std::size_t end = begin + kBatch < n ? begin + kBatch : n;
        std::uint64_t* out = query.buffer + query.length;
        const std::int32_t threshold = query.threshold;
        std::size_t added = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const std::int32_t d =
                row_distance(query.words, block.rows + rows[i] * n_words, n_words);
            const std::size_t keep = d <= threshold ? 1 : 0;
            out[added] = static_cast<std::uint64_t>(d) << kRowBits | (block.first_row + rows[i]);
            added += keep;
            query.histogram[d] += static_cast<std::uint32_t>(keep);
        }
        query.length += added;
        query.held += added;
        while (query.held >= query.k) query.held -= query.histogram[query.threshold--];
    }
}

// Hits of a pass are only noted, without a branch: whether a query has some cannot be predicted.
template <class Vector>
struct HitList {
    static constexpr std::size_t kRoom = 64;  // of notes, beside those of one query

    alignas(64) std::uint64_t far[kRoom + kMaxSubs][Vector::kWords];
    std::uint32_t query[kRoom + kMaxSubs];
    std::uint32_t sub[kRoom + kMaxSubs];
    std::size_t size = 0;

    void note(typename Vector::Plane all_far, std::size_t q, std::size_t at) {
        Vector::store(far[size], all_far);
        query[size] = static_cast<std::uint32_t>(q);
        sub[size] = static_cast<std::uint32_t>(at);
        size += Vector::all_set(all_far) ? 0 : 1;
    }
};

template <class Vector, std::size_t kWords>
[[gnu::noinline]] void add_notes(HitList<Vector>& list, ScanQuery* const* queries,
                                 const ScanBlock& block) {
    std::uint32_t rows[64 * Vector::kWords];
    for (std::size_t i = 0; i < list.size; ++i) {
        ScanQuery& query = *queries[list.query[i]];
        const std::size_t first_word = list.sub[i] * Vector::kWords;
        std::size_t n = 0;
        std::uint32_t some = Vector::words_not_set(Vector::load(list.far[i]));
        for (; some != 0; some &= some - 1) {
            const auto w = static_cast<std::size_t>(__builtin_ctz(some));
            std::uint64_t word = ~list.far[i][w];
            if (block.allow != nullptr) word &= block.allow[first_word + w];
            const auto base = static_cast<std::uint32_t>(64 * (first_word + w));
            for (; word != 0; word &= word - 1) {
                rows[n++] = base + static_cast<std::uint32_t>(__builtin_ctzll(word));
            }
        }
        add_rows<Vector, kWords>(query, block, rows, n);
    }
    list.size = 0;
}

// Rows beyond the threshold of kSubs sub-blocks. Not inlined: the compiler would look up all places
// of the pattern before the loop over sub-blocks and run out of registers.
template <class Network>
[[gnu::noinline]] void far_rows(const std::uint64_t* table, const std::uint16_t* pattern,
                                const std::uint64_t (&start)[kStartWords],
                                typename Network::Plane* over) {
    Network network;
    network.start(start);
    network.run_all(table, Network::kTableWords, pattern);
    for (std::size_t s = 0; s < Network::kSubBlocks; ++s) over[s] = network.over[s];
}

// Query q against the tables of `n_subs` sub-blocks.
template <class Vector, std::size_t kWords, std::size_t kPair>
inline void note_hits(const ScanQuery& query, std::size_t q, const std::uint64_t* tables,
                      std::size_t n_subs, HitList<Vector>& list) {
    constexpr std::size_t kTriples = triple_count(64 * kWords);
    constexpr std::size_t kLevels = level_count(64 * kWords);
    using Pair = Network<Vector, kTriples, kLevels, false, kPair>;
    using One = Network<Vector, kTriples, kLevels, false, 1>;
    std::uint64_t start[kStartWords];
    One::start_words(query.threshold, start);
    typename Vector::Plane over[kPair];
    std::size_t sub = 0;
    for (; sub + kPair <= n_subs; sub += kPair) {
        far_rows<Pair>(tables + sub * Pair::kTableWords, query.pattern, start, over);
        for (std::size_t s = 0; s < kPair; ++s) list.note(over[s], q, sub + s);
    }
    if constexpr (kPair > 1) {
        for (; sub < n_subs; ++sub) {
            far_rows<One>(tables + sub * One::kTableWords, query.pattern, start, over);
            list.note(over[0], q, sub);
        }
    }
}

// Codes of any number of words: the same adders for every 16 triples, sums carried on.
template <class Vector>
inline void note_hits_any(const ScanQuery& query, std::size_t q, std::size_t n_words,
                          const std::uint64_t* tables, std::size_t n_subs, HitList<Vector>& list) {
    using Chunk = Network<Vector, kChunkTriples, kAnyLevels, true, 1>;
    const std::size_t n_chunks = padded_triples(n_words) / kChunkTriples;
    std::uint64_t start[kStartWords];
    Chunk::start_words(query.threshold, start);
    for (std::size_t sub = 0; sub < n_subs; ++sub) {
        Chunk network;
        network.start(start);
        for (std::size_t c = 0; c < n_chunks; ++c) {
            network.run_all(tables + (sub * n_chunks + c) * Chunk::kTableWords, 0,
                            query.pattern + c * 2 * kChunkTriples);
        }
        list.note(network.over[0], q, sub);
    }
}

template <class Vector, std::size_t kWords, std::size_t kPair>
void scan_planes(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block,
                 std::uint64_t* scratch) {
    constexpr std::size_t kRows = 64 * Vector::kWords;
    const std::size_t n_words = kWords != 0 ? kWords : block.n_words;
    const std::size_t subs = subs_per_pass<Vector>(n_words);
    const std::size_t n_triples = padded_triples(n_words);
    std::uint64_t* planes = scratch;
    std::uint64_t* tables = scratch + plane_words<Vector>(n_words);
    const std::size_t beyond = 64 * n_words * Vector::kWords;  // planes of no bit stay zero
    for (std::size_t i = beyond; i < plane_words<Vector>(n_words); ++i) planes[i] = 0;
    HitList<Vector> list;
    for (std::size_t row = 0; row < block.n_rows; row += subs * kRows) {
        const std::size_t left = (block.n_rows - row) / kRows;
        const std::size_t n_subs = left < subs ? left : subs;
        ScanBlock pass = block;
        pass.rows = block.rows + row * n_words;
        pass.first_row = block.first_row + row;
        pass.allow = block.allow == nullptr ? nullptr : block.allow + row / 64;
        for (std::size_t sub = 0; sub < n_subs; ++sub) {
            Vector::template transpose<kWords>(pass.rows + sub * kRows * n_words, n_words, planes);
            build_table<Vector>(planes, n_triples, tables + sub * table_words<Vector>(n_words));
        }
        for (std::size_t q = 0; q < n_queries; ++q) {
            if (list.size >= HitList<Vector>::kRoom) add_notes<Vector, kWords>(list, queries, pass);
            const ScanQuery& query = *queries[q];
            if (query.threshold < 0) continue;
            if constexpr (kWords != 0) {
                note_hits<Vector, kWords, kPair>(query, q, tables, n_subs, list);
            } else {
                note_hits_any<Vector>(query, q, n_words, tables, n_subs, list);
            }
        }
        add_notes<Vector, kWords>(list, queries, pass);
    }
}

template <class Vector>
void scan_planes_of(ScanQuery* const* queries, std::size_t n_queries, const ScanBlock& block,
                    std::uint64_t* scratch) {
    switch (block.n_words) {
        case 1:
            return scan_planes<Vector, 1, Vector::kPair>(queries, n_queries, block, scratch);
        case 2:
            return scan_planes<Vector, 2, Vector::kPair>(queries, n_queries, block, scratch);
        case 4:
            return scan_planes<Vector, 4, Vector::kPair>(queries, n_queries, block, scratch);
        case 8:
            return scan_planes<Vector, 8, Vector::kPair>(queries, n_queries, block, scratch);
        default:
            return scan_planes<Vector, 0, 1>(queries, n_queries, block, scratch);
    }
}

}  // namespace
}  // namespace hashrec
