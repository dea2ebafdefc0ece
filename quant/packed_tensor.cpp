#include "quant/packed_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "quant/bit_stream.hpp"
#include "quant/float16.hpp"

namespace subbyte::quant {
namespace {

bool below_channel(const PackedTensor& tensor) {
  return tensor.format.scaling.stored == ScaleFormat::kU8BelowChannel;
}

std::span<const std::uint8_t> row_of(const std::vector<std::uint8_t>& buffer, std::size_t row,
                                     std::size_t bytes) {
  return std::span(buffer).subspan(row * bytes, bytes);
}

void check_size(const char* buffer, std::size_t size, std::size_t rows, std::size_t per_row) {
  std::size_t expected = 0;
  if (__builtin_mul_overflow(rows, per_row, &expected) || size != expected) {
    throw std::invalid_argument("packed tensor: " + std::string(buffer) + " has " + std::to_string(size) +
                                " elements, expected " + std::to_string(rows) + " rows x " +
                                std::to_string(per_row));
  }
}

void check_scales(const PackedTensor& tensor) {
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    for (std::size_t group = 0; group < tensor.groups(); ++group) {
      const auto bits = tensor.scale_bits(row, group);
      const bool legal = below_channel(tensor) ? bits != 0 : bits < kHalfInfinity;
      if (legal) continue;
      throw std::invalid_argument("packed tensor: scales: row " + std::to_string(row) + ", group " +
                                  std::to_string(group) + ": illegal value " + std::to_string(bits) +
                                  ", expected " +
                                  (below_channel(tensor) ? "1..255" : "a finite FP16 with sign bit 0"));
    }
  }
  for (std::size_t row = 0; row < tensor.channel_scales.size(); ++row) {
    const float scale = tensor.channel_scales[row];
    if (std::isfinite(scale) && scale > 0) continue;
    throw std::invalid_argument("packed tensor: channel_scales: row " + std::to_string(row) +
                                ": illegal value " + std::to_string(scale) +
                                ", expected a finite number above 0");
  }
}

/// What codes of one group are worth before rounding, and how the product is rounded.
struct GroupDecoder {
  double level_scale = 1;
  bool to_half = false;

  float operator()(double level) const {
    return to_half ? round_to_half(level * level_scale) : static_cast<float>(level * level_scale);
  }
};

}  // namespace

unsigned PackedTensor::code(std::size_t row, std::size_t col) const {
  return read_bits(row_of(codes, row, code_row_bytes()), col, format.alphabet.code_bits);
}

std::uint16_t PackedTensor::scale_bits(std::size_t row, std::size_t group) const {
  const std::size_t index = row * groups() + group;
  if (below_channel(*this)) return scales[index];
  return static_cast<std::uint16_t>(scales[2 * index] | scales[2 * index + 1] << 8);
}

float PackedTensor::scale_value(std::size_t row, std::size_t group) const {
  const auto bits = scale_bits(row, group);
  return below_channel(*this) ? static_cast<float>(bits) : half_to_float(bits);
}

unsigned PackedTensor::selector(std::size_t row, std::size_t group) const {
  if (format.selector_bits() == 0) return 0;
  return read_bits(row_of(selectors, row, selector_row_bytes()), group, format.selector_bits());
}

unsigned PackedTensor::zero(std::size_t row, std::size_t group) const {
  if (!format.scaling.zero_point) return 0;
  return read_bits(row_of(zeros, row, zero_row_bytes()), group, format.alphabet.code_bits);
}

void PackedTensor::unpack_row(std::size_t row, std::span<std::uint8_t> out) const {
  unpack_bits(row_of(codes, row, code_row_bytes()), format.alphabet.code_bits, out.first(cols));
}

void PackedTensor::decode_row(std::size_t row, std::span<float> out) const {
  std::vector<std::uint8_t> raw(cols);
  unpack_row(row, raw);
  const auto& alphabet = format.alphabet;
  std::vector<float> levels(alphabet.numerators.size());
  for (std::size_t group = 0; group < groups(); ++group) {
    // level * scale * channel scale is exact in double: 9 + 8 + 24 bits.
    const double scale =
        static_cast<double>(scale_value(row, group)) * static_cast<double>(channel_scale(row));
    const GroupDecoder decoder{std::ldexp(scale, alphabet.unit_exponent),
                               format.arithmetic == Arithmetic::kFp16 && !below_channel(*this)};
    const unsigned chosen = selector(row, group);
    const unsigned zero_point = zero(row, group);
    for (unsigned code = 0; code < levels.size(); ++code) {
      levels[code] = decoder(alphabet.numerator(code, chosen, zero_point));
    }
    const std::size_t end = std::min(cols, (group + 1) * format.scaling.group);
    for (std::size_t col = group * format.scaling.group; col < end; ++col) out[col] = levels[raw[col]];
  }
}

std::size_t PackedTensor::bytes() const {
  return codes.size() + scales.size() + selectors.size() + zeros.size() +
         channel_scales.size() * sizeof(float);
}

double PackedTensor::bits_per_weight() const {
  const double elements = static_cast<double>(rows) * static_cast<double>(cols);
  return elements == 0 ? 0 : 8 * static_cast<double>(bytes()) / elements;
}

void validate(const PackedTensor& tensor) {
  const auto& scaling = tensor.format.scaling;
  const std::size_t limit = std::numeric_limits<std::size_t>::max() / 16;
  if (scaling.group == 0 || scaling.group > limit || tensor.cols > limit || tensor.rows > limit) {
    throw std::invalid_argument("packed tensor: shape " + std::to_string(tensor.rows) + " x " +
                                std::to_string(tensor.cols) + " in groups of " +
                                std::to_string(scaling.group) +
                                ", expected a group of at least 1 and sizes that fit the address space");
  }
  const std::size_t scale_bytes = below_channel(tensor) ? 1 : 2;
  check_size("codes", tensor.codes.size(), tensor.rows, tensor.code_row_bytes());
  check_size("scales", tensor.scales.size(), tensor.rows, tensor.groups() * scale_bytes);
  check_size("selectors", tensor.selectors.size(), tensor.rows, tensor.selector_row_bytes());
  check_size("zeros", tensor.zeros.size(), tensor.rows, tensor.zero_row_bytes());
  check_size("channel_scales", tensor.channel_scales.size(), tensor.rows, below_channel(tensor) ? 1 : 0);
  check_scales(tensor);
}

}  // namespace subbyte::quant
