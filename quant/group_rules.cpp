// The table of rules: one row per ScaleRule, in its order.
#include <array>
#include <stdexcept>

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
};

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
