// What fp4_quant must give by kernels/ARITHMETIC.md 9: scales and codes by exact rationals, and codes by doubles that
// are exact.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/fp4_quant.hpp"
#include "tests/support/fp4_reference.hpp"
#include "tests/support/quant/microscaling_cases.hpp"

namespace subbyte {

using Patterns = std::vector<std::uint16_t>;

inline std::uint16_t infinity16(bool bf16) { return bf16 ? 0x7F80 : 0x7C00; }

/// Scale and codes of a block.
struct QuantizedBlock {
  unsigned scale = 0;
  std::vector<unsigned> codes;
  bool operator==(const QuantizedBlock&) const = default;
};

inline QuantizedBlock golden_block(const kernels::Fp4QuantConfig& config, std::span<const std::uint16_t> values,
                                   bool bf16) {
  const auto scale = kernels::fp4_block_scale(config, kernels::fp4_amax(values, bf16), bf16);
  const auto divisor = kernels::fp4_divisor(config, scale);
  QuantizedBlock block{scale.byte, {}};
  for (const std::uint16_t value : values)
    block.codes.push_back(scale.nan ? 0 : kernels::fp4_code(value, divisor, bf16));
  return block;
}

/// Returns the code of x under D, by the seven thresholds; both are exact in doubles, and so are the products.
inline unsigned code_reference(double x, double divisor) {
  static constexpr double kThresholds[] = {0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5};
  const double magnitude = std::abs(x);
  unsigned code = 0;
  for (unsigned t = 0; t < 7 && divisor > 0; ++t) {
    const double threshold = kThresholds[t] * divisor;
    if (t % 2 == 0 ? magnitude > threshold : magnitude >= threshold) ++code;
  }
  return code + (std::signbit(x) ? 8 : 0);
}

inline std::vector<float> floats_of(std::span<const std::uint16_t> values, bool bf16) {
  std::vector<float> numbers;
  for (const std::uint16_t value : values) numbers.push_back(static_cast<float>(value16(value, bf16)));
  return numbers;
}

/// Computes nvfp4 in exact rationals: the stored scale is nearest to amax * enc, and codes are nearest to |x| / (scale
/// * dec).
inline QuantizedBlock nvfp4_reference(std::span<const std::uint16_t> values, bool bf16, std::uint32_t enc,
                                      std::uint32_t dec) {
  using namespace quant::microscaling;
  static const auto scales = scale_codebook(4, 7, 127);
  static const Element e2m1 = element_of("mxfp4");
  const auto numbers = floats_of(values, bf16);
  const auto factor = [](std::uint32_t bits) { return exact(std::bit_cast<float>(bits & 0x7FFFFFFFU)); };
  QuantizedBlock block;
  block.scale = nearest(scales, exact(magnitude_of(numbers)) * factor(enc));
  const Rational divisor = scales[block.scale] * factor(dec);
  for (const float number : numbers) {
    const unsigned code = divisor == 0 ? 0 : nearest(e2m1.magnitudes, Rational(abs(exact(number)) / divisor));
    block.codes.push_back(code + (std::signbit(number) ? 8 : 0));
  }
  return block;
}

}  // namespace subbyte
