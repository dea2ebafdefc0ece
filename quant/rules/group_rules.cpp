// The table of rules has one row per ScaleRule, in its order.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "quant/rules/binary_coding.hpp"
#include "quant/rules/bitmod_mx.hpp"
#include "quant/rules/exact_quantizer.hpp"
#include "quant/rules/fp16_quantizer.hpp"
#include "quant/rules/ggml_rules.hpp"
#include "quant/rules/group_rule.hpp"
#include "quant/rules/microscaling_rules.hpp"
#include "quant/rules/nested.hpp"
#include "quant/rules/tensor_block_rules.hpp"
#include "quant/rules/ternary_rules.hpp"

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
    Row{ScaleRule::kPowerFloor, {choose_power_floor, nullptr, nullptr}},
    Row{ScaleRule::kPowerCeil, {choose_power_ceil, nullptr, nullptr}},
    Row{ScaleRule::kPowerEven, {choose_power_even, nullptr, nullptr}},
    Row{ScaleRule::kTensorBlock, {choose_tensor_block, encode_tensor_block, tensor_block_scale}},
    Row{ScaleRule::kTensorBlockClamped, {choose_tensor_block_clamped, encode_tensor_block, tensor_block_scale}},
    Row{ScaleRule::kTensorBlockReciprocal,
        {choose_tensor_block_reciprocal, encode_tensor_block_reciprocal, tensor_block_scale}},
    Row{ScaleRule::kFourOverSix, {choose_four_over_six, encode_tensor_block, tensor_block_scale}},
    Row{ScaleRule::kRazer, {choose_razer, nullptr, tensor_block_scale}},
    Row{ScaleRule::kBitmodMx, {choose_bitmod_mx, encode_bitmod_mx, nullptr}},
    Row{ScaleRule::kAbsMean, {choose_abs_mean, encode_ternary_group, nullptr}},
    Row{ScaleRule::kTernaryBest, {choose_ternary_best, encode_ternary_group, nullptr}},
    Row{ScaleRule::kSparseAbsMean, {choose_sparse_mean, encode_sparse_group, nullptr}},
    Row{ScaleRule::kSparseWeighted, {choose_sparse_weighted, encode_sparse_weighted, nullptr}},
    Row{ScaleRule::kNested, {choose_abs_max, encode_nested, nullptr}},
    Row{ScaleRule::kRoundedSlice, {choose_abs_max, encode_rounded_slice, nullptr}},
    Row{ScaleRule::kGgmlQ4, {choose_ggml_q4, encode_ggml_q4, nullptr}},
    Row{ScaleRule::kGgmlQ8, {choose_ggml_q8, encode_ggml_q8, nullptr}},
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
  if (multiplier == 0 && !book.minifloat) {
    // No ratio exists and every border is 0, so the code of 0 is asked for by name.
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
  const unsigned zero =
      context.format.scaling.zero_point ? zero_point_exact(group.weights, book.integers, step, context.kernels) : 0;
  context.kernels.encode_integers(group.weights, book.integers, step, static_cast<int>(zero), codes);
  return zero;
}

}  // namespace subbyte::quant
