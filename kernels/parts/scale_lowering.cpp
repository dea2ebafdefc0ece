#include "kernels/parts/scale_lowering.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint16_t kHalfNan = 0x7E00;
constexpr std::uint16_t kHalfOne = 0x3C00;
constexpr int kHalfLowest = -24;  // exponents of the lowest and highest bit that a pattern can have
constexpr int kHalfHighest = 15;
constexpr int kHalfDigits = 11;
constexpr int kFloatLowest = -149;
constexpr int kFloatHighest = 127;
constexpr int kFloatDigits = 24;

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

std::string text(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

/// Returns the exponents of a number's lowest and highest bit; the number is not 0.
struct Span {
  int low = 0;
  int high = 0;
  int digits() const { return high - low + 1; }
};

Span span_of(double value) {
  int exponent = 0;
  const auto significand = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::fabs(value), &exponent), 53));
  return {exponent - 53 + std::countr_zero(significand), exponent - 1};
}

bool counts(double scale) { return !std::isnan(scale) && scale != 0; }

void check_values(const ScaleRow& row) {
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const double scale = row.groups[g];
    if (std::isnan(scale) || (std::isfinite(scale) && !std::signbit(scale))) continue;
    refuse("group " + std::to_string(g) + " has scale " + text(scale) +
           ", expected a finite scale that is not negative (the tile ignores its sign)");
  }
  if (!std::isfinite(row.factor)) refuse("channel or tensor scale " + text(row.factor) + ", expected a finite number");
  if (row.factor != 0 && span_of(row.factor).digits() > kFloatDigits) {
    refuse("channel times tensor scale " + text(row.factor) + " has " + std::to_string(span_of(row.factor).digits()) +
           " significant bits, the tile's FP32 channel scale holds 24");
  }
}

/// Returns the first group whose scale has more digits than FP16, or the number of groups.
std::size_t widest(const ScaleRow& row) {
  std::size_t g = 0;
  while (g < row.groups.size() && (!counts(row.groups[g]) || span_of(row.groups[g]).digits() <= kHalfDigits)) ++g;
  return g;
}

/// Returns the row's common scale; refuses rows with several, of which some are too wide for FP16.
double common_scale(const ScaleRow& row, std::size_t wide) {
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    if (!counts(row.groups[g]) || row.groups[g] == row.groups[wide]) continue;
    refuse("group " + std::to_string(wide) + " has scale " + text(row.groups[wide]) + " with " +
           std::to_string(span_of(row.groups[wide]).digits()) + " significant bits and group " + std::to_string(g) +
           " another, " + text(row.groups[g]) +
           "; a group's scale crosses as FP16, 11 bits (a row with one scale folds it into its FP32 channel "
           "scale)");
  }
  return row.groups[wide];
}

/// Returns factor * 2^unit, which FP32 must hold.
float channel_scale(double factor, int unit) {
  if (factor == 0) return 0;
  const Span span = span_of(factor);
  if (span.low + unit < kFloatLowest || span.high + unit > kFloatHighest) {
    refuse("channel scale " + text(factor) + " * 2^" + std::to_string(unit) + " is outside FP32, 2^-149 to 2^128");
  }
  return static_cast<float>(std::ldexp(factor, unit));
}

struct Range {
  int low = 0;
  int high = 0;
};

/// Returns the powers p for which every scale * 2^-p is an FP16 number.
Range powers_of_groups(const ScaleRow& row) {
  std::size_t smallest = row.groups.size();
  std::size_t largest = row.groups.size();
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    if (!counts(row.groups[g])) continue;
    const Span span = span_of(row.groups[g]);
    if (smallest == row.groups.size() || span.low < span_of(row.groups[smallest]).low) smallest = g;
    if (largest == row.groups.size() || span.high > span_of(row.groups[largest]).high) largest = g;
  }
  if (smallest == row.groups.size()) return {0, 0};
  const Range powers{span_of(row.groups[largest]).high - kHalfHighest, span_of(row.groups[smallest]).low - kHalfLowest};
  if (powers.low <= powers.high) return powers;
  refuse("group scales from " + text(row.groups[smallest]) + " (group " + std::to_string(smallest) + ") to " +
         text(row.groups[largest]) + " (group " + std::to_string(largest) + ") span " +
         std::to_string(kHalfHighest - kHalfLowest + 1 + powers.low - powers.high) +
         " binades; FP16 scales below one power of two per row span at most 40");
}

FoldedScales fold_common(const ScaleRow& row, double scale) {
  FoldedScales folded;
  for (const double group : row.groups)
    folded.groups.push_back(std::isnan(group) ? kHalfNan : group == 0 ? 0 : kHalfOne);
  const double product = row.factor * scale;  // a product of two FP32 numbers is exact in double
  if (product != 0 && span_of(product).digits() > kFloatDigits) {
    refuse("the row's scale " + text(scale) + " times " + text(row.factor) + " has " +
           std::to_string(span_of(product).digits()) + " significant bits, the tile's FP32 channel scale holds 24");
  }
  folded.channel = channel_scale(product, row.unit_exponent);
  return folded;
}

}  // namespace

FoldedScales fold_scales(const ScaleRow& row) {
  check_values(row);
  if (const std::size_t wide = widest(row); wide < row.groups.size()) return fold_common(row, common_scale(row, wide));
  Range powers = powers_of_groups(row);
  if (row.factor != 0) {
    const Span factor = span_of(row.factor);
    const Range channel{kFloatLowest - row.unit_exponent - factor.low, kFloatHighest - row.unit_exponent - factor.high};
    // Where no power serves both, the group's own is kept and channel_scale() says what does not fit.
    if (std::max(powers.low, channel.low) <= std::min(powers.high, channel.high)) {
      powers = {std::max(powers.low, channel.low), std::min(powers.high, channel.high)};
    }
  }
  const int power = std::clamp(0, powers.low, powers.high);
  FoldedScales folded;
  for (const double group : row.groups) {
    folded.groups.push_back(std::isnan(group) ? kHalfNan : quant::half_from_double(std::ldexp(group, -power)));
  }
  folded.channel = channel_scale(row.factor, row.unit_exponent + power);
  return folded;
}

FoldedScales fold_u8_scales(const ScaleRow& row) {
  check_values(row);
  FoldedScales folded;
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const double scale = row.groups[g];
    if (!(scale >= 1 && scale <= 255 && scale == std::trunc(scale))) {
      refuse("group " + std::to_string(g) + " has scale " + text(scale) + ", expected a whole number 1..255");
    }
    folded.groups.push_back(static_cast<std::uint16_t>(scale));
  }
  folded.channel = channel_scale(row.factor, row.unit_exponent);
  return folded;
}

FoldedScales lower_scales(const quant::PackedTensor& weights, std::size_t row) {
  const auto& format = weights.format;
  if (const auto why = scales_unsupported(format)) refuse(why->text);
  // A quotient of FP32 numbers is rounded: it is a group's scale as it stands.
  const bool quotient = format.scaling.tensor_scale == quant::TensorScale::kEncode;
  std::vector<double> groups;
  for (std::size_t g = 0; g < weights.groups(); ++g) {
    groups.push_back(quotient ? weights.multiplier(row, g) : static_cast<double>(weights.scale_value(row, g)));
  }
  const double factor =
      quotient ? 1 : static_cast<double>(weights.channel_scale(row)) * static_cast<double>(weights.tensor_scale);
  const bool u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  try {
    const ScaleRow scales{groups, factor, format.alphabet.unit_exponent};
    return u8 ? fold_u8_scales(scales) : fold_scales(scales);
  } catch (const std::invalid_argument& error) {
    const char* hint =
        quotient ? "; these are quotients by a tensor scale, one that multiplies crosses in the channel scale" : "";
    refuse("row " + std::to_string(row) + ": " + error.what() + hint);
  }
}

std::optional<Refusal> scales_unsupported(const quant::Format& format) {
  const auto& scaling = format.scaling;
  if (scaling.planes > 1) {
    return Refusal{std::to_string(scaling.planes) +
                   " scales per group, one per bit of a code; the tile has one per group"};
  }
  if (scaling.signed_scale) return Refusal{"signed group scales; the tile ignores the sign of a scale"};
  if (scaling.stored == quant::ScaleFormat::kU8BelowChannel && scaling.tensor_scale == quant::TensorScale::kEncode) {
    return Refusal{"u8 scales divided by a tensor scale; the tile multiplies"};
  }
  return {};
}

}  // namespace subbyte::kernels
