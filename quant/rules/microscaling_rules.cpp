#include "quant/rules/microscaling_rules.hpp"

#include <algorithm>
#include <bit>

namespace subbyte::quant {
namespace {

constexpr int kE8m0Bias = 127;
constexpr std::uint64_t kFraction = (1ULL << 52) - 1;

/// Returns floor(log2) of a positive normal double, which every positive float is; it is very low for 0.
int exponent_of(double value) { return static_cast<int>(std::bit_cast<std::uint64_t>(value) >> 52) - 1023; }

std::uint64_t fraction_of(double value) { return std::bit_cast<std::uint64_t>(value) & kFraction; }

GroupChoice power(int exponent) { return {{static_cast<std::uint32_t>(std::clamp(exponent + kE8m0Bias, 0, 254))}, 0}; }

/// Returns the bits behind the point of the element's significands in its highest binade.
int mantissa_bits(const Codebook& book) {
  if (book.minifloat) return static_cast<int>(book.minifloat->mantissa_bits);
  const std::uint64_t fraction = fraction_of(book.divisor);
  return fraction == 0 ? 0 : 52 - std::countr_zero(fraction);
}

}  // namespace

GroupChoice choose_power_floor(const GroupView& group, const TensorContext& context) {
  return power(exponent_of(group.magnitude) - exponent_of(context.book.divisor));
}

GroupChoice choose_power_ceil(const GroupView& group, const TensorContext& context) {
  const double largest = context.book.divisor;
  const int above = fraction_of(group.magnitude) > fraction_of(largest) ? 1 : 0;
  return power(exponent_of(group.magnitude) - exponent_of(largest) + above);
}

GroupChoice choose_power_even(const GroupView& group, const TensorContext& context) {
  const std::uint32_t half_step = 1U << 22 >> mantissa_bits(context.book);
  const std::uint32_t rounded = std::bit_cast<std::uint32_t>(group.magnitude) + half_step;
  return power(static_cast<int>(rounded >> 23) - 127 - exponent_of(context.book.divisor));
}

}  // namespace subbyte::quant
