// The configuration that makes fp4_dequant decode a format, or the reason why none does. The numbers are in
// kernels/ARITHMETIC.md, section 9; addresses and the control word are in kernels/TIMING.md, fp4_dequant.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/contract/refusal.hpp"
#include "kernels/contract/stimulus.hpp"
#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// The scale bytes that fp4_dequant reads. The values are those of the control word's field.
enum class Fp4Scale : std::uint8_t { kE8m0 = 0, kUe4m3 = 1, kUe5m3 = 2 };

/// Codes cross as they are; selectors cross in the beat's field.
struct Fp4Program {
  Fp4Scale scale = Fp4Scale::kUe4m3;
  std::optional<unsigned> special_code;    ///< set when remapping is on
  std::array<std::uint8_t, 4> specials{};  ///< by selector: {negative, half units x5}
  /// A level of the format is the unit's q/2 times 2^level_exponent. The rest of the way to the decoded
  /// weight (this power of two, a tensor scale) belongs into the unit's tensor scale or behind the sums.
  int level_exponent = 0;
  quant::ScaleFormat stored = quant::ScaleFormat::kUe4m3;  ///< scale format of the format

  std::uint32_t control() const;
  /// Returns the writes to address 0 and 2..5: everything but the tensor scale (address 1).
  std::vector<ConfigWrite> writes() const;
  /// Returns the byte that is worth what a group's stored pattern is worth. That is the pattern itself, but UE3M3
  /// becomes UE4M3, and the reserved patterns of the IEEE UE5M3 become NaN. It is exact for all patterns.
  std::uint8_t scale_byte(std::uint32_t pattern) const;
};

/// Throws std::invalid_argument with the reason of fp4_unsupported().
Fp4Program fp4_program(const quant::Format& format);
/// Returns nothing when fp4_dequant can decode codes and scales of the format, or else why it cannot: the codes are not
/// E2M1's but for one remapped code, special values are no half units below 32, or scales are none of E8M0, UE4M3,
/// UE5M3 (and UE3M3).
std::optional<Refusal> fp4_unsupported(const quant::Format& format);

}  // namespace subbyte::kernels
