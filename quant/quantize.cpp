#include "quant/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "quant/bit_stream.hpp"
#include "quant/codebook.hpp"
#include "quant/exact_quantizer.hpp"
#include "quant/float16.hpp"
#include "quant/fp16_quantizer.hpp"
#include "quant/group_kernels.hpp"
#include "quant/quantize_with.hpp"

namespace subbyte::quant {
namespace {

/// One row between its weights and its bits; reused from row to row.
struct Row {
  std::size_t index = 0;
  std::span<const float> weights;
  std::vector<float> halves;  ///< weights rounded to FP16, where the arithmetic asks for it
  std::vector<GroupChoice> choices;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> selectors;
  std::vector<std::uint8_t> zeros;
  std::vector<std::uint8_t> quantized_scales;
  float channel_scale = 1;

  Row(std::size_t cols, std::size_t groups)
      : halves(cols),
        choices(groups),
        codes(cols),
        selectors(groups),
        zeros(groups),
        quantized_scales(groups) {}
};

struct Extent {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Extent extent(const Format& format, std::size_t group, std::size_t cols) {
  const std::size_t begin = group * format.scaling.group;
  return {begin, std::min(format.scaling.group, cols - begin)};
}

[[noreturn]] void refuse(const Row& row, std::size_t col, const std::string& problem) {
  throw std::invalid_argument("quantize: row " + std::to_string(row.index) + ", column " +
                              std::to_string(col) + ": weight " + std::to_string(row.weights[col]) + " " +
                              problem);
}

void check_finite(const Row& row, const GroupKernels& kernels) {
  if (row.weights.empty() || std::isfinite(kernels.max_magnitude(row.weights))) return;
  for (std::size_t col = 0; col < row.weights.size(); ++col) {
    if (!std::isfinite(row.weights[col])) refuse(row, col, "is not finite, expected finite weights");
  }
}

void round_weights(Row& row) {
  for (std::size_t col = 0; col < row.weights.size(); ++col) {
    row.halves[col] = round_to_half(row.weights[col]);
    if (!std::isfinite(row.halves[col])) {
      refuse(row, col, "overflows FP16, expected at most 65504 in magnitude under arith=fp16");
    }
  }
}

/// c = FP32 RNE of the largest group scale / 255; q = clamp(RNE(s / c), 1, 255), the ratio exact.
void quantize_scales(Row& row) {
  std::uint16_t largest = kMinScaleBits;
  for (const auto& choice : row.choices) largest = std::max(largest, choice.scale_bits);
  row.channel_scale = half_to_float(largest) / 255.0F;
  for (std::size_t g = 0; g < row.choices.size(); ++g) {
    const double ratio = static_cast<double>(half_to_float(row.choices[g].scale_bits)) / row.channel_scale;
    row.quantized_scales[g] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(ratio), 1.0, 255.0));
  }
}

/// The scale the decoder will use, exact in double.
double stored_scale(const Row& row, const Format& format, std::size_t group) {
  if (format.scaling.stored == ScaleFormat::kFp16) return half_to_float(row.choices[group].scale_bits);
  return static_cast<double>(row.quantized_scales[group]) * static_cast<double>(row.channel_scale);
}

void encode_group(Row& row, std::size_t group, Extent at, const Format& format, const Codebook& book,
                  const GroupKernels& kernels) {
  const auto weights = row.weights.subspan(at.begin, at.size);
  const auto codes = std::span(row.codes).subspan(at.begin, at.size);
  const double scale = stored_scale(row, format, group);
  row.selectors[group] = row.choices[group].selector;
  row.zeros[group] = 0;
  if (!book.grids.empty()) {
    kernels.encode_grid(weights, book.grids[row.selectors[group]], scale, codes);
    return;
  }
  if (format.scaling.zero_point) {
    row.zeros[group] = static_cast<std::uint8_t>(zero_point_exact(weights, book.integers, scale, kernels));
  }
  kernels.encode_integers(weights, book.integers, scale, row.zeros[group], codes);
}

void quantize_row_exact(Row& row, const Format& format, const Codebook& book, const GroupKernels& kernels) {
  const std::size_t cols = row.weights.size();
  for (std::size_t g = 0; g < row.choices.size(); ++g) {
    const auto [begin, size] = extent(format, g, cols);
    const GroupView view{row.weights.subspan(begin, size), row.index, g};
    row.choices[g] = choose_exact(view, book, format.scaling.zero_point, kernels);
  }
  quantize_scales(row);
  for (std::size_t g = 0; g < row.choices.size(); ++g) {
    encode_group(row, g, extent(format, g, cols), format, book, kernels);
  }
}

void quantize_row_fp16(Row& row, const Format& format, const Codebook& book) {
  round_weights(row);
  for (std::size_t g = 0; g < row.choices.size(); ++g) {
    const auto [begin, size] = extent(format, g, row.weights.size());
    const GroupView view{std::span<const float>(row.halves).subspan(begin, size), row.index, g};
    unsigned zero = 0;
    row.choices[g] =
        quantize_fp16(view, book, format.scaling.zero_point, std::span(row.codes).subspan(begin, size), zero);
    row.selectors[g] = row.choices[g].selector;
    row.zeros[g] = static_cast<std::uint8_t>(zero);
  }
  quantize_scales(row);
}

std::span<std::uint8_t> slice(std::vector<std::uint8_t>& buffer, std::size_t row, std::size_t bytes) {
  return std::span(buffer).subspan(row * bytes, bytes);
}

void store(Row& row, PackedTensor& tensor) {
  const auto& format = tensor.format;
  const unsigned bits = format.alphabet.code_bits;
  for (auto& code : row.codes) code &= static_cast<std::uint8_t>((1U << bits) - 1);
  pack_bits(row.codes, bits, slice(tensor.codes, row.index, tensor.code_row_bytes()));
  if (format.selector_bits() > 0) {
    pack_bits(row.selectors, format.selector_bits(),
              slice(tensor.selectors, row.index, tensor.selector_row_bytes()));
  }
  if (format.scaling.zero_point) {
    pack_bits(row.zeros, bits, slice(tensor.zeros, row.index, tensor.zero_row_bytes()));
  }
  const std::size_t groups = row.choices.size();
  if (format.scaling.stored == ScaleFormat::kU8BelowChannel) {
    std::ranges::copy(row.quantized_scales, slice(tensor.scales, row.index, groups).begin());
    tensor.channel_scales[row.index] = row.channel_scale;
    return;
  }
  const auto scales = slice(tensor.scales, row.index, 2 * groups);
  for (std::size_t g = 0; g < groups; ++g) {
    scales[2 * g] = static_cast<std::uint8_t>(row.choices[g].scale_bits & 0xFFU);
    scales[2 * g + 1] = static_cast<std::uint8_t>(row.choices[g].scale_bits >> 8);
  }
}

PackedTensor allocate(const MatrixView& weights, const Format& format) {
  PackedTensor tensor{format, weights.rows, weights.cols, {}, {}, {}, {}, {}};
  const bool below_channel = format.scaling.stored == ScaleFormat::kU8BelowChannel;
  tensor.codes.resize(tensor.rows * tensor.code_row_bytes());
  tensor.scales.resize(tensor.rows * tensor.groups() * (below_channel ? 1 : 2));
  tensor.selectors.resize(tensor.rows * tensor.selector_row_bytes());
  tensor.zeros.resize(tensor.rows * tensor.zero_row_bytes());
  tensor.channel_scales.resize(below_channel ? tensor.rows : 0);
  return tensor;
}

}  // namespace

PackedTensor quantize_with(const MatrixView& weights, const Format& format, const GroupKernels& kernels) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(weights.rows, weights.cols, &size) || size != weights.values.size()) {
    throw std::invalid_argument("quantize: " + std::to_string(weights.values.size()) + " values, expected " +
                                std::to_string(weights.rows) + " rows x " + std::to_string(weights.cols) +
                                " columns");
  }
  const auto book = codebook(format);
  auto tensor = allocate(weights, format);
  Row row(weights.cols, tensor.groups());
  for (row.index = 0; row.index < weights.rows; ++row.index) {
    row.weights = weights.values.subspan(row.index * weights.cols, weights.cols);
    check_finite(row, kernels);
    if (format.arithmetic == Arithmetic::kExact) {
      quantize_row_exact(row, format, book, kernels);
    } else {
      quantize_row_fp16(row, format, book);
    }
    store(row, tensor);
  }
  return tensor;
}

PackedTensor quantize(const MatrixView& weights, const Format& format) {
  return quantize_with(weights, format, simd_kernels());
}

}  // namespace subbyte::quant
