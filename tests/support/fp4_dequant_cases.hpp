// What fp4_dequant must give by kernels/ARITHMETIC.md 9, in doubles that are exact.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/fp4_dequant.hpp"
#include "tests/support/fp4_reference.hpp"

namespace subbyte {

inline constexpr double kFp4Levels[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};

inline double fp4_level_reference(unsigned code) {
  return (code & 8) != 0 ? -kFp4Levels[code & 7] : kFp4Levels[code & 7];
}

/// Returns what the page says the unit gives, and NaN where it gives NaN.
inline double expected_value(const kernels::Fp4DequantParams& p, unsigned format, std::uint32_t tensor, double level,
                             unsigned byte) {
  const double factor = std::abs(static_cast<double>(std::bit_cast<float>(tensor)));
  const double scale = fp4_scale_reference(format, byte);
  const auto m = static_cast<float>(p.tensor_scale ? scale * factor : scale);  // 28 bits before the rounding to FP32
  if (!std::isfinite(m)) return std::numeric_limits<double>::quiet_NaN();
  return nearest16(level * static_cast<double>(m), p.bf16);
}

inline void expect_value(std::uint16_t found, double expected, bool bf16) {
  if (std::isnan(expected)) {
    ASSERT_EQ(found, bf16 ? 0x7FC0 : 0x7E00);
  } else {
    ASSERT_EQ(value16(found, bf16), expected);
    ASSERT_EQ((found & 0x8000) != 0, std::signbit(expected));
  }
}

}  // namespace subbyte
