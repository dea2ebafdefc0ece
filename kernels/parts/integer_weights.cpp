#include "kernels/parts/integer_weights.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace subbyte::kernels {
namespace {

bool is_number(const quant::Alphabet& alphabet, unsigned code) {
  const quant::LevelClass level = alphabet.level_class(code);
  return level == quant::LevelClass::kFinite || level == quant::LevelClass::kNegativeZero;
}

std::string text(std::int64_t value) { return std::to_string(value); }

}  // namespace

std::int64_t integer_weight(const quant::Format& format, unsigned raw_code, unsigned selector, unsigned zero_point) {
  if (!is_number(format.alphabet, raw_code)) {
    throw std::invalid_argument("code " + std::to_string(raw_code) + " of " + format.name +
                                " is infinite or NaN, expected an integer");
  }
  return format.alphabet.numerator(raw_code, selector, zero_point);
}

std::uint64_t WeightRange::magnitude() const { return static_cast<std::uint64_t>(std::max(-least, largest)); }

WeightRange weight_range(const quant::Format& format) {
  const quant::Alphabet& alphabet = format.alphabet;
  WeightRange range{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  const auto codes = static_cast<unsigned>(alphabet.numerators.size());
  const bool offset = alphabet.kind == quant::CodeKind::kOffsetBinary;
  // A zero point is a code: it shifts all levels alike, so its ends are enough.
  for (const unsigned zero : {0U, offset ? codes - 1 : 0U}) {
    for (unsigned selector = 0; selector < alphabet.selectors(); ++selector) {
      for (unsigned code = 0; code < codes; ++code) {
        if (!is_number(alphabet, code)) continue;
        const std::int64_t integer = alphabet.numerator(code, selector, zero);
        range = {std::min(range.least, integer), std::max(range.largest, integer)};
      }
    }
  }
  return range;
}

std::optional<Refusal> integers_unsupported(const quant::Format& format, std::int64_t least, std::int64_t largest) {
  if (format.alphabet.unit_divisor != 1) {
    return Refusal{"levels in units of 1/" + text(format.alphabet.unit_divisor) + ", the weights are integers"};
  }
  const WeightRange range = weight_range(format);
  if (range.least >= least && range.largest <= largest) return {};
  return Refusal{"levels are integers " + text(range.least) + ".." + text(range.largest) + " in units of 2^" +
                 text(format.alphabet.unit_exponent) + ", the weights hold " + text(least) + ".." + text(largest)};
}

std::optional<Refusal> int8_sum_unsupported(const quant::Format& format, std::size_t group, unsigned acc_width) {
  if (group == quant::kWholeRow) return {};
  const std::uint64_t product = 128 * weight_range(format).magnitude();
  const std::uint64_t limit = ((std::uint64_t{1} << acc_width) - 1) / std::max<std::uint64_t>(product, 1);
  if (group <= limit) return {};
  return Refusal{"a group of " + std::to_string(group) + " products can overflow acc_width " +
                 std::to_string(acc_width) + ", expected a group of at most " + std::to_string(limit)};
}

}  // namespace subbyte::kernels
