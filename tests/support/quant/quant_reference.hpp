// A slow quantizer in exact rationals, written from the rules and not from the code. It is the referee of the
// quantizer's tests.
#pragma once

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"

namespace subbyte::quant::reference {

using Rational = boost::multiprecision::cpp_rational;
using Integer = boost::multiprecision::cpp_int;

inline Rational exact(double value) {
  int exponent = 0;
  const auto significand = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  const Integer power = Integer{1} << std::abs(exponent - 53);
  return exponent >= 53 ? Rational(significand * power) : Rational(significand, power);
}

inline Rational half_value(unsigned bits) {
  const int field = static_cast<int>(bits >> 10 & 31);
  const int fraction = static_cast<int>(bits & 1023);
  const double magnitude = field == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, field - 25);
  return exact((bits & 0x8000) != 0 ? -magnitude : magnitude);
}

/// Returns every magnitude of FP16, with 65536 for infinity.
inline const std::vector<Rational>& half_magnitudes() {
  static const std::vector<Rational> magnitudes = [] {
    std::vector<Rational> all;
    for (unsigned bits = 0; bits <= 0x7C00; ++bits) all.push_back(half_value(bits));
    return all;
  }();
  return magnitudes;
}

/// Returns FP16 bits: a guess in double is moved until the neighbours enclose the value. 0x7C00 (read as 65536) stands
/// for overflow.
inline unsigned half_bits(const Rational& value) {
  const Rational magnitude = abs(value);
  const auto& all = half_magnitudes();
  if (magnitude >= all.back()) return 0x7C00U | (value < 0 ? 0x8000U : 0U);
  const auto guess = static_cast<double>(magnitude);
  const int exponent = std::max(guess > 0 ? std::ilogb(guess) : -15, -15);
  const double fraction = std::ldexp(guess, 10 - std::max(exponent, -14)) - (exponent >= -14 ? 1024 : 0);
  auto low = static_cast<unsigned>(std::clamp(1024 * (exponent + 15) + fraction, 0.0, 31743.0));
  while (low > 0 && all[low] > magnitude) --low;
  while (all[low + 1] <= magnitude) ++low;
  const Rational middle = (all[low] + all[low + 1]) / 2;
  const bool up = magnitude > middle || (magnitude == middle && low % 2 == 1);
  return (up ? low + 1 : low) | (value < 0 ? 0x8000U : 0U);
}

inline Rational half(const Rational& value) { return half_value(half_bits(value)); }

inline Integer floor_of(const Rational& value) {
  const Integer n = numerator(value);
  const Integer d = denominator(value);
  Integer quotient = n / d;
  return n < 0 && quotient * d != n ? quotient - 1 : quotient;
}

inline Integer round_to_even(const Rational& value) {
  const Integer below = floor_of(value);
  const Rational rest = value - Rational(below);
  const bool up = rest > Rational(1, 2) || (rest == Rational(1, 2) && below % 2 != 0);
  return up ? below + 1 : below;
}

inline int clamped(const Integer& value, int low, int high) {
  return value < low ? low : value > high ? high : value.convert_to<int>();
}

/// Returns the FP32 RNE.
inline float to_float(const Rational& value) {
  auto guess = static_cast<float>(value);
  for (const float other : {std::nextafter(guess, -INFINITY), std::nextafter(guess, INFINITY)}) {
    const Rational distance = abs(exact(guess) - value);
    const Rational of_other = abs(exact(other) - value);
    const bool even = (std::bit_cast<std::uint32_t>(other) & 1) == 0;
    if (of_other < distance || (of_other == distance && even)) guess = other;
  }
  return guess;
}

/// Returns the levels that a selector offers, without asking for their order or codes.
inline std::vector<int> levels(const Format& format, unsigned selector) {
  std::vector<int> found;
  for (unsigned code = 0; code < format.alphabet.numerators.size(); ++code) {
    if (format.alphabet.emitted(code)) found.push_back(static_cast<int>(format.alphabet.numerator(code, selector)));
  }
  return found;
}

inline bool is_integer(const Format& format) { return format.alphabet.kind != CodeKind::kSignMagnitude; }

/// Returns the level nearest to ratio = w / scale. A tie goes to the lower level, or to the even one.
inline int nearest(const std::vector<int>& offered, const Rational& ratio, TieRule ties) {
  if (offered.size() > 16) {
    const int high = static_cast<int>(offered.size() / 2);  // only the integers have so many
    return clamped(round_to_even(ratio), -high, high);
  }
  int best = offered.front();
  for (const int level : offered) {
    const Rational distance = abs(level - ratio);
    const Rational of_best = abs(best - ratio);
    const bool wins_tie = ties == TieRule::kToLower ? level < best : level % 2 == 0 && best % 2 != 0;
    if (distance < of_best || (distance == of_best && wins_tie)) best = level;
  }
  return best;
}

struct Group {
  unsigned scale_bits = 0;
  unsigned selector = 0;
  unsigned zero = 0;
  std::vector<int> levels;  ///< numerators, zero point subtracted
  bool overflow = false;    ///< the FP16 scale overflows
};

inline Rational min_scale() { return half(Rational(1, 100000)); }

/// Returns the codes of a group under a given scale and selector.
inline void encode(Group& group, std::span<const float> weights, const Format& format, const Rational& scale) {
  group.levels.clear();
  if (format.scaling.zero_point) {
    Rational least = exact(weights.front());
    for (const float weight : weights) least = std::min(least, exact(weight));
    const int high = (1 << format.alphabet.code_bits) - 1;
    group.zero = static_cast<unsigned>(clamped(round_to_even(-least / scale), 0, high));
    for (const float weight : weights) {
      const int zero = static_cast<int>(group.zero);
      group.levels.push_back(clamped(round_to_even(exact(weight) / scale) + zero, 0, high) - zero);
    }
    return;
  }
  const auto offered = levels(format, group.selector);
  for (const float weight : weights) group.levels.push_back(nearest(offered, exact(weight) / scale, format.ties));
}

/// Returns the FP16 bits of the first-level scale of a selector, with the lower limit applied.
inline unsigned first_scale(std::span<const float> weights, const Format& format, unsigned selector) {
  Rational low = exact(weights.front());
  Rational high = low;
  for (const float weight : weights) {
    low = std::min(low, exact(weight));
    high = std::max(high, exact(weight));
  }
  Rational ratio = (high - low) / ((1 << format.alphabet.code_bits) - 1);
  if (!format.scaling.zero_point) {
    int largest = 0;
    for (const int level : levels(format, selector)) largest = std::max(largest, std::abs(level));
    ratio = std::max<Rational>(abs(low), abs(high)) / largest;
  }
  return std::max(half_bits(ratio), half_bits(min_scale()));
}

/// Quantizes by exact arithmetic with an FP16 scale.
inline Group quantize_group(std::span<const float> weights, const Format& format) {
  Group best;
  Rational least = -1;
  for (unsigned selector = 0; selector < format.alphabet.selectors(); ++selector) {
    Group group;
    group.selector = selector;
    group.scale_bits = first_scale(weights, format, selector);
    const Rational scale = half_value(group.scale_bits);
    if (group.scale_bits >= 0x7C00) return {group.scale_bits, selector, 0, {}, true};
    encode(group, weights, format, scale);
    Rational error = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Rational difference = exact(weights[i]) - group.levels[i] * scale;
      error += difference * difference;
    }
    if (least >= 0 && error >= least) continue;
    least = error;
    best = group;
  }
  return best;
}

/// Does the reference's FP16 operations one by one.
inline Group quantize_group_fp16(std::span<const float> weights, const Format& format) {
  std::vector<Rational> w;
  for (const float weight : weights) w.push_back(half(exact(weight)));
  const auto limited = [](const Rational& s) { return std::clamp<Rational>(s, min_scale(), half(10000)); };
  if (format.scaling.zero_point) {
    const int high = (1 << format.alphabet.code_bits) - 1;
    const auto [low, top] = std::ranges::minmax(w);
    const Rational scale = limited(half(half(top - low) / high));
    const int zero = clamped(round_to_even(half(-low / scale)), 0, high);
    Group group{half_bits(scale), 0, static_cast<unsigned>(zero), {}, false};
    for (const auto& x : w) {
      group.levels.push_back(clamped(round_to_even(half(x / scale)) + zero, 0, high) - zero);
    }
    return group;
  }
  Group best;
  best.levels.assign(w.size(), 0);
  Rational least = format.alphabet.selectors() > 1 ? 1000 : 1 << 30;  // only a comparison of types has a limit
  for (unsigned selector = 0; selector < format.alphabet.selectors(); ++selector) {
    const auto offered = levels(format, selector);
    Rational largest = 0;
    for (const auto& x : w) largest = std::max<Rational>(largest, abs(x));
    const int qmax = std::max(-*std::ranges::min_element(offered), *std::ranges::max_element(offered));
    const Rational scale = limited(half(largest / qmax));
    Group group{half_bits(scale), selector, 0, {}, false};
    Rational sum = 0;
    for (const auto& x : w) {
      group.levels.push_back(nearest(offered, half(x / scale), format.ties));
      const Rational difference = half(half(group.levels.back() * scale) - x);
      sum += half(difference * difference);
    }
    const Rational error = half(half(sum) / static_cast<int>(w.size()));
    if (selector == 0) best.scale_bits = group.scale_bits;
    if (error < least) {
      least = error;
      best = group;
    }
  }
  return best;
}

struct Row {
  std::vector<Group> groups;
  std::vector<unsigned> stored_scales;
  Rational channel_scale = 1;
};

inline Row quantize_row(std::span<const float> weights, const Format& format) {
  Row row;
  Rational largest = min_scale();
  const std::size_t size = format.scaling.group;
  std::vector<std::span<const float>> parts;
  for (std::size_t begin = 0; begin < weights.size(); begin += size) {
    parts.push_back(weights.subspan(begin, std::min(size, weights.size() - begin)));
    const bool compatible = format.arithmetic == Arithmetic::kFp16;
    row.groups.push_back(compatible ? quantize_group_fp16(parts.back(), format) : quantize_group(parts.back(), format));
    largest = std::max<Rational>(largest, half_value(row.groups.back().scale_bits));
    row.stored_scales.push_back(row.groups.back().scale_bits);
  }
  if (format.scaling.stored == ScaleFormat::kFp16) return row;
  row.channel_scale = exact(to_float(largest / 255));
  for (std::size_t g = 0; g < parts.size(); ++g) {
    const Rational ratio = half_value(row.groups[g].scale_bits) / row.channel_scale;
    row.stored_scales[g] = static_cast<unsigned>(clamped(round_to_even(ratio), 1, 255));
    if (format.arithmetic == Arithmetic::kFp16) continue;
    encode(row.groups[g], parts[g], format, row.stored_scales[g] * row.channel_scale);
  }
  return row;
}

/// Returns what decode_row must give.
inline float decoded(const Row& row, const Format& format, std::size_t group, int level) {
  const bool below_channel = format.scaling.stored == ScaleFormat::kU8BelowChannel;
  if (below_channel) return to_float(Rational(level) * row.stored_scales[group] * row.channel_scale);
  const Rational product = level * half_value(row.stored_scales[group]);
  return to_float(format.arithmetic == Arithmetic::kFp16 ? half(product) : product);
}

}  // namespace subbyte::quant::reference
