// Formats that a user defines: what a definition may say, its checks, and the Format that it becomes. It is pure; the
// reader of the file is sim/config/format_file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::quant {

/// A definition has one of levels, minifloat and integer_bits; special values go with the first two.
struct UserAlphabet {
  std::vector<double> levels;  ///< by code
  std::optional<Minifloat> minifloat;
  unsigned integer_bits = 0;
  bool asymmetric = false;
  std::optional<unsigned> special_code;
  std::vector<double> special_values;  ///< the group chooses one of them as the level of special_code
};

/// `scaling.group` and `scaling.stored` as given. Zero point, planes and kind follow from the alphabet.
struct UserFormat {
  std::string name;
  std::string source;
  UserAlphabet alphabet;
  Scaling scaling;
  ScaleRule rule = ScaleRule::kAbsMax;  ///< kAbsMax, kMinMax, kPowerFloor, kPowerCeil, kPowerEven or kTensorBlock
  CodeLayout layout = CodeLayout::kDense;
  TieRule ties = TieRule::kToEven;
};

/// What is wrong with a definition, where ("name", "alphabet.levels", "scaling.rule", ...), and what was expected.
struct DefinitionProblem {
  std::string where;
  std::string text;  ///< "is 3, expected ..."
  /// Keys from whose values it follows. A reader that could not read one of them leaves the problem out.
  std::vector<std::string> follows_from{};
};

/// Returns every problem of the definition. A level that is no number (NaN) is one that could not be read. Where there
/// is none, user_format() succeeds. The limits are: levels have at most 24 significant bits and lie between 2^-64 and
/// 2^64, there are at most 256 of them, and all are different. Every border between two levels times every scale is
/// exact in double, so that codes are chosen exactly and decoding rounds once.
std::vector<DefinitionProblem> problems_of(const UserFormat& definition);

/// Returns the levels by code: those of the list, or of the minifloat. Codes that are no number are 0.
std::vector<double> levels_by_code(const UserAlphabet& alphabet);
/// Returns the exponent of the largest power of two of which all values are multiples, or 0 when all are 0.
int common_unit(std::span<const double> values);

/// Throws FormatError with the first problem.
Format user_format(const UserFormat& definition);

}  // namespace subbyte::quant
