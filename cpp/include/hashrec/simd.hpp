// SPDX-License-Identifier: Apache-2.0
// Run-time choice of the instruction set. Every level gives the same answers; only speed differs.
#pragma once

#include <string>
#include <vector>

namespace hashrec {

enum class SimdLevel { kScalar, kPopcnt, kAvx2, kAvx512, kAmx, kNeon };

const char* simd_level_name(SimdLevel level);

// Levels this binary holds and this CPU can run, slowest first.
std::vector<SimdLevel> available_simd_levels();

SimdLevel simd_level();

// Throws std::invalid_argument for an unknown name or a level that the CPU lacks.
void set_simd_level(const std::string& name);

}  // namespace hashrec
