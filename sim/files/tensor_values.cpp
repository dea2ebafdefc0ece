#include "sim/files/tensor_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/base/float16.hpp"
#include "sim/files/gguf_blocks.hpp"

namespace subbyte::sim {
namespace {

float from_f64(double value) {
  // A double beyond FP32's range becomes infinite and is reported like a stored infinity.
  if (std::abs(value) > std::numeric_limits<float>::max()) return static_cast<float>(HUGE_VALF);
  return static_cast<float>(value);
}
float from_f32(float value) { return value; }
float from_f16(std::uint16_t bits) { return quant::half_to_float(bits); }
float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U); }

/// Converts stored elements one after the other; returns the index of the first that is not finite, or the number of
/// them.
template <typename T, float (*Convert)(T)>
std::size_t convert(const std::uint8_t* data, std::span<float> out) {
  constexpr std::uint32_t kExponent = 0x7F800000;
  bool finite = true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, data + i * sizeof(T), sizeof(T));
    out[i] = Convert(value);
    finite &= (std::bit_cast<std::uint32_t>(out[i]) & kExponent) != kExponent;
  }
  if (finite) return out.size();
  const auto bad = std::ranges::find_if(out, [](float value) { return !std::isfinite(value); });
  return static_cast<std::size_t>(bad - out.begin());
}

using Converter = std::size_t (*)(const std::uint8_t*, std::span<float>);
Converter converter(DataType type) {
  switch (type) {
    case DataType::kF64:
      return convert<double, from_f64>;
    case DataType::kF32:
      return convert<float, from_f32>;
    case DataType::kF16:
      return convert<std::uint16_t, from_f16>;
    case DataType::kBf16:
      return convert<std::uint16_t, from_bf16>;
    default:
      return nullptr;
  }
}

/// "row 3, column 17" of a matrix in C order; "element 200" of another tensor, in stored order.
std::string place_in(const StoredTensor& tensor, std::size_t element) {
  if (tensor.shape.size() != 2 || tensor.column_major) return fmt::format("element {}", element);
  return fmt::format("row {}, column {}", element / tensor.shape[1], element % tensor.shape[1]);
}

/// An array of a .npy file has no name.
std::string called(const StoredTensor& tensor) {
  return tensor.name.empty() ? "the array" : fmt::format("tensor '{}'", printable(tensor.name));
}

/// Reads elements `first` .. in stored order, through a block of bytes, so that the whole tensor is never held twice.
void read_elements(const FileBytes& file, const StoredTensor& tensor, std::size_t first, std::span<float> out,
                   NonFinite non_finite) {
  constexpr std::size_t kBlock = 1U << 16U;
  const std::size_t width = element_bytes(tensor.type);
  const Converter convert_block = converter(tensor.type);
  std::vector<std::uint8_t> bytes(std::min(kBlock, out.size()) * width);
  for (std::size_t at = 0; at < out.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, out.size() - at);
    file.copy(tensor.offset + (first + at) * width, std::span(bytes).first(count * width), "tensor data");
    const std::size_t bad = convert_block(bytes.data(), out.subspan(at, count));
    if (bad == count || non_finite == NonFinite::kKeep) continue;
    file.fail(tensor.offset + (first + at + bad) * width,
              fmt::format("{}: {} is not a finite FP32 number, expected finite values", called(tensor),
                          place_in(tensor, first + at + bad)));
  }
}

void check_floating(const FileBytes& file, const StoredTensor& tensor) {
  if (is_floating(tensor.type)) return;
  file.fail(tensor.offset,
            fmt::format("{} has type {}, expected a floating-point type", called(tensor), printable(tensor.type_name)));
}

std::size_t data_bytes(const StoredTensor& tensor) {
  if (!tensor.blocks) return tensor.elements() * element_bytes(tensor.type);
  return tensor.elements() / tensor.blocks->weights * tensor.blocks->bytes;
}

}  // namespace

bool is_floating(DataType type) { return type == DataType::kBlocks || converter(type) != nullptr; }

std::vector<float> to_floats(const FileBytes& file, const StoredTensor& tensor) {
  if (tensor.column_major) return to_floats(file, tensor, 0, tensor.shape.at(0));
  check_floating(file, tensor);
  // This is checked before the memory is asked for, because a shape that the file cannot hold must not allocate.
  file.slice(tensor.offset, data_bytes(tensor), "tensor data");
  std::vector<float> values(tensor.elements());
  if (tensor.blocks) {
    decode_blocks(file, tensor, 0, values);
  } else {
    read_elements(file, tensor, 0, values, NonFinite::kRefuse);
  }
  return values;
}

std::vector<float> to_floats(const FileBytes& file, const StoredTensor& tensor, std::size_t first, std::size_t count,
                             NonFinite non_finite) {
  check_floating(file, tensor);
  const std::size_t rows = tensor.shape.at(0);
  const std::size_t cols = tensor.shape.at(1);
  file.slice(tensor.offset, data_bytes(tensor), "tensor data");
  std::vector<float> values(count * cols);
  if (tensor.blocks) {
    decode_blocks(file, tensor, first, values);
    return values;
  }
  if (!tensor.column_major) {
    read_elements(file, tensor, first * cols, values, non_finite);
    return values;
  }
  std::vector<float> column(count);
  for (std::size_t c = 0; c < cols; ++c) {
    read_elements(file, tensor, c * rows + first, column, non_finite);
    for (std::size_t r = 0; r < count; ++r) values[r * cols + c] = column[r];
  }
  return values;
}

}  // namespace subbyte::sim
