// fp4_dequant turns four-bit minifloat codes under a one-byte block scale into FP16 or BF16, with one rounding per
// value. The numbers are in kernels/ARITHMETIC.md, section 9; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/fp4_program.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {

struct Fp4DequantParams {
  unsigned lanes = 16;
  bool bf16 = false;
  bool tensor_scale = true;

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static Fp4DequantParams of(const Parameters& parameters);
};

/// A level is ±half_units/2, -0 included.
struct Fp4Level {
  bool negative = false;
  unsigned half_units = 0;  ///< 0..31
  bool operator==(const Fp4Level&) const = default;
};

/// The registers that the configuration port writes, with their values after reset.
struct Fp4DequantConfig {
  Fp4Scale scale_format = Fp4Scale::kUe4m3;
  bool remap = false;
  bool scale_selector = false;
  unsigned special_code = 0;
  std::uint32_t tensor_scale = 0x3F800000;  ///< FP32
  std::array<Fp4Level, 4> special{};
};

/// Makes one write through the configuration port; other addresses are ignored.
void configure(Fp4DequantConfig& config, ConfigWrite write);
/// Returns what a sequence of writes after reset leaves.
Fp4DequantConfig fp4_config_of(const std::vector<ConfigWrite>& writes);

/// The multiplier m as an FP32 pattern whose sign is 0: a level is multiplied by it. Any NaN or infinity means NaN
/// lanes.
std::uint32_t fp4_scale(const Fp4DequantParams& params, const Fp4DequantConfig& config, unsigned scale);
/// Returns the level of a code (4 bits) beside its scale byte and selector field (2 bits).
Fp4Level fp4_level(const Fp4DequantConfig& config, unsigned code, unsigned scale, unsigned selector);
/// Returns the FP16 or BF16 pattern of level times m.
std::uint16_t fp4_value(Fp4Level level, std::uint32_t m, bool bf16);
/// Returns fp4_value() of fp4_level() and fp4_scale().
std::uint16_t fp4_dequantize(const Fp4DequantParams& params, const Fp4DequantConfig& config, unsigned code,
                             unsigned scale, unsigned selector);

/// Draws the configuration writes of a random stimulus that runs `format` (fp4_program.hpp) under a drawn tensor scale.
/// `illegal` adds programs that no format has, and writes that must be ignored.
std::vector<ConfigWrite> fp4_random_config(const quant::Format& format, std::uint64_t seed, bool illegal);
/// Draws a scale byte: one that a quantizer stores, which as a rule has a size that leaves values in FP16, or any byte
/// when `illegal` is set.
std::uint8_t fp4_random_scale(Random& random, Fp4Scale format, bool illegal);

Trace fp4_dequant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus fp4_dequant_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo fp4_dequant_info();

}  // namespace subbyte::kernels
