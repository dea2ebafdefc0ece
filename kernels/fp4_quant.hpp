// fp4_quant turns a block of FP16 or BF16 values into E2M1 codes and a scale byte; every comparison is exact. The
// numbers are in kernels/ARITHMETIC.md, section 9; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

struct Fp4QuantParams {
  unsigned block = 16;
  bool bf16 = false;

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static Fp4QuantParams of(const Parameters& parameters);
};

/// Says how a block's scale is chosen. These are the values of the mode register.
enum class Fp4Mode : std::uint8_t { kFloor, kCeil, kEven, kNvfp4 };

/// The registers that the configuration port writes, with their values after reset.
struct Fp4QuantConfig {
  Fp4Mode mode = Fp4Mode::kFloor;
  std::uint32_t enc = 0x3E2AAAAB;  ///< FP32; amax times it is rounded to the stored scale (kNvfp4)
  std::uint32_t dec = 0x3F800000;  ///< FP32; a stored scale is worth this many times its value (kNvfp4)
};

/// Makes one write through the configuration port; other addresses are ignored.
void configure(Fp4QuantConfig& config, ConfigWrite write);
/// Returns what a sequence of writes after reset leaves.
Fp4QuantConfig fp4_quant_config_of(const std::vector<ConfigWrite>& writes);

/// The largest magnitude of a block as a pattern, which is meaningless when nonfinite is set.
struct Fp4Amax {
  std::uint16_t pattern = 0;
  bool nonfinite = false;
};
Fp4Amax fp4_amax(std::span<const std::uint16_t> values, bool bf16);

/// The stored scale. When it is NaN, all codes are 0.
struct Fp4BlockScale {
  std::uint8_t byte = 0;
  bool nan = false;
};
Fp4BlockScale fp4_block_scale(const Fp4QuantConfig& config, Fp4Amax amax, bool bf16);

/// What codes are relative to: significand * 2^exponent, which is exact.
struct Fp4Divisor {
  std::uint32_t significand = 0;
  int exponent = 0;
};
Fp4Divisor fp4_divisor(const Fp4QuantConfig& config, Fp4BlockScale scale);

/// Returns the code of one finite value.
unsigned fp4_code(std::uint16_t value, Fp4Divisor divisor, bool bf16);

Trace fp4_quant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus fp4_quant_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo fp4_quant_info();

}  // namespace subbyte::kernels
