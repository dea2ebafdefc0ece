// Computes Y of a layer apart from the project's kernels: group sums in __int128 and FP32 steps on bits, as
// kernels/ARITHMETIC.md sections 2 to 4 say for the exact mode. Tests share it; inputs must be finite.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::test {

__extension__ typedef __int128 Wide;

// Returns magnitude * 2^exponent, rounded to nearest even by comparing what is cut off with one half.
inline std::uint32_t round_fp32(bool negative, Wide magnitude, int exponent) {
  const std::uint32_t sign = negative ? 0x80000000U : 0;
  if (magnitude == 0) return sign;
  int length = 0;
  for (Wide m = magnitude; m != 0; m >>= 1) ++length;
  // The weight of the lowest bit of the result leaves 24 significant bits, or is 2^-149 for subnormals.
  int lowest = exponent + length - 24;
  if (lowest < -149) lowest = -149;
  const int cut = lowest - exponent;
  Wide kept = magnitude;
  if (cut > 126) {
    kept = 0;
  } else if (cut > 0) {
    kept = magnitude >> cut;
    const Wide rest = magnitude - (kept << cut);
    const Wide half = Wide{1} << (cut - 1);
    if (rest > half || (rest == half && (kept & 1) != 0)) ++kept;
  } else {
    kept = magnitude << -cut;
  }
  if (kept == Wide{1} << 24) {
    kept >>= 1;
    ++lowest;
  }
  if (kept < Wide{1} << 23) return sign | static_cast<std::uint32_t>(kept);
  const int biased = lowest + 150;
  if (biased >= 255) return sign | 0x7F800000U;
  return sign | static_cast<std::uint32_t>(biased) << 23 | (static_cast<std::uint32_t>(kept) & 0x7FFFFFU);
}

struct Fp32Parts {
  bool negative;
  std::int64_t magnitude;
  int exponent;
};

inline Fp32Parts parts_of(std::uint32_t bits) {
  const int field = static_cast<int>(bits >> 23 & 0xFF);
  if (field == 255) throw std::runtime_error("the reference takes finite values only");
  const std::int64_t fraction = bits & 0x7FFFFF;
  return {bits >> 31 != 0, field == 0 ? fraction : fraction | 1 << 23, (field == 0 ? 1 : field) - 150};
}

inline std::uint32_t add_fp32(std::uint32_t x, std::uint32_t y) {
  Fp32Parts a = parts_of(x);
  Fp32Parts b = parts_of(y);
  if (a.magnitude == 0 && b.magnitude == 0) return a.negative && b.negative ? 0x80000000U : 0;
  if (b.magnitude != 0 && (a.magnitude == 0 || b.exponent > a.exponent)) std::swap(a, b);
  // 60 bits below the larger operand decide every rounding, and an operand wholly below them is as good as any tiny
  // value.
  const int distance = b.magnitude == 0 ? 0 : a.exponent - b.exponent;
  const int raised = distance > 60 ? 60 : distance;
  Wide sum = Wide{a.magnitude} << raised;
  Wide other = distance > 60 ? (b.magnitude != 0 ? 1 : 0) : Wide{b.magnitude};
  sum = (a.negative ? -sum : sum) + (b.negative ? -other : other);
  if (sum == 0) return 0;
  return round_fp32(sum < 0, sum < 0 ? -sum : sum, a.exponent - raised);
}

inline std::uint32_t multiply_fp32(std::uint32_t x, std::uint32_t y) {
  const Fp32Parts a = parts_of(x);
  const Fp32Parts b = parts_of(y);
  return round_fp32(a.negative != b.negative, Wide{a.magnitude} * b.magnitude, a.exponent + b.exponent);
}

// Returns FP16 as an integer multiple of 2^-24.
inline Wide half_in_units(std::uint16_t bits) {
  const int field = bits >> 10 & 0x1F;
  if (field == 31) throw std::runtime_error("the reference takes finite values only");
  const Wide magnitude = field == 0 ? Wide{bits & 0x3FF} : Wide{(bits & 0x3FF) | 0x400} << (field - 1);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

// A finite number is significand * 2^exponent.
struct Scaled {
  Wide significand = 0;
  int exponent = 0;
};

inline Scaled scaled(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {static_cast<std::int64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

// Returns what a group's levels are multiplied by before the row's own factor; a quotient by the tensor scale has no
// factor.
inline double group_scale(const quant::PackedTensor& w, std::size_t output, std::size_t group) {
  const bool quotient = w.format.scaling.tensor_scale == quant::TensorScale::kEncode;
  return quotient ? w.multiplier(output, group) : static_cast<double>(w.scale_value(output, group));
}

inline double row_factor(const quant::PackedTensor& w, std::size_t output) {
  if (w.format.scaling.tensor_scale == quant::TensorScale::kEncode) return 1;
  return static_cast<double>(w.channel_scale(output)) * static_cast<double>(w.tensor_scale);
}

// The result is in units of 2^-24.
inline Wide group_total(const quant::PackedTensor& w, std::size_t output, std::size_t group, const std::uint16_t* x) {
  Wide total = 0;
  const std::size_t first = group * w.format.scaling.group;
  for (std::size_t k = first; k < w.cols && k - first < w.format.scaling.group; ++k) {
    total += half_in_units(x[k]) *
             w.format.alphabet.numerator(w.code(output, k), w.selector(output, group), w.zero(output, group));
  }
  return total;
}

// A power of two between groups and row, wherever the design puts it, moves no rounding as long as the sums stay
// normal. Here it is that of the largest scale.
inline std::uint32_t exact_output(const quant::PackedTensor& w, std::size_t output, const std::uint16_t* x) {
  int top = 0;
  double largest = 0;
  for (std::size_t group = 0; group < w.groups(); ++group) largest = std::max(largest, group_scale(w, output, group));
  std::frexp(largest, &top);
  std::uint32_t sum = 0;
  for (std::size_t group = 0; group < w.groups(); ++group) {
    Scaled scale = scaled(group_scale(w, output, group));
    for (; scale.significand != 0 && scale.significand % 2 == 0; ++scale.exponent) scale.significand /= 2;
    const Wide product = group_total(w, output, group, x) * scale.significand;
    sum = add_fp32(sum, round_fp32(product < 0, product < 0 ? -product : product, scale.exponent - 24 - top));
  }
  const Fp32Parts total = parts_of(sum);
  const Scaled factor = scaled(row_factor(w, output));
  return round_fp32(total.negative, total.magnitude * factor.significand,
                    total.exponent + factor.exponent + top + w.format.alphabet.unit_exponent);
}

/// Returns FP32 bits [tokens][out].
inline std::vector<std::uint32_t> exact_layer(const quant::PackedTensor& w, const sim::ActivationView& x) {
  std::vector<std::uint32_t> y;
  for (std::size_t token = 0; token < x.tokens; ++token)
    for (std::size_t output = 0; output < w.rows; ++output)
      y.push_back(exact_output(w, output, x.values.data() + token * x.in));
  return y;
}

}  // namespace subbyte::test
