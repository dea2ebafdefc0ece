#include "quant/formats/packed_tensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "quant/base/bit_stream.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::quant {
namespace {

std::span<const std::uint8_t> row_of(const std::vector<std::uint8_t>& buffer, std::size_t row, std::size_t bytes) {
  return std::span(buffer).subspan(row * bytes, bytes);
}

std::uint32_t little_endian(const std::uint8_t* bytes, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(bytes[i]) << 8 * i;
  return value;
}

/// Returns the whole stored field, a selector that shares its byte included.
std::uint32_t stored_scale(const PackedTensor& tensor, std::size_t row, std::size_t group, unsigned plane) {
  const unsigned bytes = scale_info(tensor.format.scaling.stored).bytes;
  const std::size_t index = (row * tensor.groups() + group) * tensor.format.scaling.planes + plane;
  return little_endian(tensor.scales.data() + index * bytes, bytes);
}

/// Returns the sum of ±scale over the planes; bit i of the code says whether scale i is added.
double plane_sum(std::span<const double> scales, unsigned code) {
  double sum = 0;
  for (unsigned i = 0; i < scales.size(); ++i) sum += (code >> i & 1) != 0 ? scales[i] : -scales[i];
  return sum;
}

/// Returns whether a decoded value is the FP32 product of two FP32 numbers wherever the multiplier is one.
bool decodes_by_product(const Format& format) {
  constexpr std::int64_t kExactInFp32 = 1 << 24;
  const auto& alphabet = format.alphabet;
  const auto exact = [](std::int64_t numerator) { return numerator <= kExactInFp32 && numerator >= -kExactInFp32; };
  return format.scaling.planes == 1 && !format.scaling.zero_point && alphabet.unit_divisor == 1 &&
         format.arithmetic == Arithmetic::kExact && std::abs(alphabet.unit_exponent) <= 64 &&
         std::ranges::all_of(alphabet.numerators, exact) && std::ranges::all_of(alphabet.special_numerators, exact) &&
         std::ranges::all_of(alphabet.alternatives,
                             [&](const auto& levels) { return std::ranges::all_of(levels, exact); });
}

std::vector<float> level_table(const Alphabet& alphabet, unsigned selector) {
  std::vector<float> levels(alphabet.numerators.size());
  for (unsigned code = 0; code < levels.size(); ++code)
    levels[code] = static_cast<float>(alphabet.level(code, selector));
  return levels;
}

}  // namespace

unsigned PackedTensor::code(std::size_t row, std::size_t col) const {
  return read_code(format.layout, format.alphabet.code_bits, row_of(codes, row, code_row_bytes()), col);
}

std::uint32_t PackedTensor::scale_bits(std::size_t row, std::size_t group, unsigned plane) const {
  const std::uint32_t stored = stored_scale(*this, row, group, plane);
  if (!format.scaling.selector_in_scale) return stored;
  return stored & ((1U << scale_info(format.scaling.stored).bits) - 1);
}

float PackedTensor::scale_value(std::size_t row, std::size_t group, unsigned plane) const {
  return static_cast<float>(scale_info(format.scaling.stored).decode(scale_bits(row, group, plane)));
}

unsigned PackedTensor::selector(std::size_t row, std::size_t group) const {
  if (format.scaling.selector_in_scale) {
    return stored_scale(*this, row, group, 0) >> scale_info(format.scaling.stored).bits;
  }
  if (format.selector_bits() == 0) return 0;
  return read_bits(row_of(selectors, row, selector_row_bytes()), group, format.selector_bits());
}

unsigned PackedTensor::zero(std::size_t row, std::size_t group) const {
  if (!format.scaling.zero_point) return 0;
  return read_bits(row_of(zeros, row, zero_row_bytes()), group, format.alphabet.code_bits);
}

double level_multiplier(const Scaling& scaling, float scale, float channel_scale, float tensor_scale) {
  if (scaling.tensor_scale == TensorScale::kEncode) return scale / tensor_scale;
  const double product = static_cast<double>(scale) * static_cast<double>(channel_scale);
  if (scaling.tensor_scale == TensorScale::kNone) return product;
  return static_cast<float>(product * static_cast<double>(tensor_scale));
}

double PackedTensor::multiplier(std::size_t row, std::size_t group, unsigned plane) const {
  return level_multiplier(format.scaling, scale_value(row, group, plane), channel_scale(row), tensor_scale);
}

void PackedTensor::unpack_row(std::size_t row, std::span<std::uint8_t> out) const {
  quant::unpack_row(format.layout, format.alphabet.code_bits, row_of(codes, row, code_row_bytes()), out.first(cols));
}

void PackedTensor::decode_group(std::size_t row, std::size_t group, std::span<float> values) const {
  const auto& alphabet = format.alphabet;
  const unsigned planes = format.scaling.planes;
  if (planes > 1) {
    std::array<double, 8> scales{};
    for (unsigned plane = 0; plane < planes; ++plane) scales.at(plane) = multiplier(row, group, plane);
    for (unsigned code = 0; code < values.size(); ++code) {
      values[code] = static_cast<float>(plane_sum(std::span(scales).first(planes), code));
    }
    return;
  }
  const double scale = multiplier(row, group);
  const bool to_half = format.arithmetic == Arithmetic::kFp16 && format.scaling.stored != ScaleFormat::kU8BelowChannel;
  const unsigned chosen = selector(row, group);
  const unsigned zero_point = zero(row, group);
  for (unsigned code = 0; code < values.size(); ++code) {
    // It is exact in double before the division, because levels have at most 29 significant bits beside FP16 scales,
    // and 9 beside wider ones.
    const double value = alphabet.level(code, chosen, zero_point) * scale / alphabet.unit_divisor;
    values[code] = to_half ? round_to_half(value) : static_cast<float>(value);
  }
}

void PackedTensor::decode_row(std::size_t row, std::span<float> out) const {
  std::vector<std::uint8_t> raw(cols);
  unpack_row(row, raw);
  const std::size_t codes_of_table = std::size_t{1} << format.alphabet.code_bits;
  std::vector<float> values(codes_of_table);
  // For small groups and large tables there is a product per weight instead of one per code.
  const bool by_weight = format.scaling.group < 4 * codes_of_table && decodes_by_product(format);
  std::vector<std::vector<float>> levels(by_weight ? format.alphabet.selectors() : 0);
  for (std::size_t group = 0; group < groups(); ++group) {
    const std::size_t begin = group * format.scaling.group;
    const auto part = out.subspan(begin, std::min(cols - begin, format.scaling.group));
    const double scale = by_weight ? multiplier(row, group) : 0;
    const auto factor = static_cast<float>(scale);
    if (by_weight && !(static_cast<double>(factor) < scale || static_cast<double>(factor) > scale)) {
      auto& table = levels[selector(row, group)];
      if (table.empty()) table = level_table(format.alphabet, selector(row, group));
      for (std::size_t i = 0; i < part.size(); ++i) part[i] = table[raw[begin + i]] * factor;
      continue;
    }
    decode_group(row, group, values);
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = values[raw[begin + i]];
  }
}

std::size_t PackedTensor::bytes() const {
  std::size_t total = 0;
  for (const auto& buffer : buffers(format, cols)) total += buffer.bytes(rows);
  return total;
}

double PackedTensor::bits_per_weight() const {
  const double elements = static_cast<double>(rows) * static_cast<double>(cols);
  return elements == 0 ? 0 : 8 * static_cast<double>(bytes()) / elements;
}

PackedTensor empty_tensor(const Format& format, std::size_t rows, std::size_t cols) {
  PackedTensor tensor;
  tensor.format = format;
  tensor.rows = rows;
  tensor.cols = cols;
  tensor.codes.resize(rows * tensor.code_row_bytes());
  tensor.scales.resize(rows * tensor.scale_row_bytes());
  tensor.selectors.resize(rows * tensor.selector_row_bytes());
  tensor.zeros.resize(rows * tensor.zero_row_bytes());
  tensor.channel_scales.resize(format.scaling.stored == ScaleFormat::kU8BelowChannel ? rows : 0);
  return tensor;
}

}  // namespace subbyte::quant
