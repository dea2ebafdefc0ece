#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>

#include "quant/formats/user_format.hpp"

namespace subbyte::quant {
namespace {

constexpr std::size_t kMaxLevels = 256;
constexpr std::size_t kMaxSpecialValues = 16;
constexpr int kLevelBits = 24;  // of an FP32 number
constexpr int kDoubleBits = 53;
constexpr int kFloatBits = 24;
constexpr int kNumeratorBits = 61;
constexpr int kRange = 64;  // levels lie between 2^-64 and 2^64

using Problems = std::vector<DefinitionProblem>;

std::string text_of(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

int significant_bits(double value) {
  return value == 0 ? 0 : std::ilogb(value) - common_unit(std::span(&value, 1)) + 1;
}

/// Returns the bits of the significand that a level is multiplied by: that of a stored scale, with a tensor or channel
/// scale included.
int multiplier_bits(const Scaling& scaling) {
  constexpr std::array<int, 9> kBits{11, 8 + kFloatBits, kFloatBits, 8, 1, 4, 4, 4, 4};
  const int tensor = scaling.tensor_scale == TensorScale::kNone ? 0 : kFloatBits;
  return kBits.at(static_cast<std::size_t>(scaling.stored)) + tensor;
}

/// Returns the bits of the largest of them in that unit.
int span_bits(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest == 0 ? 0 : std::ilogb(largest) - common_unit(values) + 1;
}

void check_values(std::span<const double> values, const std::string& where, Problems& problems) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (std::isnan(value)) {
      problems.push_back({where, "[" + std::to_string(i) + "] is nan, expected a number", {where}});
      continue;
    }
    const bool in_range = value == 0 || (std::isfinite(value) && std::abs(std::ilogb(value)) <= kRange);
    const std::string at = "[" + std::to_string(i) + "] is " + text_of(value);
    if (!in_range) {
      problems.push_back({where, at + ", expected 0 or a number between 2^-64 and 2^64 in magnitude"});
    } else if (significant_bits(value) > kLevelBits) {
      problems.push_back({where, at + ", which needs " + std::to_string(significant_bits(value)) +
                                     " significant bits as a sum of powers of two, expected at most 24 (" +
                                     text_of(static_cast<float>(value)) + ", say)"});
    }
    const auto first = std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), value);
    if (first != values.begin() + static_cast<std::ptrdiff_t>(i)) {
      problems.push_back({where, at + ", the level of code " + std::to_string(first - values.begin()) +
                                     " already, expected different levels"});
    }
  }
}

void check_levels(const UserAlphabet& alphabet, Problems& problems) {
  const auto size = alphabet.levels.size();
  if (size < 2 || size > kMaxLevels) {
    problems.push_back(
        {"alphabet.levels", "has " + std::to_string(size) + " levels, expected 2..256", {"alphabet.levels"}});
    return;
  }
  check_values(alphabet.levels, "alphabet.levels", problems);
}

void check_minifloat(const UserAlphabet& alphabet, Problems& problems) {
  const Minifloat& layout = *alphabet.minifloat;
  const std::string where = "alphabet.minifloat";
  if (layout.exponent_bits > 7 || layout.mantissa_bits > 7 || layout.bits() < 2 || layout.bits() > 8) {
    problems.push_back({where, "has " + std::to_string(layout.bits()) +
                                   " bits, expected e0m1..e7m0: a sign and 1..7 bits of exponent and mantissa"});
    return;
  }
  if (layout.bias < -kRange || layout.bias > kRange) {
    problems.push_back({"alphabet.bias", "is " + std::to_string(layout.bias) + ", expected -64..64"});
  }
  if (layout.flavour == MinifloatFlavour::kIeee && layout.exponent_bits < 2) {
    problems.push_back(
        {"alphabet.flavour", "is ieee, expected at least two exponent bits, one value of which is reserved"});
  }
  if (layout.flavour == MinifloatFlavour::kNanOnly && layout.bits() < 3) {
    problems.push_back({"alphabet.flavour", "is nan, expected at least three bits"});
  }
  if (std::ilogb(layout.largest()) - layout.unit_exponent() > kNumeratorBits) {
    problems.push_back({where,
                        "has levels that span " +
                            std::to_string(std::ilogb(layout.largest()) - layout.unit_exponent() + 1) +
                            " bits from the lowest to the highest, expected at most 62",
                        {where, "alphabet.bias", "alphabet.flavour"}});
  }
  if (std::abs(std::ilogb(layout.largest())) > kRange || std::abs(layout.unit_exponent()) > kRange) {
    problems.push_back({where,
                        "has levels from 2^" + std::to_string(layout.unit_exponent()) + " to " +
                            text_of(layout.largest()) + ", expected levels between 2^-64 and 2^64",
                        {where, "alphabet.bias", "alphabet.flavour"}});
  }
}

void check_special(const UserAlphabet& alphabet, Problems& problems) {
  if (!alphabet.special_code) return;
  if (alphabet.integer_bits != 0) {
    problems.push_back({"alphabet.special", "is given for an integer, expected it beside levels or a minifloat"});
    return;
  }
  const std::size_t codes = alphabet.minifloat ? std::size_t{1} << alphabet.minifloat->bits()
                                               : std::bit_ceil(std::max<std::size_t>(2, alphabet.levels.size()));
  if (*alphabet.special_code >= codes) {
    problems.push_back({"alphabet.special.code",
                        "is " + std::to_string(*alphabet.special_code) + ", expected 0.." + std::to_string(codes - 1),
                        {"alphabet.special.code", "alphabet.levels", "alphabet.minifloat"}});
  }
  const auto size = alphabet.special_values.size();
  if (size < 1 || size > kMaxSpecialValues) {
    problems.push_back({"alphabet.special.values", "has " + std::to_string(size) + " values, expected 1..16"});
    return;
  }
  check_values(alphabet.special_values, "alphabet.special.values", problems);
}

void check_alphabet(const UserFormat& definition, Problems& problems) {
  const auto& alphabet = definition.alphabet;
  const int given =
      (alphabet.levels.empty() ? 0 : 1) + (alphabet.minifloat ? 1 : 0) + (alphabet.integer_bits != 0 ? 1 : 0);
  if (given != 1) {
    problems.push_back(
        {"alphabet", "has " + std::to_string(given) + " of levels, minifloat and integer, expected one", {"alphabet"}});
    return;
  }
  if (!alphabet.levels.empty()) check_levels(alphabet, problems);
  if (alphabet.minifloat) check_minifloat(alphabet, problems);
  if (alphabet.integer_bits != 0 && (alphabet.integer_bits < 2 || alphabet.integer_bits > 8)) {
    problems.push_back({"alphabet.integer", "is " + std::to_string(alphabet.integer_bits) + ", expected 2..8 bits"});
  }
  if (alphabet.integer_bits != 0 && definition.ties != TieRule::kToEven) {
    problems.push_back({"ties", "is lower, expected even: integers round to nearest even"});
  }
  check_special(alphabet, problems);
}

/// Checks exactness, once the levels themselves are good.
void check_widths(const UserFormat& definition, Problems& problems) {
  auto levels = levels_by_code(definition.alphabet);
  const auto& specials = definition.alphabet.special_values;
  levels.insert(levels.end(), specials.begin(), specials.end());
  if (levels.empty()) return;
  const std::string where = definition.alphabet.minifloat ? "alphabet.minifloat" : "alphabet.levels";
  const int bits = span_bits(levels);
  if (bits == 0) {
    problems.push_back({where, "has no level but 0, expected another", {where}});
    return;
  }
  // Special values are compared under the FP16 scale that u8 is made of, in FP32.
  const int compared =
      definition.scaling.stored == ScaleFormat::kU8BelowChannel ? 11 : multiplier_bits(definition.scaling);
  const int exact = kDoubleBits - 1 - multiplier_bits(definition.scaling);
  const int limit = specials.size() > 1 ? std::min(exact, kFloatBits - compared) : exact;
  const std::string stored(scale_info(definition.scaling.stored).name);
  const std::vector<std::string> unread{where, "scaling.stored", "scaling.tensor_scale"};
  if (limit < 1) {
    problems.push_back(
        {"scaling.stored", "is " + stored + ", expected a scale of at most 16 bits beside special values", unread});
  } else if (bits > limit && !(definition.alphabet.minifloat && specials.empty())) {
    problems.push_back({where,
                        "has levels that span " + std::to_string(bits) +
                            " bits from the lowest to the highest, expected at most " + std::to_string(limit) +
                            " under " + stored + " scales, or codes could not be chosen exactly",
                        unread});
  }
}

bool is_power_rule(ScaleRule rule) {
  return rule == ScaleRule::kPowerFloor || rule == ScaleRule::kPowerCeil || rule == ScaleRule::kPowerEven;
}

void check_rule(const UserFormat& definition, Problems& problems) {
  const auto& scaling = definition.scaling;
  const auto rule = definition.rule;
  const bool selected = definition.alphabet.special_values.size() > 1;
  const auto expect = [&](bool good, const char* where, const char* text, std::vector<std::string> others = {}) {
    others.emplace_back(where);
    if (!good) problems.push_back({where, text, std::move(others)});
  };
  const bool half = scaling.stored == ScaleFormat::kFp16 || scaling.stored == ScaleFormat::kU8BelowChannel;
  const bool block = scaling.stored == ScaleFormat::kUe4m3 || scaling.stored == ScaleFormat::kUe5m3;
  const bool tensor = scaling.tensor_scale != TensorScale::kNone;
  if (definition.alphabet.asymmetric) {
    expect(rule == ScaleRule::kMinMax, "scaling.rule", "is not minmax, expected minmax for an asymmetric integer");
    expect(half, "scaling.stored", "is neither fp16 nor u8, expected one of them for an asymmetric integer");
  } else {
    expect(rule != ScaleRule::kMinMax, "scaling.rule",
           "is minmax, expected absmax: only asymmetric integers have a zero point", {"alphabet", "alphabet.range"});
  }
  expect(!is_power_rule(rule) || scaling.stored == ScaleFormat::kE8m0, "scaling.stored",
         "is not a power of two, expected e8m0 under the rules floor, ceil and even");
  expect(!selected || rule == ScaleRule::kAbsMax, "scaling.rule",
         "does not compare special values, expected absmax: it chooses the one of least squared error");
  const bool by_ratio = definition.alphabet.minifloat || definition.alphabet.integer_bits != 0;
  expect(!tensor || rule == ScaleRule::kTensorBlock, "scaling.rule",
         "is not tensor, expected tensor below a tensor scale");
  expect(rule != ScaleRule::kTensorBlock || tensor, "scaling.tensor_scale",
         "is none, expected decode or encode under the rule tensor");
  expect(rule != ScaleRule::kTensorBlock ||
             (block && by_ratio && !definition.alphabet.asymmetric && !definition.alphabet.special_code),
         "scaling.rule", "is tensor, expected it with ue4m3 or ue5m3 scales and a minifloat or symmetric integer",
         {"alphabet", "scaling.stored"});
}

bool good_name(const std::string& name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, good) && name.front() != '-';
}

void check_frame(const UserFormat& definition, Problems& problems) {
  if (!good_name(definition.name)) {
    problems.push_back(
        {"name", "is '" + definition.name + "', expected 1..64 of a..z, 0..9, '-', '_' and '.'", {"name"}});
  }
  if (std::ranges::find(format_table(), definition.name, &FormatRow::name) != format_table().end()) {
    problems.push_back({"name", "is '" + definition.name + "', a format of the table, expected another name"});
  }
  if (definition.scaling.group < 1 || definition.scaling.group > kWholeRow) {
    problems.push_back({"scaling.group", "is " + std::to_string(definition.scaling.group) + ", expected 1.." +
                                             std::to_string(kWholeRow) + " or channel"});
  }
  const bool three = definition.alphabet.levels.size() == 3 && !definition.alphabet.special_code;
  if (definition.layout == CodeLayout::kFiveInByte && !three) {
    problems.push_back(
        {"layout",
         "is " + std::string(layout_info(definition.layout).name) + ", expected it for a list of three levels alone",
         {"alphabet", "alphabet.levels"}});
  }
  if (definition.layout == CodeLayout::kOneZeroInFour) {
    problems.push_back({"layout", "is " + std::string(layout_info(definition.layout).name) +
                                      ", which only sherry's rule can fill, expected dense"});
  }
}

}  // namespace

std::vector<DefinitionProblem> problems_of(const UserFormat& definition) {
  Problems problems;
  check_alphabet(definition, problems);
  check_frame(definition, problems);
  check_rule(definition, problems);
  const bool known = std::ranges::none_of(problems, [](const DefinitionProblem& problem) {
    return problem.where.starts_with("alphabet") || problem.where.starts_with("scaling.");
  });
  if (known) check_widths(definition, problems);
  return problems;
}

}  // namespace subbyte::quant
