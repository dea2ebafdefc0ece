#include "quant/base/exact_sum.hpp"

#include <cmath>
#include <cstdint>
#include <stdexcept>

namespace subbyte::quant {
namespace {

struct Integer {
  std::int64_t significand = 0;
  int exponent = 0;
};

Integer decompose(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  if (!std::isfinite(value) || exponent < -200 || exponent > 200)
    throw std::out_of_range("ExactSum: a factor out of range");
  return {static_cast<std::int64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

}  // namespace

void ExactSum::add_product(double a, double b) {
  if (a == 0 || b == 0) return;
  const auto left = decompose(a);
  const auto right = decompose(b);
  const Wide product = static_cast<Wide>(left.significand) * right.significand;
  const int position = left.exponent + right.exponent - kLowest;
  const auto bin = static_cast<std::size_t>(position / 32);
  const int shift = position % 32;
  // It is added in two pieces, so that a bin keeps 30 bits of headroom.
  const Wide low = product & static_cast<Wide>(0xFFFFFFFFFFFFFFFFULL);
  const Wide high = product >> 64;
  bins_[bin] += low << shift;
  bins_[bin + 2] += high * (Wide{1} << shift);
}

int ExactSum::sign() const {
  Wide carry = 0;
  bool nonzero = false;
  for (const auto& bin : bins_) {
    const Wide value = bin + carry;
    nonzero = nonzero || (value & 0xFFFFFFFF) != 0;
    carry = value >> 32;
  }
  if (carry != 0) return carry < 0 ? -1 : 1;
  return nonzero ? 1 : 0;
}

}  // namespace subbyte::quant
