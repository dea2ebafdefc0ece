// column_accumulator sums the groups' products per row in FP32 and then multiplies by the channel scale. The numbers
// are in kernels/ARITHMETIC.md, section 4 (kernels/arithmetic/fp32.hpp); interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/group_dequant.hpp"

namespace subbyte::kernels {

/// Stage 1: a dequantized group sum as FP32.
inline std::uint32_t round_group(const DequantResult& group) {
  return fp32_round_product(group.product, group.exponent, group.nonfinite);
}

Trace column_accumulator_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus column_accumulator_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo column_accumulator_info();

}  // namespace subbyte::kernels
