// SPDX-License-Identifier: Apache-2.0
// A start threshold from a strided sample of the rows, so that few candidates are collected even
// when near rows come last. It is a guess: the scan checks at its end that k rows were found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hashrec/types.hpp"
#include "kernels/hamming_kernels.hpp"

namespace hashrec {

class StartThreshold {
  public:
    // Samples the allowed rows in [begin, end); for large k it stays without a sample.
    StartThreshold(CodeView codes, std::size_t begin, std::size_t end, const std::uint64_t* allow,
                   std::size_t k, std::size_t n_queries);

    // The guess for one query, at most `limit`; excluded rows are left out of the sample.
    std::int32_t operator()(const HammingKernels& kernels, const std::uint64_t* query,
                            std::span<const std::int32_t> excluded, std::int32_t limit);

  private:
    void leave_out(std::span<const std::int32_t> excluded);

    std::size_t begin_;
    std::size_t run_ = 1;     // neighbouring rows in the sample, ...
    std::size_t period_ = 1;  // ... repeated after so many; both powers of two
    std::size_t need_ = 0;    // rows of the sample that the threshold must hold
    std::size_t n_words_;
    std::int32_t last_ = -1;             // the last guess: the next one is mostly near
    std::vector<std::int64_t> allowed_;  // sampled rows where some are not allowed, else empty
    std::vector<std::uint64_t> words_;
    std::vector<std::uint16_t> distances_;
};

}  // namespace hashrec
