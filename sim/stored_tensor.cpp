#include "sim/stored_tensor.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "quant/float16.hpp"

namespace subbyte::sim {
namespace {

template <typename T>
T element(const std::uint8_t* data, std::size_t i) {
  T value;
  std::memcpy(&value, data + i * sizeof(T), sizeof(T));
  return value;
}

/// A double beyond FP32's range becomes infinite and is reported like a stored infinity.
float from_f64(const std::uint8_t* data, std::size_t i) {
  const double value = element<double>(data, i);
  if (std::abs(value) > std::numeric_limits<float>::max()) return static_cast<float>(HUGE_VALF);
  return static_cast<float>(value);
}
float from_f32(const std::uint8_t* data, std::size_t i) { return element<float>(data, i); }
float from_f16(const std::uint8_t* data, std::size_t i) {
  return quant::half_to_float(element<std::uint16_t>(data, i));
}
float from_bf16(const std::uint8_t* data, std::size_t i) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(element<std::uint16_t>(data, i)) << 16U);
}

using Reader = float (*)(const std::uint8_t*, std::size_t);
Reader float_reader(DataType type) {
  switch (type) {
    case DataType::kF64:
      return from_f64;
    case DataType::kF32:
      return from_f32;
    case DataType::kF16:
      return from_f16;
    case DataType::kBf16:
      return from_bf16;
    default:
      return nullptr;
  }
}

[[noreturn]] void fail_not_finite(const FileBytes& file, const StoredTensor& tensor, std::size_t stored) {
  file.fail(tensor.offset + stored * element_bytes(tensor.type),
            fmt::format("tensor '{}': element {} is not a finite FP32 number, expected finite values",
                        printable(tensor.name), stored));
}

}  // namespace

std::size_t element_bytes(DataType type) {
  switch (type) {
    case DataType::kF64:
      return 8;
    case DataType::kF32:
      return 4;
    case DataType::kF16:
    case DataType::kBf16:
    case DataType::kI16:
      return 2;
    case DataType::kI8:
    case DataType::kU8:
      return 1;
    case DataType::kOther:
      return 0;
  }
  return 0;
}

bool is_floating(DataType type) { return float_reader(type) != nullptr; }

std::size_t StoredTensor::elements() const {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  return count;
}

std::optional<std::uint64_t> checked_bytes(std::span<const std::uint64_t> shape, std::uint64_t element_size) {
  constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  std::uint64_t bytes = element_size;
  bool empty = false;
  for (const std::uint64_t extent : shape) {
    if (extent == 0) empty = true;
    if (extent != 0 && bytes > limit / extent) return std::nullopt;
    bytes *= extent == 0 ? 1 : extent;
  }
  return empty ? 0 : bytes;
}

std::vector<float> to_floats(const FileBytes& file, const StoredTensor& tensor) {
  const Reader read = float_reader(tensor.type);
  if (read == nullptr) {
    file.fail(tensor.offset, fmt::format("tensor '{}' has type {}, expected a floating-point type",
                                         printable(tensor.name), printable(tensor.type_name)));
  }
  const std::size_t count = tensor.elements();
  const auto* data = file.slice(tensor.offset, count * element_bytes(tensor.type), "tensor data").data();
  const std::size_t rows = tensor.column_major ? tensor.shape.at(0) : 1;
  const std::size_t cols = count / (rows == 0 ? 1 : rows);
  std::vector<float> values(count);
  for (std::size_t r = 0, i = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c, ++i) {
      const std::size_t stored = c * rows + r;
      values[i] = read(data, stored);
      if (!std::isfinite(values[i])) fail_not_finite(file, tensor, stored);
    }
  }
  return values;
}

}  // namespace subbyte::sim
