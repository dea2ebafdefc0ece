// Says how a code of a format stands in a beat.
#pragma once

#include <cstdint>

#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// Returns the 8-bit code field of a beat for a raw code of the format. Two's complement codes are sign-extended.
inline std::uint8_t code_field(const quant::Format& format, unsigned raw_code) {
  const unsigned sign = 1U << (format.alphabet.code_bits - 1);
  const bool extend = format.alphabet.kind == quant::CodeKind::kTwosComplement;
  return static_cast<std::uint8_t>(extend ? (raw_code ^ sign) - sign : raw_code);
}

}  // namespace subbyte::kernels
