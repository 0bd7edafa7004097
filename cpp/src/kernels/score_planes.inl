// SPDX-License-Identifier: Apache-2.0
// Filter by population counts, for levels that count bits fast but have no vectors: magnitudes of
// five bits, m_k = min(31, floor(|p_k| / step)), as five bit planes. The loss is at least step
// times
//
//     sum over b of 2^b popcount(plane_b & (row ^ preferred signs)),
//
// 16 instructions per word. Sums are at most 4096 * 31.
#include "kernels/score_generic.inl"

namespace hashrec {
namespace {

constexpr std::size_t kPlanes = 5;

struct PlanesOfWord {
    std::uint64_t signs;
    std::uint64_t planes[kPlanes];
};

inline PlanesOfWord* planes_of(const ScoreBatch& batch, std::size_t query) {
    return reinterpret_cast<PlanesOfWord*>(batch.tables) + query * batch.n_words;
}

FilterScale prepare_planes(ScoreBatch& batch, std::size_t query, const float* magnitudes,
                           const std::uint64_t* signs, double bound) {
    const std::size_t n_bits = 64 * batch.n_words;
    double largest = 0.0;
    for (std::size_t i = 0; i < n_bits; ++i) {
        const auto value = static_cast<double>(magnitudes[i]);
        largest = value > largest ? value : largest;
    }
    const double wanted = resolved(bound, total_magnitude(magnitudes, n_bits));
    const double step = (largest > 0.0 && largest < wanted ? largest : wanted) / 31.5;
    PlanesOfWord* words = planes_of(batch, query);
    for (std::size_t w = 0; w < batch.n_words; ++w) {
        words[w] = {signs[w], {}};
        for (std::size_t i = 0; i < 64; ++i) {
            const double ratio = static_cast<double>(magnitudes[64 * w + i]) / step * kBelow;
            const auto m = static_cast<std::uint64_t>(ratio < 31.0 ? ratio : 31.0);
            for (std::size_t b = 0; b < kPlanes; ++b) words[w].planes[b] |= (m >> b & 1) << i;
        }
    }
    return {0.0, step};
}

inline std::int32_t word_loss(const PlanesOfWord& word, std::uint64_t code) {
    const std::uint64_t differs = code ^ word.signs;
    std::uint32_t loss = 0;
    for (std::size_t b = 0; b < kPlanes; ++b) loss += popcount64(differs & word.planes[b]) << b;
    return static_cast<std::int32_t>(loss);
}

// The passing rows among at most 64.
template <bool kOneWord>
inline std::uint64_t passing(const PlanesOfWord* query, const std::uint64_t* rows, std::size_t n,
                             std::size_t n_words, std::int32_t limit) {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < n; ++i) {
        std::int32_t loss = 0;
        if (kOneWord) {
            loss = word_loss(*query, rows[i]);
        } else {
            for (std::size_t w = 0; w < n_words; ++w) {
                loss += word_loss(query[w], rows[i * n_words + w]);
                if (w % 8 == 7 && loss > limit) break;
            }
        }
        if (loss <= limit) [[unlikely]]
            mask |= std::uint64_t{1} << i;
    }
    return mask;
}

void scan_planes(ScoreBatch& batch, const ScoreBlock& block) {
    const std::size_t n_words = batch.n_words;
    for (std::size_t q = 0; q < batch.n_queries; ++q) {
        const PlanesOfWord* query = planes_of(batch, q);
        for (std::size_t first = 0; first < block.n_rows; first += 64) {
            const std::int32_t limit = batch.limits[q];
            if (limit < 0) break;  // values are >= 0
            const std::size_t left = block.n_rows - first;
            const std::size_t n = left < 64 ? left : 64;
            const std::uint64_t* rows = block.rows + first * n_words;
            const PlanesOfWord word = *query;
            const std::uint64_t mask = n_words == 1
                                           ? passing<true>(&word, rows, n, 1, limit)
                                           : passing<false>(query, rows, n, n_words, limit);
            if (mask != 0) {
                push_hits(batch, q, mask, block.place + static_cast<std::uint32_t>(first));
            }
        }
    }
}

}  // namespace
}  // namespace hashrec
