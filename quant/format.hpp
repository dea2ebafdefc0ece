// Format = Alphabet x Scaling x Constraint x Layout, as data. Adding a format is adding a row to the table in formats.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "quant/alphabet.hpp"

namespace subbyte::quant {

/// A format name that cannot be read; the text names what was expected and the nearest name.
struct FormatError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Number format of a stored group scale.
enum class ScaleFormat : std::uint8_t {
  kFp16,            ///< IEEE binary16, one per group
  kU8BelowChannel,  ///< u8 in 1..255 per group below one FP32 scale per row (VS-Quant; HPCA'25 Table V)
};

/// Arithmetic of the quantizer.
enum class Arithmetic : std::uint8_t {
  kExact,  ///< FP32 weights, exact comparisons, exact squared errors (default)
  kFp16,   ///< the reference's FP16 operations one by one (HPCA'25 artifact), weights rounded to FP16 first
};

enum class TieRule : std::uint8_t { kToLower, kToEven };

struct Scaling {
  std::size_t group = 128;  ///< elements per group along the input dimension; the last group of a row may be shorter
  ScaleFormat stored = ScaleFormat::kFp16;
  bool zero_point = false;
};

/// A canonical format. Value type; everything a quantizer, a packer, a decoder or a term encoder needs to know.
struct Format {
  std::string name;  ///< row name, for example "bitmod-fp4"
  std::string source;
  Alphabet alphabet;
  Scaling scaling;
  TieRule ties = TieRule::kToEven;
  Arithmetic arithmetic = Arithmetic::kExact;

  /// Canonical id, for example "bitmod-fp4:g128:scale=u8"; parse_format(id()) gives an equal format.
  std::string id() const;
  /// Bits per weight the papers quote: codes, scale and selector or zero point (8 bits in HPCA'25, though its values
  /// need only the bits of a code) per full group; no padding, no channel scale.
  double nominal_bits_per_weight() const;
  unsigned selector_bits() const { return alphabet.selectors() > 1 ? 2 : 0; }
  std::size_t groups(std::size_t cols) const { return (cols + scaling.group - 1) / scaling.group; }
};

/// Reads NAME[:gN][:key=value...]; keys: arith=exact|fp16, scale=fp16|u8. Throws FormatError.
Format parse_format(std::string_view id);

/// One row of the table, for listings and for tests that run over every format.
struct FormatRow {
  std::string name;
  std::string summary;
  std::string source;
  Format format;  ///< at its default group
};
const std::vector<FormatRow>& format_table();

}  // namespace subbyte::quant
