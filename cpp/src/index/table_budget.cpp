// SPDX-License-Identifier: Apache-2.0
#include "index/table_budget.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "hashrec/parallel.hpp"

namespace hashrec {
namespace {

// Shares of the whole scan that the tables may waste; a query alone has no other to learn from.
constexpr double kSlackAlone = 0.06;
constexpr double kSlackInBatch = 0.04;
constexpr double kStartNs = 3000.0;     // first touch of tables and buffers
constexpr double kLargestShare = 0.5;   // of a query's scan: dearer answers are not worth it
constexpr std::size_t kPilots = 6;      // if the tables answer none of these, they are given up
constexpr double kWakeNs = 200e3;       // less work than this is not worth a second thread
constexpr double kExtendedAlone = 0.4;  // of a query's scan, if the rest is known to fit
constexpr double kExtendedInBatch = 0.25;

constexpr std::size_t kSingleWords = std::size_t{1} << 26;  // at most this many are scanned
constexpr std::size_t kBatchWords = std::size_t{1} << 19;
constexpr std::size_t kBatchQueries = 64;  // per thread
constexpr std::size_t kTypicalK = 10;

// Elapsed nanoseconds of a search for the first n_queries rows of `queries`, best of five.
double time_scan(CodeView codes, std::size_t n_bits, int num_threads, CodeView queries) {
    std::vector<std::int32_t> distances(queries.n_rows * kTypicalK);
    std::vector<std::int64_t> rows(queries.n_rows * kTypicalK);
    double best = 0.0;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        LinearScan(codes, n_bits, num_threads)
            .search(queries, kTypicalK, {}, distances.data(), rows.data());
        const std::chrono::duration<double, std::nano> spent =
            std::chrono::steady_clock::now() - start;
        best = repeat == 0 ? spent.count() : std::min(best, spent.count());
    }
    return best;
}

}  // namespace

TableBudget::TableBudget(const ScanCost& scan, std::size_t n_queries, int num_threads)
    : scan_(scan), n_queries_(n_queries), num_threads_(resolve_threads(num_threads)) {
    const auto threads = static_cast<std::size_t>(num_threads_);
    workers_ = static_cast<double>(std::max<std::size_t>(std::min(threads, n_queries), 1));
    share_ = scan(n_queries) * workers_ / static_cast<double>(std::max<std::size_t>(n_queries, 1));
}

std::size_t TableBudget::n_pilots() const { return std::min(kPilots, n_queries_); }

Allowance TableBudget::next() const {
    const std::size_t answered = answered_;
    if (answered == 0 && tried_ >= kPilots) return {};
    const double spent = static_cast<double>(spent_.load()) / workers_;
    const double wasted = n_queries_ == 1 ? kSlackAlone : kSlackInBatch;
    const double slack =
        (1.0 + wasted) * scan_(n_queries_) - scan_(n_queries_ - answered) - spent - kStartNs;
    if (slack <= 0.0) return {};
    const double extended = (n_queries_ == 1 ? kExtendedAlone : kExtendedInBatch) * share_;
    return {std::min(slack, kLargestShare * share_), extended};
}

void TableBudget::report(bool was_answered, double nanoseconds, const Allowance& allowance) {
    // Much more than allowed means that other processes had the core: that says nothing about the
    // tables, and the scan would have suffered as well.
    const double most = 2.0 * std::max(allowance.spend, allowance.extended);
    // While a pilot runs, the other threads wait.
    const double busy = std::min(nanoseconds, most) * (are_pilots_ ? workers_ : 1.0);
    spent_ += static_cast<std::int64_t>(busy);
    ++tried_;
    if (was_answered) ++answered_;
}

int TableBudget::threads_for_rest() {
    are_pilots_ = false;
    const std::size_t tried = tried_;
    if (next().spend <= 0.0 || tried == 0) return 0;
    const double per_query =
        static_cast<double>(spent_.load()) / workers_ / static_cast<double>(tried);
    const double rest = per_query * static_cast<double>(n_queries_ - tried);
    return rest < kWakeNs ? 1 : num_threads_;
}

ScanCost measure_scan(CodeView codes, std::size_t n_bits, int num_threads) {
    const std::size_t n_words = codes.n_words;
    const auto first_rows = [&](std::size_t words) {
        return CodeView{codes.words, std::clamp<std::size_t>(words / n_words, 1, codes.n_rows),
                        n_words};
    };
    const auto scaled = [&](double ns, std::size_t n_rows) {
        return ns * static_cast<double>(codes.n_rows) / static_cast<double>(n_rows);
    };
    const std::size_t n_queries = std::min(
        kBatchQueries * static_cast<std::size_t>(resolve_threads(num_threads)), codes.n_rows);
    const std::size_t stride = codes.n_rows / n_queries;
    std::vector<std::uint64_t> queries(n_queries * n_words);
    for (std::size_t q = 0; q < n_queries; ++q) {
        std::copy_n(codes.row(q * stride), n_words, queries.data() + q * n_words);
    }
    const CodeView whole = first_rows(kSingleWords);
    const CodeView part = first_rows(kBatchWords);
    ScanCost cost;
    cost.single =
        scaled(time_scan(whole, n_bits, num_threads, {queries.data(), 1, n_words}), whole.n_rows);
    cost.per_query =
        scaled(time_scan(part, n_bits, num_threads, {queries.data(), n_queries, n_words}),
               part.n_rows) /
        static_cast<double>(n_queries);
    return cost;
}

}  // namespace hashrec
