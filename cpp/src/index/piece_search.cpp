// SPDX-License-Identifier: Apache-2.0
#include "index/piece_search.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "index/key_ball.hpp"

namespace hashrec {
namespace {

constexpr std::size_t kLookups = 32;          // in flight at once
constexpr std::int64_t kRowsPerGlance = 256;  // between two looks at the clock
constexpr double kCandidateSafety = 2.0;      // buckets near a query are fuller than the mean
constexpr double kOverrun = 1.25;             // of an extended allowance

}  // namespace

PieceSearch::PieceSearch(CodeView codes, std::size_t n_bits, const std::vector<BucketTable>& tables)
    : codes_(codes), n_bits_(n_bits), tables_(tables), block_(codes), piece_keys_(tables.size()) {}

double PieceSearch::nanoseconds() const {
    const std::chrono::duration<double, std::nano> spent =
        std::chrono::steady_clock::now() - start_;
    return spent.count();
}

bool PieceSearch::run(const std::uint64_t* query, const RowFilter& filter, std::size_t k,
                      std::int64_t max_distance, const Allowance& allowance) {
    start_ = std::chrono::steady_clock::now();
    counts_ = {};
    filter_ = &filter;
    max_distance_ = max_distance;
    allowance_ = allowance;
    best_.start(k, max_distance);
    block_.start(query);
    for (std::size_t t = 0; t < tables_.size(); ++t) piece_keys_[t] = tables_[t].bits()(query);
    const std::uint64_t too_many = codes_.n_rows + 1;
    for (radius_ = 0;; ++radius_) {  // a piece probed to its full width ends the loop
        for (table_ = 0; table_ < tables_.size(); ++table_) {
            const std::uint64_t ring = n_masks(tables_[table_].bits().width(), radius_, too_many);
            if (ring >= too_many) return false;
            const double cost = kLookupNs + mean_fill(table_) * kCandidateNs;
            if (!may_spend(static_cast<double>(ring) * cost) || !probe_ring()) return false;
            best_.keep_best();
            counts_.radius = static_cast<std::int64_t>(radius_);
            if (proven() >= max_distance || best_.n_within(proven()) >= k) {
                counts_.scanned = 0;
                return true;
            }
        }
    }
}

// Rows per possible bucket of a table.
double PieceSearch::mean_fill(std::size_t table) const {
    return std::ldexp(static_cast<double>(codes_.n_rows),
                      -static_cast<int>(tables_[table].bits().width()));
}

// After the step under way, every code up to this distance has been seen.
std::int64_t PieceSearch::proven() const {
    if (radius_ == tables_[table_].bits().width()) return static_cast<std::int64_t>(n_bits_);
    return static_cast<std::int64_t>(tables_.size() * radius_ + table_);
}

bool PieceSearch::probe_ring() {
    const BucketTable& table = tables_[table_];
    const std::uint64_t key = piece_keys_[table_];
    MasksOfWeight ring(table.bits().width(), radius_);
    std::uint64_t masks[kLookups];
    Bucket buckets[kLookups];
    std::size_t n_batches = 0;
    for (std::size_t n = 0; (n = ring.next(masks, kLookups)) > 0;) {
        for (std::size_t i = 0; i < n; ++i) table.prefetch(key ^ masks[i]);
        for (std::size_t i = 0; i < n; ++i) {
            buckets[i] = table.find(key ^ masks[i]);
            if (!buckets[i].empty()) __builtin_prefetch(buckets[i].data());
        }
        counts_.lookups += static_cast<std::int64_t>(n);
        for (std::size_t i = 0; i < n; ++i) {
            if (!take(buckets[i])) return false;
        }
        if (++n_batches % 4 == 0 && !may_spend(0.0)) return false;
    }
    block_.flush([this](std::uint32_t row, std::int32_t d) { offer(row, d); });
    return true;
}

bool PieceSearch::take(Bucket bucket) {
    for (const std::uint32_t row : bucket) {
        // Rows rise: behind k exact matches nothing of this bucket can enter.
        if (row >= best_.limit()) break;
        block_.add(row, [this](std::uint32_t r, std::int32_t d) { offer(r, d); });
        if (++counts_.candidates % kRowsPerGlance == 0 && !may_spend(0.0)) return false;
    }
    return true;
}

void PieceSearch::offer(std::uint32_t row, std::int32_t distance) {
    const std::uint64_t key = make_key(distance, row);
    if (key < best_.limit() && (*filter_)(row) && !was_seen(row)) best_.add(key);
}

// An earlier step has met the row exactly if another piece lies within the radius finished there.
// So repeats are told apart without remembering any row.
bool PieceSearch::was_seen(std::uint32_t row) const {
    const std::uint64_t* words = codes_.row(row);
    for (std::size_t t = 0; t < tables_.size(); ++t) {
        if (t == table_) continue;
        const auto d =
            static_cast<std::size_t>(std::popcount(tables_[t].bits()(words) ^ piece_keys_[t]));
        if (t < table_ ? d <= radius_ : d < radius_) return true;
    }
    return false;
}

// Whether `more` nanoseconds still fit in. Beyond the plain allowance they do if the whole rest,
// known from the distance of the k-th row held, fits in the extended one.
bool PieceSearch::may_spend(double more) {
    const double spent = nanoseconds();
    if (spent + more <= allowance_.spend) return true;
    if (allowance_.extended <= allowance_.spend) return false;
    std::int64_t reach = max_distance_;
    if (best_.is_full()) {
        best_.keep_best();
        reach = std::min<std::int64_t>(reach, distance_of_key(best_.limit()));
    }
    if (spent + rest_of_search(reach) > allowance_.extended) return false;
    allowance_.spend = kOverrun * allowance_.extended;
    return true;
}

// Nanoseconds from the step under way to the one that proves `distance`.
double PieceSearch::rest_of_search(std::int64_t distance) const {
    const auto lookups_so_far = static_cast<double>(std::max<std::int64_t>(counts_.lookups, 1));
    const double fill =
        std::max(static_cast<double>(counts_.candidates) / lookups_so_far,
                 static_cast<double>(codes_.n_rows) / static_cast<double>(tables_[0].n_buckets()));
    double lookups = 0.0;
    const std::size_t m = tables_.size();
    for (std::size_t step = radius_ * m + table_;; ++step) {
        const std::size_t width = tables_[step % m].bits().width();
        lookups += static_cast<double>(n_masks(width, step / m, codes_.n_rows + 1));
        if (static_cast<std::int64_t>(step) >= distance || step / m >= width) break;
    }
    return lookups * (kLookupNs + kCandidateSafety * fill * kCandidateNs);
}

}  // namespace hashrec
