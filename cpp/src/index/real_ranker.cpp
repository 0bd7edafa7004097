// SPDX-License-Identifier: Apache-2.0
#include "index/real_ranker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kNibbleSums = 16 * 16;  // per word

// Covers the rounding of up to 4096 double additions twice over.
constexpr double kRounding = 0x1p-38;

void prefetch(const std::uint64_t* row) {
#if defined(__GNUC__)
    __builtin_prefetch(row);
#else
    (void)row;
#endif
}

std::size_t rows_per_block(const ScoreKernels& kernels, std::size_t n_words) {
    const std::size_t row_bytes = std::max<std::size_t>(kernels.plane_bytes, 8) * n_words;
    return std::max<std::size_t>(kernels.block_bytes / row_bytes / 256 * 256, 64);
}

}  // namespace

std::size_t RealRanker::bytes_per_query(const ScoreKernels& kernels, std::size_t n_words) {
    const std::size_t per_word = kernels.table_bytes + 64 * sizeof(float) + sizeof(std::uint64_t);
    return n_words * per_word + kHitRoom * sizeof(std::uint32_t) + sizeof(Query);
}

void RealRanker::load(std::span<const std::size_t> queries) {
    kernels_ = &score_kernels(queries.size(), n_words_);
    const std::size_t tile = kernels_->query_tile;
    const std::size_t n_places = (queries.size() + tile - 1) / tile * tile;
    loaded_.assign(queries.size(), {});
    magnitudes_.assign(queries.size() * n_words_ * 64, 0.0f);
    signs_.assign(queries.size() * n_words_, 0);
    sums_.resize(n_words_ * kNibbleSums);
    tables_.resize(n_places * n_words_ * kernels_->table_bytes);
    planes_.resize(rows_per_block(*kernels_, n_words_) * n_words_ * kernels_->plane_bytes);
    limits_.assign(n_places, ScoreBatch::kNothing);
    hits_.resize(n_places * kHitRoom);
    n_hits_.assign(n_places, 0);
    for (std::size_t i = 0; i < queries.size(); ++i) load_query(i, queries_ + queries[i] * n_bits_);
    batch_.n_queries = queries.size();
    batch_.n_words = n_words_;
    batch_.tables = tables_.data();
    batch_.limits = limits_.data();
    batch_.hits = hits_.data();
    batch_.n_hits = n_hits_.data();
    batch_.owner = this;
    batch_.take_hits = [](void* owner, std::size_t query) {
        static_cast<RealRanker*>(owner)->take_hits(query);
    };
}

void RealRanker::load_query(std::size_t place, const float* query) {
    Query& loaded = loaded_[place];
    float* magnitudes = magnitudes_.data() + place * n_words_ * 64;
    std::uint64_t* signs = signs_.data() + place * n_words_;
    for (std::size_t i = 0; i < n_bits_; ++i) {
        magnitudes[i] = std::fabs(query[i]);
        loaded.total += static_cast<double>(magnitudes[i]);
        if (query[i] >= 0.0f) signs[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    loaded.total *= 1.0 + kRounding;
    double best = 0.0;  // rounding is monotone: no row's sum, taken in this order, is better
    for (std::size_t i = 0; similarity_ == RealSimilarity::kScore && i < 64 * n_words_; i += 4) {
        const float* m = magnitudes + i;
        best += (static_cast<double>(m[0]) + static_cast<double>(m[1])) +
                (static_cast<double>(m[2]) + static_cast<double>(m[3]));
    }
    loaded.best_rank = rank_of(best);
}

// The sums of all nibbles of one query. Made anew for every lot of hits: it takes as long as a few
// rows, and a table per query would fill the cache.
void RealRanker::make_sums(std::size_t query) {
    const float* magnitudes = magnitudes_.data() + query * n_words_ * 64;
    const std::uint64_t* signs = signs_.data() + query * n_words_;
    const double agreeing = similarity_ == RealSimilarity::kScore ? 1.0 : 0.0;
    const double differing = similarity_ == RealSimilarity::kScore ? -1.0 : 1.0;
    double* sums = sums_.data();
    for (std::size_t i = 0; i < 64 * n_words_; i += 4, sums += 16) {
        double terms[4][2];  // of bit b with value 0 and 1
        for (std::size_t b = 0; b < 4; ++b) {
            const auto magnitude = static_cast<double>(magnitudes[i + b]);
            const std::size_t wanted = signs[i / 64] >> (i % 64 + b) & 1;
            terms[b][wanted] = agreeing * magnitude;
            terms[b][1 - wanted] = differing * magnitude;
        }
        for (std::size_t high = 0; high < 4; ++high) {
            const double second = terms[2][high & 1] + terms[3][high >> 1];
            for (std::size_t low = 0; low < 4; ++low) {
                sums[4 * high + low] = (terms[0][low & 1] + terms[1][low >> 1]) + second;
            }
        }
    }
}

std::uint32_t RealRanker::rank_of(double value) const {
    const float rounded_value = rounded(value);
    return similarity_ == RealSimilarity::kScore ? falling_rank(rounded_value)
                                                 : rising_rank(rounded_value);
}

// Every row with a rank below `limit` has at most this loss, in exact arithmetic.
double RealRanker::loss_bound(const Query& query, std::uint32_t limit) const {
    if (limit == kNoLimit) return std::numeric_limits<double>::infinity();
    const double slack = query.total * kRounding;
    if (similarity_ == RealSimilarity::kScore) {
        return (query.total - static_cast<double>(score_below(limit))) * 0.5 + slack;
    }
    return static_cast<double>(rising_value(limit)) + slack;
}

std::int32_t RealRanker::filter_limit(const Query& query, std::uint32_t limit) const {
    constexpr double kFar = 0x1p30;  // beyond every filter value
    if (query.best_rank >= limit) return ScoreBatch::kNothing;
    const double value = (loss_bound(query, limit) - query.scale.base) / query.scale.step;
    if (!(value < kFar)) return ScoreBatch::kEverything;
    if (value < -kFar) return ScoreBatch::kNothing;
    return static_cast<std::int32_t>(std::floor(value + 0x1p-20));  // the quotient was rounded
}

void RealRanker::scan(const RowSource& source, std::span<RankedSelection> selections) {
    source_ = source;
    selections_ = selections;
    for (std::size_t q = 0; q < loaded_.size(); ++q) {
        Query& query = loaded_[q];
        query.seen_limit = selections[q].limit();
        query.scale =
            kernels_->prepare(batch_, q, magnitudes_.data() + q * n_words_ * 64,
                              signs_.data() + q * n_words_, loss_bound(query, query.seen_limit));
        limits_[q] = filter_limit(query, query.seen_limit);
    }
    const std::size_t step = rows_per_block(*kernels_, n_words_);
    for (std::size_t row = 0; row < source.n_rows; row += step) {
        ScoreBlock block;
        block.rows = source.rows + row * n_words_;
        block.planes = planes_.data();
        block.place = static_cast<std::uint32_t>(row);
        block.n_rows = std::min(step, source.n_rows - row);
        if (kernels_->expand != nullptr) {
            kernels_->expand(block.rows, block.n_rows, n_words_, block.planes);
        }
        kernels_->scan(batch_, block);
    }
    for (std::size_t q = 0; q < loaded_.size(); ++q) take_hits(q);
}

double RealRanker::exact(const std::uint64_t* row) const {
    const double* sums = sums_.data();
    double value = 0.0;
    for (std::size_t w = 0; w < n_words_; ++w, sums += kNibbleSums) {
        const std::uint64_t word = row[w];
        for (std::size_t group = 0; group < 16; ++group) {
            value += sums[16 * group + (word >> (4 * group) & 15)];
        }
    }
    return value;
}

void RealRanker::take_hits(std::size_t query) {
    RankedSelection& selection = selections_[query];
    const std::uint32_t* hits = hits_.data() + query * kHitRoom;
    const auto stride = static_cast<std::uint32_t>(source_.stride);
    const std::uint32_t n = n_hits_[query];
    if (n == 0) return;
    // The rows have left the cache. Three loops, since a mispredicted branch of an offer would
    // throw away the loads and sums of the rows after it.
    for (std::uint32_t i = 0; i < n; ++i) prefetch(source_.rows + hits[i] * n_words_);
    make_sums(query);
    std::uint32_t ranks[kHitRoom];
    const std::uint64_t* previous = nullptr;
    for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint64_t* row = source_.rows + hits[i] * n_words_;
        // Runs of equal codes tie with the limit, so that no filter can drop them.
        const bool repeated = previous != nullptr && std::equal(row, row + n_words_, previous);
        ranks[i] = repeated ? ranks[i - 1] : rank_of(exact(row));
        previous = row;
    }
    for (std::uint32_t i = 0; i < n; ++i) selection.offer(ranks[i], hits[i] * stride);
    n_hits_[query] = 0;
    Query& loaded = loaded_[query];
    if (selection.limit() == loaded.seen_limit) return;
    loaded.seen_limit = selection.limit();
    limits_[query] = filter_limit(loaded, loaded.seen_limit);
}

}  // namespace hashrec
