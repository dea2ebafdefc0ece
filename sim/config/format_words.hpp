// The words that stand for choices in the definition of a format; private to format_file.cpp and format_alphabet.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/user_format.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim::words {

/// Reads a number, of which nothing may be left.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Value>
struct Named {
  const char* name;
  Value value;
};
template <typename Value>
Named(const char*, Value) -> Named<Value>;  // clang 14 deduces no aggregates

inline constexpr std::array kRules{
    Named{"absmax", quant::ScaleRule::kAbsMax},    Named{"minmax", quant::ScaleRule::kMinMax},
    Named{"floor", quant::ScaleRule::kPowerFloor}, Named{"ceil", quant::ScaleRule::kPowerCeil},
    Named{"even", quant::ScaleRule::kPowerEven},   Named{"tensor", quant::ScaleRule::kTensorBlock}};
inline constexpr std::array kStored{
    Named{"fp16", quant::ScaleFormat::kFp16},        Named{"bf16", quant::ScaleFormat::kBf16},
    Named{"fp32", quant::ScaleFormat::kFp32},        Named{"e8m0", quant::ScaleFormat::kE8m0},
    Named{"ue4m3", quant::ScaleFormat::kUe4m3},      Named{"ue5m3", quant::ScaleFormat::kUe5m3},
    Named{"u8", quant::ScaleFormat::kU8BelowChannel}};
inline constexpr std::array kTensorScales{Named{"none", quant::TensorScale::kNone},
                                          Named{"decode", quant::TensorScale::kDecode},
                                          Named{"encode", quant::TensorScale::kEncode}};
inline constexpr std::array kFlavours{Named{"finite", quant::MinifloatFlavour::kFinite},
                                      Named{"nan", quant::MinifloatFlavour::kNanOnly},
                                      Named{"ieee", quant::MinifloatFlavour::kIeee}};
inline constexpr std::array kRanges{Named{"symmetric", false}, Named{"asymmetric", true}};
inline constexpr std::array kLayouts{Named{"dense", quant::CodeLayout::kDense},
                                     Named{"five-in-byte", quant::CodeLayout::kFiveInByte},
                                     Named{"one-zero-in-four", quant::CodeLayout::kOneZeroInFour}};
inline constexpr std::array kTies{Named{"even", quant::TieRule::kToEven}, Named{"lower", quant::TieRule::kToLower}};

/// Returns the value of a name, or the first value where the key is absent.
template <typename Value, std::size_t Size>
Value named(ConfigNode& node, Key key, const std::array<Named<Value>, Size>& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  const std::string chosen = node.choice_or(key, names.front(), names);
  return std::ranges::find(table, chosen, [](const auto& entry) { return std::string(entry.name); })->value;
}

}  // namespace subbyte::sim::words
