// SPDX-License-Identifier: Apache-2.0
#include "index/real_ranker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dispatch.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kNibbleSums = 16 * 16;  // per word
constexpr std::size_t kPlaneBytes = std::size_t{48} << 10;

// Covers the rounding of up to 4096 double additions twice over.
constexpr double kRounding = 0x1p-38;

std::size_t rows_per_block(const ScoreKernels& kernels, std::size_t n_words) {
    const std::size_t row_bytes = std::max<std::size_t>(kernels.plane_bytes, 8) * n_words;
    return std::max<std::size_t>(kPlaneBytes / row_bytes / 256 * 256, 64);
}

}  // namespace

std::size_t RealRanker::bytes_per_query(const ScoreKernels& kernels, std::size_t n_words) {
    const std::size_t per_word = kNibbleSums * sizeof(double) + kernels.table_bytes +
                                 64 * sizeof(float) + sizeof(std::uint64_t);
    return n_words * per_word + kHitRoom * sizeof(std::uint32_t) + sizeof(Query);
}

void RealRanker::load(std::span<const std::size_t> queries) {
    kernels_ = &score_kernels(queries.size());
    const std::size_t tile = kernels_->query_tile;
    const std::size_t n_places = (queries.size() + tile - 1) / tile * tile;
    loaded_.assign(queries.size(), {});
    magnitudes_.assign(queries.size() * n_words_ * 64, 0.0f);
    signs_.assign(queries.size() * n_words_, 0);
    exact_.resize(queries.size() * n_words_ * kNibbleSums);
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
    const bool is_score = similarity_ == RealSimilarity::kScore;
    double best = 0.0;  // rounding is monotone: no row's sum, taken in this order, is better
    for (std::size_t group = 0; group < 16 * n_words_; ++group) {
        double* sums = exact_.data() + (place * 16 * n_words_ + group) * 16;
        for (std::size_t v = 0; v < 16; ++v) {
            double terms[4];
            for (std::size_t b = 0; b < 4; ++b) {
                const auto magnitude = static_cast<double>(magnitudes[4 * group + b]);
                const bool agrees = (v >> b & 1) == (signs[group / 16] >> (group % 16 * 4 + b) & 1);
                terms[b] =
                    is_score ? (agrees ? magnitude : -magnitude) : (agrees ? 0.0 : magnitude);
            }
            sums[v] = (terms[0] + terms[1]) + (terms[2] + terms[3]);
        }
        best += is_score ? *std::max_element(sums, sums + 16) : 0.0;
    }
    loaded.best_rank = rank_of(best);
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

double RealRanker::exact(std::size_t query, const std::uint64_t* row) const {
    const double* sums = exact_.data() + query * n_words_ * kNibbleSums;
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
    for (std::uint32_t i = 0; i < n_hits_[query]; ++i) {
        const double value = exact(query, source_.rows + hits[i] * n_words_);
        selection.offer(rank_of(value), hits[i] * stride);
    }
    n_hits_[query] = 0;
    Query& loaded = loaded_[query];
    if (selection.limit() == loaded.seen_limit) return;
    loaded.seen_limit = selection.limit();
    limits_[query] = filter_limit(loaded, loaded.seen_limit);
}

}  // namespace hashrec
