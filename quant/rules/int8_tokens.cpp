#include "quant/rules/int8_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace subbyte::quant {

Int8Token int8_token(std::span<const float> x) {
  float largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]))
      throw std::invalid_argument(fmt::format("input {} is {}, expected a finite number", i, x[i]));
    largest = std::max(largest, std::fabs(x[i]));
  }
  Int8Token token{largest / 127.0F, std::vector<std::int8_t>(x.size())};
  if (token.scale == 0) return token;
  for (std::size_t i = 0; i < x.size(); ++i) {
    // The quotient of two floats is never so near to a half that its rounding to double could decide a tie.
    const double quotient = double{x[i]} / double{token.scale};
    token.values[i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(quotient), -127.0, 127.0));
  }
  return token;
}

}  // namespace subbyte::quant
