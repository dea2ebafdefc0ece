// Microscaling quantizers in exact rationals, written from the specifications and not from the code.
#pragma once

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace subbyte::quant::microscaling {

using Rational = boost::multiprecision::cpp_rational;
using Integer = boost::multiprecision::cpp_int;

inline Rational power(int exponent) {
  const Integer magnitude = Integer{1} << std::abs(exponent);
  return exponent >= 0 ? Rational(magnitude) : Rational(1, magnitude);
}

inline Rational exact(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const int field = static_cast<int>(bits >> 23 & 255);
  const int fraction = static_cast<int>(bits & 0x7FFFFF);
  const Rational magnitude = Rational(field == 0 ? fraction : fraction + 0x800000) * power(std::max(field, 1) - 150);
  return bits >> 31 != 0 ? Rational(-magnitude) : magnitude;
}

inline int floor_log2(const Rational& value) {
  int exponent = static_cast<int>(msb(numerator(value))) - static_cast<int>(msb(denominator(value)));
  if (power(exponent) > value) --exponent;
  return exponent;
}

inline Integer round_half_even(const Rational& value) {
  Integer quotient = numerator(value) / denominator(value);
  const Rational rest = value - quotient;
  if (rest > Rational(1, 2) || (rest == Rational(1, 2) && quotient % 2 != 0)) ++quotient;
  return quotient;
}

/// Returns the FP32 RNE, which is infinite on overflow.
inline float fp32(const Rational& value) {
  if (value == 0) return 0;
  const Rational magnitude = abs(value);
  const int unit = std::max(floor_log2(magnitude), -126) - 23;
  const auto units = round_half_even(magnitude * power(-unit)).convert_to<double>();
  const double rounded = std::ldexp(units, unit);
  const float result = rounded > std::numeric_limits<float>::max() ? std::numeric_limits<float>::infinity()
                                                                   : static_cast<float>(rounded);
  return value < 0 ? -result : result;
}

/// The ascending magnitudes, whose index is the code without its sign.
struct Element {
  std::vector<Rational> magnitudes;
  unsigned sign = 0;  ///< code of -0, or 0 for two's complement
  unsigned bits = 0;
  int emax = 0;
  int mantissa_bits = 0;
};

inline Element minifloat(int exponent_bits, int mantissa_bits, int bias, unsigned codes) {
  Element element;
  for (unsigned code = 0; code < codes; ++code) {
    const int field = static_cast<int>(code >> mantissa_bits);
    const int fraction = static_cast<int>(code) & ((1 << mantissa_bits) - 1);
    const int significand = field == 0 ? fraction : fraction + (1 << mantissa_bits);
    element.magnitudes.push_back(significand * power(std::max(field, 1) - bias - mantissa_bits));
  }
  element.bits = static_cast<unsigned>(1 + exponent_bits + mantissa_bits);
  element.sign = 1U << (element.bits - 1);
  element.emax = floor_log2(element.magnitudes.back());
  element.mantissa_bits = mantissa_bits;
  return element;
}

inline Element integer(int bits, int unit_exponent) {
  Element element;
  for (int level = 0; level < 1 << (bits - 1); ++level) element.magnitudes.push_back(level * power(unit_exponent));
  element.bits = static_cast<unsigned>(bits);
  element.emax = floor_log2(element.magnitudes.back());
  element.mantissa_bits = bits - 2;
  return element;
}

/// Returns the nearest magnitude, with ties to the even code, saturating.
inline unsigned nearest(std::span<const Rational> magnitudes, const Rational& magnitude) {
  const auto above = std::lower_bound(magnitudes.begin(), magnitudes.end(), magnitude);
  if (above == magnitudes.end()) return static_cast<unsigned>(magnitudes.size() - 1);
  const auto high = static_cast<unsigned>(above - magnitudes.begin());
  if (high == 0) return 0;
  const Rational up = *above - magnitude;
  const Rational down = magnitude - magnitudes[high - 1];
  return up < down || (up == down && high % 2 == 0) ? high : high - 1;
}

inline unsigned with_sign(const Element& element, unsigned code, float weight) {
  if (!std::signbit(weight)) return code;
  return element.sign != 0 ? code + element.sign : (0U - code) & ((1U << element.bits) - 1);
}

inline Rational level(const Element& element, unsigned code) {
  if (element.sign != 0) {
    const Rational magnitude = element.magnitudes[code & (element.sign - 1)];
    return code >= element.sign ? Rational(-magnitude) : magnitude;
  }
  const unsigned half = 1U << (element.bits - 1);
  return code < half ? element.magnitudes[code] : Rational(-element.magnitudes[2 * half - code]);
}

struct Block {
  unsigned scale = 0;
  unsigned selector = 0;
  std::vector<unsigned> codes;
};

inline float magnitude_of(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  return largest;
}

/// The rule of OCP MX v1.0, section 6.3, and its two variants.
inline Block power_block(std::span<const float> weights, const Element& element, const std::string& mode) {
  const Rational amax = exact(magnitude_of(weights));
  int exponent = -10000;
  if (amax > 0 && mode == "floor") exponent = floor_log2(amax) - element.emax;
  if (amax > 0 && mode == "ceil") {
    exponent = -400;
    while (amax > element.magnitudes.back() * power(exponent)) ++exponent;
  }
  if (amax > 0 && mode == "even") {
    // This is half a step of the element at amax's binade; all FP32 numbers below 2^-125 have one step.
    const int binade = std::max(floor_log2(amax), -126);
    const Rational raised = amax + power(binade - 1 - element.mantissa_bits);
    exponent = (raised < power(-126) ? -127 : floor_log2(raised)) - element.emax;
  }
  Block block;
  block.scale = static_cast<unsigned>(std::clamp(exponent, -127, 127) + 127);
  for (const float weight : weights) {
    const Rational ratio = abs(exact(weight)) * power(127 - static_cast<int>(block.scale));
    block.codes.push_back(with_sign(element, nearest(element.magnitudes, ratio), weight));
  }
  return block;
}

struct Recipe {
  std::string name = "division";  ///< or "reciprocal", "clamp"
  bool encode = false;            ///< whether the tensor number divides
  bool tensor = true;
  int largest = 448;
};

inline float tensor_scale(float amax, const Element& element, const Recipe& recipe) {
  if (amax == 0 || !recipe.tensor) return 1;
  const Rational factor = element.magnitudes.back() * recipe.largest;
  if (!recipe.encode) return std::max(fp32(exact(amax) / factor), std::numeric_limits<float>::denorm_min());
  return std::min(fp32(factor / exact(amax)), std::numeric_limits<float>::max());
}

inline float raw_scale(float amax, const Rational& largest, float global, const Recipe& recipe) {
  if (amax == 0) return 0;
  if (recipe.name == "reciprocal") {
    const float first = fp32(exact(amax) * exact(fp32(1 / largest)));
    const float factor = recipe.encode ? global : fp32(1 / exact(global));
    return fp32(std::isinf(factor) ? Rational(exact(first) / exact(global)) : Rational(exact(first) * exact(factor)));
  }
  const Rational first = exact(fp32(exact(amax) / largest));
  return fp32(recipe.encode ? Rational(first * exact(global)) : Rational(first / exact(global)));
}

inline float effective(const Rational& stored, float global, const Recipe& recipe) {
  return fp32(recipe.encode ? Rational(stored / exact(global)) : Rational(stored * exact(global)));
}

inline unsigned stored_scale(std::span<const Rational> codebook, float raw) {
  return std::isinf(raw) ? static_cast<unsigned>(codebook.size() - 1) : nearest(codebook, exact(raw));
}

inline float fp32_ratio(float weight, float scale, const Recipe& recipe) {
  if (scale == 0) return 0;
  const Rational magnitude = abs(exact(weight));
  const float inverse = fp32(1 / exact(scale));
  if (recipe.name == "reciprocal" && !std::isinf(inverse)) return fp32(magnitude * exact(inverse));
  return fp32(magnitude / exact(scale));
}

inline std::vector<unsigned> recipe_codes(std::span<const float> weights, const Element& element, float scale,
                                          const Recipe& recipe) {
  std::vector<unsigned> codes;
  for (const float weight : weights) {
    const float ratio = fp32_ratio(weight, scale, recipe);
    const unsigned code = std::isinf(ratio) ? static_cast<unsigned>(element.magnitudes.size() - 1)
                                            : nearest(element.magnitudes, exact(ratio));
    codes.push_back(with_sign(element, code, weight));
  }
  return codes;
}

/// NVFP4 and its kin by arXiv 2509.25149, appendix B, in FP32 operations.
inline Block tensor_block(std::span<const float> weights, const Element& element, std::span<const Rational> scales,
                          float global, const Recipe& recipe) {
  float raw = raw_scale(magnitude_of(weights), element.magnitudes.back(), global, recipe);
  if (recipe.name == "clamp") raw = std::clamp(raw, 0x1p-9F, 448.0F);
  Block block;
  block.scale = stored_scale(scales, raw);
  block.codes = recipe_codes(weights, element, effective(scales[block.scale], global, recipe), recipe);
  return block;
}

/// Returns the squared error of what the decoder makes of the codes, which is FP32 roundings of level times scale.
inline Rational squared_error(std::span<const float> weights, const std::vector<Rational>& levels,
                              const std::vector<unsigned>& codes, float scale) {
  Rational sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Rational& level = levels[codes[i]];
    const Rational magnitude = exact(fp32(abs(level) * exact(scale)));
    const Rational difference = exact(weights[i]) - (level < 0 ? Rational(-magnitude) : magnitude);
    sum += difference * difference;
  }
  return sum;
}

inline std::vector<Rational> both_signs(const Element& element) {
  std::vector<Rational> levels = element.magnitudes;
  for (const auto& magnitude : element.magnitudes) levels.push_back(-magnitude);
  return levels;
}

/// The rule of arXiv 2512.02010.
inline Block four_over_six(std::span<const float> weights, const Element& e2m1, std::span<const Rational> scales,
                           float global) {
  const Recipe recipe{"division", false, true, 256};
  const float raw = raw_scale(magnitude_of(weights), 6, global, recipe);
  const unsigned six = stored_scale(scales, raw);
  const unsigned four = stored_scale(scales, fp32(exact(raw) * Rational(3, 2)));
  const auto block = [&](unsigned scale) {
    return Block{scale, 0, recipe_codes(weights, e2m1, effective(scales[scale], global, recipe), recipe)};
  };
  const auto error = [&](const Block& of) {
    return squared_error(weights, both_signs(e2m1), of.codes, effective(scales[of.scale], global, recipe));
  };
  const Block first = block(six);
  const Block second = block(four);
  return error(second) < error(first) ? second : first;
}

/// The rule of arXiv 2501.04052 for weights: E2M1 whose code 8 is a special value.
inline Block razer(std::span<const float> weights, const Element& e2m1, std::span<const Rational> scales,
                   float global) {
  const Recipe recipe{"division", false, true, 28};
  const std::vector<int> specials{5, -5, 8, -8};
  Block best;
  Rational least = -1;
  for (unsigned s = 0; s < 4; ++s) {
    const float raw = raw_scale(magnitude_of(weights), s < 2 ? 6 : 8, global, recipe);
    Block block;
    block.selector = s;
    block.scale = stored_scale(scales, std::clamp(raw, 0x1p-5F, 28.0F));
    const float step = effective(scales[block.scale], global, recipe);
    auto levels = both_signs(e2m1);
    levels[8] = specials[s];
    for (const float weight : weights) {
      const Rational ratio = exact(weight) / exact(step);
      unsigned code = 0;
      for (unsigned other = 1; other < 16; ++other) {
        const Rational gap = abs(levels[other] - ratio);
        const Rational present = abs(levels[code] - ratio);
        // At a tie the even code is taken. Two even codes meet where a special value is the neighbour of ±4, and then
        // the upper one wins.
        const bool even = other % 2 == 0 && (code % 2 != 0 || levels[other] > levels[code]);
        if (gap < present || (gap == present && even)) code = other;
      }
      block.codes.push_back(code);
    }
    const Rational error = squared_error(weights, levels, block.codes, step);
    if (least >= 0 && error >= least) continue;
    least = error;
    best = block;
  }
  return best;
}

}  // namespace subbyte::quant::microscaling
