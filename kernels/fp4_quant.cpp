#include "kernels/fp4_quant.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/arithmetic/int128.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/fp4_round.hpp"

namespace subbyte::kernels {
namespace {

constexpr int kE8m0Bias = 127;
constexpr std::uint8_t kE8m0Nan = 0xFF;

/// A number worth significand * 2^exponent.
struct Magnitude {
  std::uint32_t significand;
  int exponent;
};

/// Takes the 15 low bits of a pattern apart, or the 31 of FP32.
Magnitude magnitude_of(std::uint32_t pattern, unsigned fraction_bits, unsigned field_bits, int lowest) {
  const std::uint32_t field = pattern >> fraction_bits & ((1U << field_bits) - 1);
  const std::uint32_t fraction = pattern & ((1U << fraction_bits) - 1);
  const std::uint32_t hidden = field != 0 ? 1U << fraction_bits : 0;
  return {fraction | hidden, lowest + static_cast<int>(std::max(field, 1U)) - 1};
}

Magnitude value_magnitude(std::uint16_t pattern, bool bf16) {
  return bf16 ? magnitude_of(pattern, 7, 8, kBf16Float.lowest) : magnitude_of(pattern, 10, 5, kFp16Float.lowest);
}

Magnitude fp32_magnitude(std::uint32_t pattern) { return magnitude_of(pattern, 23, 8, -149); }

bool fp32_nonfinite(std::uint32_t pattern) { return (pattern & 0x7F800000U) == 0x7F800000U; }

/// Returns by how much the exponent of amax' exceeds that of amax.
int exponent_step(Fp4Mode mode, Magnitude amax) {
  const auto top = std::uint32_t{1} << (std::bit_width(amax.significand) - 1);
  // Quarters of the highest power of two are compared without a fraction.
  const std::uint32_t four = 4 * amax.significand;
  if (mode == Fp4Mode::kCeil) return four > 6 * top ? 1 : 0;
  return mode == Fp4Mode::kEven && four >= 7 * top ? 1 : 0;
}

std::uint8_t power_scale(Fp4Mode mode, Magnitude amax) {
  if (amax.significand == 0) return 0;
  const int log2 = amax.exponent + static_cast<int>(std::bit_width(amax.significand)) - 1;
  const int exponent = std::clamp(log2 - 2 + exponent_step(mode, amax), -127, 127);
  return static_cast<std::uint8_t>(exponent + kE8m0Bias);
}

/// Returns a > b, or a >= b with `or_equal`; b is not zero.
bool above(Magnitude a, std::uint64_t b_significand, int b_exponent, bool or_equal) {
  if (a.significand == 0) return false;
  // Significands have 11 and 33 bits, so where they are further apart than 64 the exponents decide.
  const int distance = a.exponent - b_exponent;
  if (distance > 64) return true;
  if (distance < -64) return false;
  const UInt128 left = UInt128{a.significand} << std::max(distance, 0);
  const UInt128 right = UInt128{b_significand} << std::max(-distance, 0);
  return left > right || (or_equal && left == right);
}

/// The quarters of the divisor from which a value takes the next code.
struct Threshold {
  unsigned quarters;
  bool or_equal;
};
constexpr std::array<Threshold, 7> kThresholds{
    {{1, false}, {3, true}, {5, false}, {7, true}, {10, false}, {14, true}, {20, false}}};

}  // namespace

Fp4QuantParams Fp4QuantParams::of(const Parameters& parameters) {
  Fp4QuantParams p;
  p.block = value_or(parameters, "block", p.block);
  p.bf16 = value_or(parameters, "bf16", p.bf16) != 0;
  return p;
}

void configure(Fp4QuantConfig& config, ConfigWrite write) {
  if (write.address == 0) config.mode = static_cast<Fp4Mode>(write.data & 3);
  if (write.address == 1) config.enc = write.data;
  if (write.address == 2) config.dec = write.data;
}

Fp4QuantConfig fp4_quant_config_of(const std::vector<ConfigWrite>& writes) {
  Fp4QuantConfig config;
  for (const ConfigWrite& write : writes) configure(config, write);
  return config;
}

Fp4Amax fp4_amax(std::span<const std::uint16_t> values, bool bf16) {
  Fp4Amax amax;
  for (const std::uint16_t value : values) {
    amax.pattern = std::max<std::uint16_t>(amax.pattern, value & 0x7FFF);
  }
  // NaN and infinity are the largest patterns.
  amax.nonfinite = amax.pattern > (bf16 ? kBf16Float : kFp16Float).largest;
  return amax;
}

Fp4BlockScale fp4_block_scale(const Fp4QuantConfig& config, Fp4Amax amax, bool bf16) {
  const Magnitude magnitude = value_magnitude(amax.pattern, bf16);
  if (config.mode != Fp4Mode::kNvfp4) {
    if (amax.nonfinite) return {kE8m0Nan, true};
    return {power_scale(config.mode, magnitude), false};
  }
  if (amax.nonfinite || fp32_nonfinite(config.enc) || fp32_nonfinite(config.dec)) {
    return {static_cast<std::uint8_t>(kUe4m3Float.nan), true};
  }
  const Magnitude enc = fp32_magnitude(config.enc);
  const std::uint64_t product = std::uint64_t{magnitude.significand} * enc.significand;
  return {static_cast<std::uint8_t>(round_to(kUe4m3Float, product, magnitude.exponent + enc.exponent)), false};
}

Fp4Divisor fp4_divisor(const Fp4QuantConfig& config, Fp4BlockScale scale) {
  if (config.mode != Fp4Mode::kNvfp4) return {1, static_cast<int>(scale.byte) - kE8m0Bias};
  const Magnitude stored = magnitude_of(scale.byte, 3, 4, kUe4m3Float.lowest);
  const Magnitude dec = fp32_magnitude(config.dec);
  return {stored.significand * dec.significand, stored.exponent + dec.exponent};
}

unsigned fp4_code(std::uint16_t value, Fp4Divisor divisor, bool bf16) {
  const Magnitude magnitude = value_magnitude(value, bf16);
  unsigned code = 0;
  for (const Threshold& threshold : kThresholds) {
    const std::uint64_t significand = std::uint64_t{divisor.significand} * threshold.quarters;
    const bool passed =
        divisor.significand != 0 && above(magnitude, significand, divisor.exponent - 2, threshold.or_equal);
    code += passed ? 1 : 0;
  }
  return code | ((value & 0x8000) != 0 ? 8U : 0U);
}

}  // namespace subbyte::kernels
