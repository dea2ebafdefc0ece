// What kernels/ARITHMETIC.md 10 says of block dot products, by value. Elements and scales are decoded by quant/ into
// doubles, sums are in 128-bit integers, one conversion to float is by the compiler's library (IEEE, nearest even), and
// accumulation is in the host's floats.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "kernels/parts/block_dot.hpp"
#include "quant/base/minifloat.hpp"
#include "quant/formats/scale_format.hpp"

namespace subbyte {

__extension__ typedef __float128 Quad;

inline constexpr int kExactUnit = 32;  // every product of elements is a multiple of 2^-32

inline std::uint32_t pattern_of(float value) {
  return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(value);
}

/// Returns the value of an element, of which 0..5 are as in mx_dot and 6 is INT4.
inline double element_value(unsigned element, unsigned code) {
  using quant::Minifloat;
  using quant::MinifloatFlavour;
  switch (element) {
    case 0:
      return Minifloat{2, 1, 1, MinifloatFlavour::kFinite}.decode(code);
    case 1:
      return Minifloat{2, 3, 1, MinifloatFlavour::kFinite}.decode(code);
    case 2:
      return Minifloat{3, 2, 3, MinifloatFlavour::kFinite}.decode(code);
    case 3:
      return Minifloat{4, 3, 7, MinifloatFlavour::kNanOnly}.decode(code);
    case 4:
      return Minifloat{5, 2, 15, MinifloatFlavour::kIeee}.decode(code);
    case 5:
      return static_cast<std::int8_t>(code) / 64.0;
    case 6:
      return static_cast<int>(code) - (code < 8 ? 0 : 16);
    default:
      throw std::logic_error("no such element");
  }
}

/// Returns {exponent bits, fraction bits, bias} of the minifloats.
struct Fields {
  int exponent, fraction, bias;
};
inline Fields element_fields(unsigned element) {
  static constexpr Fields kFields[] = {{2, 1, 1}, {2, 3, 1}, {3, 2, 3}, {4, 3, 7}, {5, 2, 15}};
  return kFields[element];
}

/// The sum in units of 2^-32, or of 2^unit with a window; or it is NaN or infinite.
struct ReferenceSum {
  kernels::Int128 units = 0;
  int unit = -kExactUnit;
  double special = 0;  ///< NaN or an infinity, else 0
};

inline ReferenceSum reference_sum(unsigned element, unsigned window, std::span<const std::uint8_t> a,
                                  std::span<const std::uint8_t> b) {
  ReferenceSum sum;
  std::vector<double> products(a.size());
  std::vector<int> exponents(a.size());
  int largest = std::numeric_limits<int>::min();
  const bool windowed = window != 0 && element < 5;
  for (std::size_t i = 0; i < a.size(); ++i) {
    products[i] = element_value(element, a[i]) * element_value(element, b[i]);
    if (!std::isfinite(products[i])) sum.special = sum.special + products[i];  // NaN, Inf - Inf
    if (!windowed) continue;
    const Fields fields = element_fields(element);
    const auto exponent = [&](unsigned code) {
      return std::max<int>(1, code >> fields.fraction & ((1U << fields.exponent) - 1)) - fields.bias - fields.fraction;
    };
    exponents[i] = exponent(a[i]) + exponent(b[i]);
    if (products[i] != 0) largest = std::max(largest, exponents[i]);
  }
  if (sum.special != 0 || std::isnan(sum.special)) return sum;
  if (windowed && largest != std::numeric_limits<int>::min()) {
    sum.unit = largest - static_cast<int>(window) + 2 * (element_fields(element).fraction + 1);
  }
  for (const double product : products) {
    const double units = std::ldexp(product, -sum.unit);
    sum.units += static_cast<kernels::Int128>(windowed ? std::trunc(units) : units);
  }
  return sum;
}

/// Returns a block's value as mx_dot adds it.
inline float reference_mx_value(unsigned element, unsigned window, std::span<const std::uint8_t> a,
                                std::span<const std::uint8_t> b, std::uint8_t scale_a, std::uint8_t scale_b) {
  if (scale_a == 255 || scale_b == 255) return std::numeric_limits<float>::quiet_NaN();
  const ReferenceSum sum = reference_sum(element, window, a, b);
  if (sum.special != 0 || std::isnan(sum.special)) return static_cast<float>(sum.special);
  Quad value = static_cast<Quad>(sum.units);
  int power = sum.unit + scale_a + scale_b - 254;
  for (; power > 0; --power) value *= 2;
  for (; power < 0; ++power) value /= 2;
  return static_cast<float>(value);
}

/// Returns a block's value as nvfp4_dot adds it, which is exact in double.
inline double reference_nv_value(bool integers, std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                                 std::uint8_t scale_a, std::uint8_t scale_b) {
  const auto scale = [](std::uint8_t byte) {
    return quant::scale_info(quant::ScaleFormat::kUe4m3).decode(byte & 0x7FU);
  };
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += element_value(integers ? 6 : 0, a[i]) * element_value(integers ? 6 : 0, b[i]);
  }
  return sum * scale(scale_a) * scale(scale_b);
}

}  // namespace subbyte
