#include "quant/rules/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/base/bit_stream.hpp"
#include "quant/rules/exact_quantizer.hpp"
#include "quant/rules/group_kernels.hpp"
#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {
namespace {

/// One row between its weights and its bits, which is reused from row to row.
struct Row {
  std::size_t index = 0;   ///< in the block that is quantized
  std::size_t number = 0;  ///< in the tensor, for error texts
  std::span<const float> weights;
  std::vector<GroupView> groups;
  std::vector<GroupChoice> choices;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> selectors;
  std::vector<std::uint8_t> zeros;
  float channel_scale = 1;
};

[[noreturn]] void refuse(const Row& row, std::span<const float> weights) {
  const auto bad = std::ranges::find_if_not(weights, [](float weight) { return std::isfinite(weight); });
  throw std::invalid_argument("quantize: row " + std::to_string(row.number) + ", column " +
                              std::to_string(&*bad - row.weights.data()) + ": weight " + std::to_string(*bad) +
                              " is not finite, expected finite weights");
}

void split(Row& row, const Format& format, const QuantizeOptions& options, const GroupKernels& kernels) {
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const std::size_t begin = g * format.scaling.group;
    const std::size_t size = std::min(format.scaling.group, row.weights.size() - begin);
    auto& view = row.groups[g];
    view = {row.weights.subspan(begin, size), row.number, g, 0, {}};
    view.magnitude = kernels.max_magnitude(view.weights);
    if (!options.importance.empty()) view.importance = options.importance.subspan(begin, size);
    if (!std::isfinite(view.magnitude) && !scale_info(format.scaling.stored).has_nan) refuse(row, view.weights);
  }
}

/// c is the FP32 RNE of the largest FP16 group scale / 255, and q is clamp(RNE(s / c), 1, 255) with the ratio exact.
void quantize_scales(Row& row) {
  const auto& half = scale_info(ScaleFormat::kFp16);
  std::uint32_t largest = kMinScaleBits;
  for (const auto& choice : row.choices) largest = std::max(largest, choice.scale());
  row.channel_scale = static_cast<float>(half.decode(largest)) / 255.0F;
  for (auto& choice : row.choices) {
    const double ratio = half.decode(choice.scale()) / static_cast<double>(row.channel_scale);
    choice.scales[0] = scale_info(ScaleFormat::kU8BelowChannel).encode(ratio);
  }
}

/// Returns the number that the decoder will multiply levels by.
double multiplier_of(const TensorContext& context, const Row& row, const GroupChoice& choice) {
  const double scale = scale_info(context.format.scaling.stored).decode(choice.scale());
  return level_multiplier(context.format.scaling, static_cast<float>(scale), row.channel_scale, context.tensor_scale);
}

void quantize_row(Row& row, const TensorContext& context, const GroupRule& rule) {
  const auto& format = context.format;
  const auto& info = scale_info(format.scaling.stored);
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const bool finite = std::isfinite(row.groups[g].magnitude);
    row.choices[g] = finite ? rule.choose(row.groups[g], context) : GroupChoice{};
    if (!finite) row.choices[g].scales.fill(info.nan);
  }
  if (format.scaling.stored == ScaleFormat::kU8BelowChannel) quantize_scales(row);
  const auto encode = rule.encode != nullptr ? rule.encode : encode_nearest;
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const auto& choice = row.choices[g];
    const auto codes = std::span(row.codes).subspan(g * format.scaling.group, row.groups[g].weights.size());
    row.selectors[g] = choice.selector;
    row.zeros[g] = 0;
    if (!std::isfinite(row.groups[g].magnitude)) {
      std::ranges::fill(codes, std::uint8_t{0});
      continue;
    }
    row.zeros[g] =
        static_cast<std::uint8_t>(encode(row.groups[g], context, choice, multiplier_of(context, row, choice), codes));
  }
}

std::span<std::uint8_t> slice(std::vector<std::uint8_t>& buffer, std::size_t row, std::size_t bytes) {
  return std::span(buffer).subspan(row * bytes, bytes);
}

void store_scales(const Row& row, PackedTensor& tensor) {
  const auto& scaling = tensor.format.scaling;
  const auto& info = scale_info(scaling.stored);
  auto* out = slice(tensor.scales, row.index, tensor.scale_row_bytes()).data();
  for (const auto& choice : row.choices) {
    for (unsigned plane = 0; plane < scaling.planes; ++plane) {
      std::uint32_t bits = choice.scales.at(plane);
      if (scaling.selector_in_scale) bits |= static_cast<std::uint32_t>(choice.selector) << info.bits;
      for (unsigned byte = 0; byte < info.bytes; ++byte) *out++ = static_cast<std::uint8_t>(bits >> 8 * byte);
    }
  }
}

void store(Row& row, PackedTensor& tensor) {
  const auto& format = tensor.format;
  const unsigned bits = format.alphabet.code_bits;
  for (auto& code : row.codes) code &= static_cast<std::uint8_t>((1U << bits) - 1);
  pack_row(format.layout, bits, row.codes, slice(tensor.codes, row.index, tensor.code_row_bytes()));
  if (format.selector_bits() > 0) {
    pack_bits(row.selectors, format.selector_bits(), slice(tensor.selectors, row.index, tensor.selector_row_bytes()));
  }
  if (format.scaling.zero_point) {
    pack_bits(row.zeros, bits, slice(tensor.zeros, row.index, tensor.zero_row_bytes()));
  }
  store_scales(row, tensor);
  if (!tensor.channel_scales.empty()) tensor.channel_scales[row.index] = row.channel_scale;
}

void check_shape(const MatrixView& weights, const QuantizeOptions& options) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(weights.rows, weights.cols, &size) || size != weights.values.size()) {
    throw std::invalid_argument("quantize: " + std::to_string(weights.values.size()) + " values, expected " +
                                std::to_string(weights.rows) + " rows x " + std::to_string(weights.cols) + " columns");
  }
  if (!options.importance.empty() && options.importance.size() != weights.cols) {
    throw std::invalid_argument("quantize: " + std::to_string(options.importance.size()) +
                                " importance values, expected one per column: " + std::to_string(weights.cols));
  }
}

}  // namespace

float tensor_magnitude(const MatrixView& weights) {
  const float largest = weights.values.empty() ? 0 : simd_kernels().max_magnitude(weights.values);
  if (std::isfinite(largest)) return largest;
  float finite = 0;
  for (const float weight : weights.values) {
    if (std::isfinite(weight)) finite = std::max(finite, std::abs(weight));
  }
  return finite;
}

PackedTensor quantize_with(const MatrixView& weights, const Format& format, const GroupKernels& kernels,
                           const QuantizeOptions& options) {
  check_shape(weights, options);
  const auto& rule = group_rule(format.rule);
  const auto book = codebook(format);
  auto tensor = empty_tensor(format, weights.rows, weights.cols);
  if (rule.tensor_scale != nullptr) {
    const float magnitude = options.tensor_magnitude ? *options.tensor_magnitude : tensor_magnitude(weights);
    tensor.tensor_scale = rule.tensor_scale(magnitude, format);
  }
  const TensorContext context{format, book, kernels, tensor.tensor_scale};
  const std::size_t groups = tensor.groups();
  Row row;
  row.groups.resize(groups);
  row.choices.resize(groups);
  row.codes.resize(weights.cols);
  row.selectors.resize(groups);
  row.zeros.resize(groups);
  for (row.index = 0; row.index < weights.rows; ++row.index) {
    row.number = options.first_row + row.index;
    row.weights = weights.values.subspan(row.index * weights.cols, weights.cols);
    split(row, format, options, kernels);
    quantize_row(row, context, rule);
    store(row, tensor);
  }
  return tensor;
}

PackedTensor quantize(const MatrixView& weights, const Format& format, const QuantizeOptions& options) {
  return quantize_with(weights, format, simd_kernels(), options);
}

}  // namespace subbyte::quant
