#include "kernels/fp4_dequant.hpp"

#include <algorithm>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/fp4_round.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::array<unsigned, 8> kHalfUnits{0, 1, 2, 3, 4, 6, 8, 12};
constexpr std::uint32_t kFp32Infinity = 0x7F800000U;

/// A number worth significand * 2^exponent, or NaN.
struct ScaleValue {
  unsigned significand = 0;
  int exponent = 0;
  bool nan = false;
};

ScaleValue minifloat_scale(unsigned byte, unsigned nan, int unit_exponent) {
  const unsigned field = byte >> 3;
  const unsigned significand = (byte & 7) | (field != 0 ? 8U : 0U);
  return {significand, static_cast<int>(std::max(field, 1U)) - 1 + unit_exponent, byte == nan};
}

ScaleValue decode_scale(Fp4Scale format, unsigned byte) {
  switch (format) {
    case Fp4Scale::kE8m0:
      return {1, static_cast<int>(byte) - 127, byte == 0xFF};
    case Fp4Scale::kUe4m3:
      return minifloat_scale(byte & 0x7F, 0x7F, -9);
    case Fp4Scale::kUe5m3:
      break;
  }
  return minifloat_scale(byte, 0xFF, -17);
}

}  // namespace

Fp4DequantParams Fp4DequantParams::of(const Parameters& parameters) {
  Fp4DequantParams p;
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.bf16 = value_or(parameters, "bf16", p.bf16) != 0;
  p.tensor_scale = value_or(parameters, "tensor_scale", p.tensor_scale) != 0;
  return p;
}

void configure(Fp4DequantConfig& config, ConfigWrite write) {
  if (write.address == 0) {
    config.scale_format = static_cast<Fp4Scale>(std::min(write.data & 3, 2U));
    config.remap = (write.data >> 2 & 1) != 0;
    config.special_code = write.data >> 3 & 15;
    config.scale_selector = (write.data >> 7 & 1) != 0;
  } else if (write.address == 1) {
    config.tensor_scale = write.data;
  } else if (write.address < 6) {
    config.special.at(write.address - 2) = {(write.data >> 5 & 1) != 0, write.data & 31};
  }
}

Fp4DequantConfig fp4_config_of(const std::vector<ConfigWrite>& writes) {
  Fp4DequantConfig config;
  for (const ConfigWrite& write : writes) configure(config, write);
  return config;
}

std::uint32_t fp4_scale(const Fp4DequantParams& params, const Fp4DequantConfig& config, unsigned scale) {
  const ScaleValue value = decode_scale(config.scale_format, scale & 0xFF);
  if (value.nan) return kFp32Nan;
  const std::uint32_t exact = fp32_round(false, value.significand, value.exponent);
  return params.tensor_scale ? fp32_multiply(exact, config.tensor_scale & 0x7FFFFFFFU) : exact;
}

Fp4Level fp4_level(const Fp4DequantConfig& config, unsigned code, unsigned scale, unsigned selector) {
  const bool in_scale = config.scale_selector && config.scale_format == Fp4Scale::kUe4m3;
  if (config.remap && (code & 15) == config.special_code) {
    return config.special.at(in_scale ? scale >> 7 & 1 : selector & 3);
  }
  return {(code & 8) != 0, kHalfUnits.at(code & 7)};
}

std::uint16_t fp4_value(Fp4Level level, std::uint32_t m, bool bf16) {
  const SmallFloat& to = bf16 ? kBf16Float : kFp16Float;
  if ((m & kFp32Infinity) == kFp32Infinity) return static_cast<std::uint16_t>(to.nan);
  const std::uint32_t field = m >> 23 & 0xFF;
  const std::uint32_t significand = (m & 0x7FFFFF) | (field != 0 ? 0x800000U : 0U);
  const int exponent = static_cast<int>(std::max(field, 1U)) - 150;
  const std::uint32_t magnitude = round_to(to, std::uint64_t{level.half_units} * significand, exponent - 1);
  return static_cast<std::uint16_t>((level.negative ? 0x8000U : 0U) | magnitude);
}

std::uint16_t fp4_dequantize(const Fp4DequantParams& params, const Fp4DequantConfig& config, unsigned code,
                             unsigned scale, unsigned selector) {
  return fp4_value(fp4_level(config, code, scale, selector), fp4_scale(params, config, scale), params.bf16);
}

}  // namespace subbyte::kernels
