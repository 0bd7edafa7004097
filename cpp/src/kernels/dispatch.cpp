// SPDX-License-Identifier: Apache-2.0
#include "dispatch.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#if defined(HASHREC_WITH_AMX) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HASHREC_AMX 1
#endif

namespace hashrec {
namespace {

#if defined(__x86_64__) || defined(_M_X64)
#define HASHREC_X86 1
#elif defined(__aarch64__)
#define HASHREC_NEON 1
#endif

#ifdef HASHREC_AMX
// Tiles need the instructions, a system that saves them, and this process's leave to use them:
// Linux grants the tile state (number 18) only on request, once for all threads.
bool has_amx() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
    constexpr unsigned kTileAndInt8 = 1U << 24 | 1U << 25;
    if ((d & kTileAndInt8) != kTileAndInt8) return false;
    unsigned low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    constexpr unsigned kTileState = 1U << 17 | 1U << 18;
    if ((low & kTileState) != kTileState) return false;
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

bool cpu_has(SimdLevel level) {
    switch (level) {
        case SimdLevel::kScalar:
            return true;
#ifdef HASHREC_X86
        case SimdLevel::kPopcnt:
            return __builtin_cpu_supports("popcnt");
        case SimdLevel::kAvx2:
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("bmi2");
        case SimdLevel::kAvx512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
                   __builtin_cpu_supports("avx512vpopcntdq") &&
                   __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("gfni") &&
                   __builtin_cpu_supports("bmi2");
#endif
#ifdef HASHREC_AMX
        case SimdLevel::kAmx: {
            static const bool has = cpu_has(SimdLevel::kAvx512) && has_amx();
            return has;
        }
#endif
#ifdef HASHREC_NEON
        case SimdLevel::kNeon:
            return true;
#endif
        default:
            return false;
    }
}

constexpr SimdLevel kAll[] = {SimdLevel::kScalar, SimdLevel::kPopcnt, SimdLevel::kAvx2,
                              SimdLevel::kAvx512, SimdLevel::kAmx,    SimdLevel::kNeon};

const SimdLevel* find_level(const std::string& name) {
    for (const SimdLevel& level : kAll) {
        if (name == simd_level_name(level)) return &level;
    }
    return nullptr;
}

std::string joined_names() {
    std::string names;
    for (SimdLevel level : available_simd_levels()) {
        names += (names.empty() ? "" : ", ");
        names += simd_level_name(level);
    }
    return names;
}

SimdLevel checked_level(const std::string& name, const std::string& source) {
    const SimdLevel* level = find_level(name);
    if (level == nullptr || !cpu_has(*level)) {
        throw std::invalid_argument(source + " must be one of the levels this CPU can run (" +
                                    joined_names() + "), got '" + name + "'");
    }
    return *level;
}

SimdLevel initial_level() {
    const char* wanted = std::getenv("HASHREC_SIMD");
    if (wanted != nullptr && *wanted != '\0') return checked_level(wanted, "HASHREC_SIMD");
    return available_simd_levels().back();
}

std::atomic<SimdLevel>& current() {
    static std::atomic<SimdLevel> level{initial_level()};
    return level;
}

// Picks the table of the current level from one family's tables. A family without kernels of its
// own for AMX uses those for AVX-512.
template <class Table>
const Table& pick(const Table& scalar, const Table* popcnt, const Table* avx2, const Table* avx512,
                  const Table* neon) {
    const Table* chosen = nullptr;
    switch (simd_level()) {
        case SimdLevel::kScalar:
            chosen = &scalar;
            break;
        case SimdLevel::kPopcnt:
            chosen = popcnt;
            break;
        case SimdLevel::kAvx2:
            chosen = avx2;
            break;
        case SimdLevel::kAvx512:
        case SimdLevel::kAmx:
            chosen = avx512;
            break;
        case SimdLevel::kNeon:
            chosen = neon;
            break;
    }
    return chosen != nullptr ? *chosen : scalar;
}

}  // namespace

const char* simd_level_name(SimdLevel level) {
    switch (level) {
        case SimdLevel::kScalar:
            return "scalar";
        case SimdLevel::kPopcnt:
            return "popcnt";
        case SimdLevel::kAvx2:
            return "avx2";
        case SimdLevel::kAvx512:
            return "avx512";
        case SimdLevel::kAmx:
            return "amx";
        case SimdLevel::kNeon:
            return "neon";
    }
    return "unknown";
}

std::vector<SimdLevel> available_simd_levels() {
    std::vector<SimdLevel> levels;
    for (SimdLevel level : kAll) {
        if (cpu_has(level)) levels.push_back(level);
    }
    return levels;
}

SimdLevel simd_level() { return current().load(std::memory_order_relaxed); }

void set_simd_level(const std::string& name) {
    current().store(checked_level(name, "SIMD level"), std::memory_order_relaxed);
}

#if defined(HASHREC_X86)
#define HASHREC_PICK(family)                                                  \
    pick(family##_scalar, &family##_popcnt, &family##_avx2, &family##_avx512, \
         decltype(&family##_scalar){})
#elif defined(HASHREC_NEON)
#define HASHREC_PICK(family)                                                          \
    pick(family##_scalar, decltype(&family##_scalar){}, decltype(&family##_scalar){}, \
         decltype(&family##_scalar){}, &family##_neon)
#else
#define HASHREC_PICK(family)                                                          \
    pick(family##_scalar, decltype(&family##_scalar){}, decltype(&family##_scalar){}, \
         decltype(&family##_scalar){}, decltype(&family##_scalar){})
#endif

const HammingKernels& hamming_kernels() { return HASHREC_PICK(hamming); }
const PlaneKernels& plane_kernels() { return HASHREC_PICK(plane); }
const SolverKernels& solver_kernels() { return HASHREC_PICK(solver); }
const DescentKernels& descent_kernels() { return HASHREC_PICK(descent); }
const PropagationKernels& propagation_kernels() { return HASHREC_PICK(propagation); }
const ScaledKernels& scaled_kernels() { return HASHREC_PICK(scaled); }

const ScoreKernels& score_kernels(std::size_t n_queries, std::size_t n_words) {
#ifdef HASHREC_AMX
    const std::size_t fewest = n_words == 1 ? 64 : 24;  // measured crossings
    if (simd_level() == SimdLevel::kAmx && n_queries >= fewest) return score_amx;
#endif
    (void)n_queries;
    (void)n_words;
    return HASHREC_PICK(score);
}

}  // namespace hashrec
