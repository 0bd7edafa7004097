// SPDX-License-Identifier: Apache-2.0
// Searches of every SIMD level of this machine against a full sort, without Python: for sanitizers
// and for machines that are emulated.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "hashrec/index/linear_scan.hpp"
#include "hashrec/simd.hpp"

namespace {

std::uint64_t next_random() {  // xorshift64*
    static std::uint64_t state = 88172645463325252ULL;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717ULL;
}

struct Case {
    std::size_t n_words, n_rows, n_queries, k;
    bool is_clustered;
};

std::vector<std::uint64_t> codes_of(const Case& c, std::size_t n) {
    std::vector<std::uint64_t> codes(n * c.n_words);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t w = 0; w < c.n_words; ++w) {
            const std::uint64_t centre = 0x9e3779b97f4a7c15ULL * (i % 5 + w + 1);
            codes[i * c.n_words + w] =
                c.is_clustered ? centre ^ std::uint64_t{1} << (next_random() % 64) : next_random();
        }
    }
    return codes;
}

int distance(const std::uint64_t* a, const std::uint64_t* b, std::size_t n_words) {
    int d = 0;
    for (std::size_t w = 0; w < n_words; ++w) d += __builtin_popcountll(a[w] ^ b[w]);
    return d;
}

// The number of queries whose answer differs.
std::size_t failures(const Case& c) {
    const std::vector<std::uint64_t> codes = codes_of(c, c.n_rows),
                                     queries = codes_of(c, c.n_queries);
    std::vector<std::int64_t> starts(c.n_queries + 1, 0);  // the first rows are excluded
    std::vector<std::int32_t> excluded;
    for (std::size_t q = 0; q < c.n_queries; ++q) {
        for (std::size_t i = 0; i < std::min(q % 40, c.n_rows); ++i) {
            excluded.push_back(static_cast<std::int32_t>(i));
        }
        starts[q + 1] = static_cast<std::int64_t>(excluded.size());
    }
    const hashrec::CsrView lists{starts.data(), excluded.data(), c.n_queries};
    std::vector<std::int32_t> distances(c.n_queries * c.k);
    std::vector<std::int64_t> rows(c.n_queries * c.k);
    const hashrec::CodeView database{codes.data(), c.n_rows, c.n_words};
    const hashrec::CodeView asked{queries.data(), c.n_queries, c.n_words};
    hashrec::LinearScan(database, 64 * c.n_words, 1)
        .search(asked, c.k, {&lists, nullptr}, distances.data(), rows.data());
    std::size_t wrong = 0;
    for (std::size_t q = 0; q < c.n_queries; ++q) {
        std::vector<std::pair<int, std::int64_t>> all;
        for (std::size_t i = std::min(q % 40, c.n_rows); i < c.n_rows; ++i) {
            const int d =
                distance(codes.data() + i * c.n_words, queries.data() + q * c.n_words, c.n_words);
            all.emplace_back(d, static_cast<std::int64_t>(i));
        }
        std::sort(all.begin(), all.end());
        all.resize(std::max(all.size(), c.k), {-1, -1});
        bool same = true;
        for (std::size_t i = 0; i < c.k; ++i) {
            same = same && all[i].first == distances[q * c.k + i] &&
                   all[i].second == rows[q * c.k + i];
        }
        wrong += same ? 0 : 1;
    }
    return wrong;
}

}  // namespace

int main() {
    std::size_t wrong = 0;
    for (const hashrec::SimdLevel level : hashrec::available_simd_levels()) {
        hashrec::set_simd_level(hashrec::simd_level_name(level));
        for (const std::size_t n_words : {1, 2, 3, 4, 8}) {
            for (const std::size_t n_rows : {0, 1, 63, 64, 300, 2500}) {
                for (const std::size_t n_queries : {1, 5, 70}) {
                    for (const bool is_clustered : {false, true}) {
                        const Case c{n_words, n_rows, n_queries, 30, is_clustered};
                        const std::size_t bad = failures(c);
                        wrong += bad;
                        if (bad == 0) continue;
                        std::printf("%s: %zu words, %zu rows, %zu queries, %s: %zu wrong\n",
                                    hashrec::simd_level_name(level), n_words, n_rows, n_queries,
                                    is_clustered ? "clustered" : "random", bad);
                    }
                }
            }
        }
        std::printf("%s done\n", hashrec::simd_level_name(level));
    }
    return wrong == 0 ? 0 : 1;
}
