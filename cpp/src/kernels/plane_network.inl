// SPDX-License-Identifier: Apache-2.0
// The adder network of the bit-sliced scan as straight-line code, generated at compile time.
//
// Planes arrive at level 0 (weight 1) or level 1 (weight 2). At each level the first plane waits;
// the second goes into a full adder with the waiting one and the counter's plane, and the carry
// arrives one level up. Half adders empty what is left waiting. 64 bits need 79 ternary operations
// for 512 codes (AVX-512: two per full adder, 2/cycle on ports 0 and 5).
#include <cstddef>
#include <cstdint>

namespace hashrec {
namespace {

enum class Step : std::uint8_t {
    kLoad,      // x = next plane of the pattern
    kWait,      // waiting[level] = x
    kAdd,       // full adder, x = carry
    kLastAdd,   // the same, the sum is not needed any more
    kHalf,      // half adder of waiting[level], x = carry
    kLastHalf,  //
    kOver,      // over |= x
};

struct Operation {
    Step step;
    std::uint8_t level;
    std::uint16_t plane;  // of kLoad: 2 * triple + (0: parity, 1: majority)
};

constexpr std::size_t level_count(std::size_t n_bits) {  // levels that hold 0..n_bits
    std::size_t levels = 0;
    for (; n_bits != 0; n_bits /= 2) ++levels;
    return levels;
}

constexpr std::size_t kStartWords = 16;  // at least the levels of any code

constexpr std::size_t triple_count(std::size_t n_bits) { return (n_bits + 2) / 3; }

template <std::size_t kTriples, std::size_t kLevels>
struct Schedule {
    // Loads, and at most two operations (an adder, a wait) for each, and the emptying.
    Operation operations[kTriples * 2 * 4 + kLevels * 4] = {};
    std::size_t size = 0;
    bool waiting[kLevels] = {};

    constexpr void append(Step step, std::size_t level, std::size_t plane = 0) {
        operations[size++] = {step, static_cast<std::uint8_t>(level),
                              static_cast<std::uint16_t>(plane)};
    }

    constexpr void push(std::size_t level) {
        for (; level < kLevels && waiting[level]; ++level) {
            append(Step::kAdd, level);
            waiting[level] = false;
        }
        if (level == kLevels) {
            append(Step::kOver, level);
        } else {
            append(Step::kWait, level);
            waiting[level] = true;
        }
    }

    constexpr explicit Schedule(bool keep_sums) {
        for (std::size_t plane = 0; plane < 2 * kTriples; ++plane) {
            append(Step::kLoad, 0, plane);
            push(plane % 2);
        }
        for (std::size_t level = 0; level < kLevels; ++level) {
            if (!waiting[level]) continue;
            append(Step::kHalf, level);
            waiting[level] = false;
            push(level + 1);
        }
        if (keep_sums) return;
        for (std::size_t level = 0; level < kLevels; ++level) {
            for (std::size_t i = size; i-- > 0;) {
                Operation& last = operations[i];
                const bool adds = last.step == Step::kAdd || last.step == Step::kHalf;
                if (!adds || last.level != level) continue;
                last.step = last.step == Step::kAdd ? Step::kLastAdd : Step::kLastHalf;
                break;
            }
        }
    }
};

// Counters of kSubs neighbouring sub-blocks, which share the look-ups of the pattern.
template <class Vector, std::size_t kTriples, std::size_t kLevels, bool kKeepSums,
          std::size_t kSubs>
struct Network {
    using Plane = typename Vector::Plane;
    static constexpr Schedule<kTriples, kLevels> kSchedule{kKeepSums};
    static constexpr std::size_t kSubBlocks = kSubs;
    static constexpr std::size_t kTableWords = kTriples * kTriplePlanes * Vector::kWords;

    Plane sum[kLevels][kSubs];
    Plane waiting[kLevels][kSubs];
    Plane x[kSubs];
    Plane over[kSubs];

    template <std::size_t kIndex>
    [[gnu::always_inline]] inline void step(const std::uint64_t* table, std::size_t stride,
                                            const std::uint16_t* pattern) {
        constexpr Operation op = kSchedule.operations[kIndex];
        constexpr std::size_t level = op.level < kLevels ? op.level : 0;
        if constexpr (op.step == Step::kLoad) {
            const std::uint64_t* triple = table + op.plane / 2 * kTriplePlanes * Vector::kWords;
            const auto* place = reinterpret_cast<const char*>(triple) + pattern[op.plane];
            for (std::size_t s = 0; s < kSubs; ++s) {
                x[s] = Vector::load(
                    reinterpret_cast<const std::uint64_t*>(place + s * stride * sizeof *triple));
            }
            return;
        }
        for (std::size_t s = 0; s < kSubs; ++s) {
            if constexpr (op.step == Step::kWait) {
                waiting[level][s] = x[s];
            } else if constexpr (op.step == Step::kAdd) {
                x[s] = Vector::add(sum[level][s], waiting[level][s], x[s]);
            } else if constexpr (op.step == Step::kLastAdd) {
                x[s] = Vector::majority(sum[level][s], waiting[level][s], x[s]);
            } else if constexpr (op.step == Step::kHalf) {
                const Plane carry = Vector::both(sum[level][s], waiting[level][s]);
                sum[level][s] = Vector::differ(sum[level][s], waiting[level][s]);
                x[s] = carry;
            } else if constexpr (op.step == Step::kLastHalf) {
                x[s] = Vector::both(sum[level][s], waiting[level][s]);
            } else if constexpr (op.step == Step::kOver) {
                over[s] = Vector::either(over[s], x[s]);
            }
        }
    }

    // Operations [kBegin, kEnd), halved so that the depth of the templates stays small.
    template <std::size_t kBegin, std::size_t kEnd>
    [[gnu::always_inline]] inline void run(const std::uint64_t* table, std::size_t stride,
                                           const std::uint16_t* pattern) {
        if constexpr (kEnd - kBegin == 1) {
            step<kBegin>(table, stride, pattern);
        } else {
            constexpr std::size_t kMiddle = kBegin + (kEnd - kBegin) / 2;
            run<kBegin, kMiddle>(table, stride, pattern);
            run<kMiddle, kEnd>(table, stride, pattern);
        }
    }

    // Adds the planes that `pattern` picks from the table; sub-blocks' tables are `stride` apart.
    [[gnu::always_inline]] inline void run_all(const std::uint64_t* table, std::size_t stride,
                                               const std::uint16_t* pattern) {
        run<0, kSchedule.size>(table, stride, pattern);
    }

    // Counters at 2^kLevels - 1 - threshold: a distance above the threshold carries out. A level's
    // start plane is one word over and over.
    static void start_words(std::int32_t threshold, std::uint64_t (&out)[kStartWords]) {
        const std::uint32_t bias = (1U << kLevels) - 1U - static_cast<std::uint32_t>(threshold);
        for (std::size_t level = 0; level < kStartWords; ++level) {  // whole vectors of levels
            out[level] = -(std::uint64_t{bias} >> level & 1);
        }
    }

    [[gnu::always_inline]] inline void start(const std::uint64_t (&words)[kStartWords]) {
        for (std::size_t level = 0; level < kLevels; ++level) {
            const Plane plane = Vector::all(words[level]);
            for (std::size_t s = 0; s < kSubs; ++s) sum[level][s] = plane;
        }
        for (std::size_t s = 0; s < kSubs; ++s) over[s] = Vector::all(0);
    }
};

}  // namespace
}  // namespace hashrec
