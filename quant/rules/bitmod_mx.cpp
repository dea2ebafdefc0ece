#include "quant/rules/bitmod_mx.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/base/float16.hpp"
#include "quant/rules/fp16_quantizer.hpp"

namespace subbyte::quant {
namespace {

constexpr int kLargestExponent = 126;
constexpr int kSmallestExponent = -127;

bool by_halves(const TensorContext& context) { return context.format.arithmetic == Arithmetic::kFp16; }

void refuse_infinite(const GroupView& group, const Codebook& book, double multiplier,
                     std::span<const std::uint8_t> codes) {
  const auto& grid = book.grids.front();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto level =
        grid.levels[static_cast<std::size_t>(std::ranges::find(grid.codes, codes[i]) - grid.codes.begin())];
    if (std::isfinite(round_to_half(level * multiplier))) continue;
    throw std::invalid_argument("quantize: row " + std::to_string(group.row) + ", group " +
                                std::to_string(group.group) + ": the decoded value of element " + std::to_string(i) +
                                " overflows FP16, expected at most 65504 under arith=fp16");
  }
}

}  // namespace

GroupChoice choose_bitmod_mx(const GroupView& group, const TensorContext& context) {
  const float magnitude = by_halves(context) ? round_to_half(group.magnitude) : group.magnitude;
  if (magnitude == 0) return {};
  const int exponent = std::isinf(magnitude) ? kLargestExponent : std::ilogb(magnitude);
  const double scale = std::ldexp(1.0, std::clamp(exponent, kSmallestExponent, kLargestExponent));
  return {{scale_info(ScaleFormat::kE8m0).encode(scale)}, 0};
}

unsigned encode_bitmod_mx(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                          double multiplier, std::span<std::uint8_t> codes) {
  if (!by_halves(context)) return encode_nearest(group, context, choice, multiplier, codes);
  const auto halves = rounded_to_half(group, context.format);
  GroupView rounded = group;
  rounded.weights = halves;
  encode_nearest(rounded, context, choice, multiplier, codes);
  if (multiplier * context.book.divisor > kHalfMax) refuse_infinite(group, context.book, multiplier, codes);
  return 0;
}

}  // namespace subbyte::quant
