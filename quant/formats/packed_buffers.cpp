// The stored buffers of a packed tensor: their list, their bytes, and their checks.
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "quant/base/float16.hpp"
#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {
namespace {

bool below_channel(const Format& format) { return format.scaling.stored == ScaleFormat::kU8BelowChannel; }

std::string_view element_of(ScaleFormat format) {
  switch (format) {
    case ScaleFormat::kFp16:
      return "F16";
    case ScaleFormat::kBf16:
      return "BF16";
    case ScaleFormat::kFp32:
      return "F32";
    default:
      return "U8";
  }
}

std::span<std::uint8_t> bytes_of(std::span<float> values) {
  return {reinterpret_cast<std::uint8_t*>(values.data()), values.size_bytes()};
}
std::span<const std::uint8_t> bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

/// `Bytes` is a span of bytes, which is const where the tensor is.
template <typename Bytes, typename Tensor>
Bytes bytes_named(Tensor& tensor, std::string_view name) {
  if (name == "codes") return tensor.codes;
  if (name == "scales") return tensor.scales;
  if (name == "selectors") return tensor.selectors;
  if (name == "zeros") return tensor.zeros;
  if (name == "channel_scales") return bytes_of(std::span(tensor.channel_scales));
  if (name == "tensor_scale") return bytes_of(std::span(&tensor.tensor_scale, 1));
  throw std::invalid_argument("packed tensor: no buffer '" + std::string(name) + "'");
}

void check_size(const char* buffer, std::size_t size, std::size_t rows, std::size_t per_row) {
  std::size_t expected = 0;
  if (__builtin_mul_overflow(rows, per_row, &expected) || size != expected) {
    throw std::invalid_argument("packed tensor: " + std::string(buffer) + " has " + std::to_string(size) +
                                " elements, expected " + std::to_string(rows) + " rows x " + std::to_string(per_row));
  }
}

std::string expected_scale(const Scaling& scaling) {
  if (scaling.stored == ScaleFormat::kU8BelowChannel) return "1..255";
  if (scaling.stored == ScaleFormat::kFp16 && !scaling.signed_scale) return "a finite FP16 with sign bit 0";
  return "a finite " + std::string(scale_info(scaling.stored).name) +
         (scale_info(scaling.stored).has_nan ? " or its NaN" : "");
}

bool legal_scale(const Scaling& scaling, std::uint32_t bits) {
  const auto& info = scale_info(scaling.stored);
  if (!info.legal(bits)) return false;
  return scaling.signed_scale || info.has_nan || !std::signbit(info.decode(bits));
}

void check_groups(const PackedTensor& tensor) {
  const auto& scaling = tensor.format.scaling;
  const auto refuse = [](const char* buffer, std::size_t row, std::size_t group, std::uint32_t value,
                         const std::string& expected) {
    throw std::invalid_argument("packed tensor: " + std::string(buffer) + ": row " + std::to_string(row) + ", group " +
                                std::to_string(group) + ": illegal value " + std::to_string(value) + ", expected " +
                                expected);
  };
  const unsigned selectors = tensor.format.alphabet.selectors();
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    for (std::size_t group = 0; group < tensor.groups(); ++group) {
      for (unsigned plane = 0; plane < scaling.planes; ++plane) {
        const auto bits = tensor.scale_bits(row, group, plane);
        if (!legal_scale(scaling, bits)) refuse("scales", row, group, bits, expected_scale(scaling));
      }
      if (selectors > 1 && tensor.selector(row, group) >= selectors) {
        refuse("selectors", row, group, tensor.selector(row, group), "0.." + std::to_string(selectors - 1));
      }
    }
  }
}

void check_upper_scales(const PackedTensor& tensor) {
  for (std::size_t row = 0; row < tensor.channel_scales.size(); ++row) {
    const float scale = tensor.channel_scales[row];
    if (std::isfinite(scale) && scale > 0) continue;
    throw std::invalid_argument("packed tensor: channel_scales: row " + std::to_string(row) + ": illegal value " +
                                std::to_string(scale) + ", expected a finite number above 0");
  }
  if (!std::isfinite(tensor.tensor_scale) || tensor.tensor_scale <= 0) {
    throw std::invalid_argument("packed tensor: tensor_scale: illegal value " + std::to_string(tensor.tensor_scale) +
                                ", expected a finite number above 0");
  }
}

}  // namespace

std::vector<std::size_t> BufferSpec::shape(std::size_t rows) const {
  switch (extent) {
    case BufferExtent::kPerRow:
      return {rows, width};
    case BufferExtent::kOnePerRow:
      return {rows};
    case BufferExtent::kOneInAll:
      return {1};
  }
  return {};
}

std::size_t BufferSpec::bytes(std::size_t rows) const {
  std::size_t elements = 1;
  for (const std::size_t size : shape(rows)) elements *= size;
  return elements * element_bytes;
}

std::vector<BufferSpec> buffers(const Format& format, std::size_t cols) {
  PackedTensor shape;
  shape.format = format;
  shape.cols = cols;
  const std::size_t scale_bytes = scale_info(format.scaling.stored).bytes;
  const auto per_row = BufferExtent::kPerRow;
  std::vector<BufferSpec> specs{
      {"codes", "U8", 1, per_row, shape.code_row_bytes()},
      {"scales", element_of(format.scaling.stored), scale_bytes, per_row, shape.scale_row_bytes() / scale_bytes},
  };
  if (format.selector_bits() > 0) specs.push_back({"selectors", "U8", 1, per_row, shape.selector_row_bytes()});
  if (format.scaling.zero_point) specs.push_back({"zeros", "U8", 1, per_row, shape.zero_row_bytes()});
  if (below_channel(format)) specs.push_back({"channel_scales", "F32", 4, BufferExtent::kOnePerRow, 1});
  if (format.scaling.tensor_scale != TensorScale::kNone) {
    specs.push_back({"tensor_scale", "F32", 4, BufferExtent::kOneInAll, 1});
  }
  return specs;
}

std::span<const std::uint8_t> buffer_bytes(const PackedTensor& tensor, std::string_view name) {
  return bytes_named<std::span<const std::uint8_t>>(tensor, name);
}

std::span<std::uint8_t> buffer_bytes(PackedTensor& tensor, std::string_view name) {
  return bytes_named<std::span<std::uint8_t>>(tensor, name);
}

void set_buffer(PackedTensor& tensor, std::string_view name, std::span<const std::uint8_t> bytes) {
  const auto target = buffer_bytes(tensor, name);
  if (target.size() != bytes.size()) {
    throw std::invalid_argument("packed tensor: " + std::string(name) + " has " + std::to_string(target.size()) +
                                " bytes, expected " + std::to_string(bytes.size()));
  }
  if (!bytes.empty()) std::memcpy(target.data(), bytes.data(), bytes.size());
}

void validate(const PackedTensor& tensor) {
  const auto& scaling = tensor.format.scaling;
  const std::size_t limit = std::numeric_limits<std::size_t>::max() / 64;
  if (scaling.group == 0 || scaling.group > limit || tensor.cols > limit || tensor.rows > limit) {
    throw std::invalid_argument("packed tensor: shape " + std::to_string(tensor.rows) + " x " +
                                std::to_string(tensor.cols) + " in groups of " + std::to_string(scaling.group) +
                                ", expected a group of at least 1 and sizes that fit the address space");
  }
  check_size("codes", tensor.codes.size(), tensor.rows, tensor.code_row_bytes());
  check_size("scales", tensor.scales.size(), tensor.rows, tensor.scale_row_bytes());
  check_size("selectors", tensor.selectors.size(), tensor.rows, tensor.selector_row_bytes());
  check_size("zeros", tensor.zeros.size(), tensor.rows, tensor.zero_row_bytes());
  check_size("channel_scales", tensor.channel_scales.size(), tensor.rows, below_channel(tensor.format) ? 1 : 0);
  check_groups(tensor);
  check_upper_scales(tensor);
}

double Format::bits_per_weight(std::size_t rows, std::size_t cols) const {
  std::size_t bytes = 0;
  for (const auto& buffer : buffers(*this, cols)) bytes += buffer.bytes(rows);
  return 8.0 * static_cast<double>(bytes) / (static_cast<double>(rows) * static_cast<double>(cols));
}

}  // namespace subbyte::quant
