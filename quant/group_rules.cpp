// The table of rules: one row per ScaleRule, in its order.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "quant/binary_coding.hpp"
#include "quant/bitmod_mx.hpp"
#include "quant/exact_quantizer.hpp"
#include "quant/fp16_quantizer.hpp"
#include "quant/group_rule.hpp"

namespace subbyte::quant {
namespace {

struct Row {
  ScaleRule rule;
  GroupRule functions;
};

constexpr std::array kRows{
    Row{ScaleRule::kAbsMax, {choose_abs_max, nullptr, nullptr}},
    Row{ScaleRule::kMinMax, {choose_min_max, nullptr, nullptr}},
    Row{ScaleRule::kReferenceFp16, {choose_fp16, encode_fp16_group, nullptr}},
    Row{ScaleRule::kBitmodMx, {choose_bitmod_mx, encode_bitmod_mx, nullptr}},
    Row{ScaleRule::kBinaryCoding, {choose_binary_coding, encode_binary_coding, nullptr}},
};

std::uint8_t nearest_to_zero(const Grid& grid) {
  const auto level = std::ranges::min_element(grid.levels, {}, [](double value) { return std::abs(value); });
  return grid.codes[static_cast<std::size_t>(level - grid.levels.begin())];
}

}  // namespace

const GroupRule& group_rule(ScaleRule rule) {
  for (const auto& row : kRows) {
    if (row.rule == rule) return row.functions;
  }
  throw std::invalid_argument("scale rule " + std::to_string(static_cast<int>(rule)) + " has no quantizer");
}

unsigned encode_nearest(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                        double multiplier, std::span<std::uint8_t> codes) {
  const auto& book = context.book;
  if (multiplier == 0) {
    // No ratio exists and every border is 0: the code of 0 is asked for by name.
    std::ranges::fill(codes, book.grids.empty() ? std::uint8_t{0} : nearest_to_zero(book.grids[choice.selector]));
    return 0;
  }
  if (book.minifloat) {
    context.kernels.encode_minifloat(group.weights, *book.minifloat, multiplier, codes);
    return 0;
  }
  if (!book.grids.empty()) {
    context.kernels.encode_grid(group.weights, book.grids[choice.selector], multiplier, codes);
    return 0;
  }
  const double step = multiplier * book.integers.unit;
  const unsigned zero = context.format.scaling.zero_point
                            ? zero_point_exact(group.weights, book.integers, step, context.kernels)
                            : 0;
  context.kernels.encode_integers(group.weights, book.integers, step, static_cast<int>(zero), codes);
  return zero;
}

}  // namespace subbyte::quant
