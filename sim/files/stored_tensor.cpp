#include "sim/files/stored_tensor.hpp"

#include <limits>

namespace subbyte::sim {

std::size_t element_bytes(DataType type) {
  switch (type) {
    case DataType::kF64:
    case DataType::kI64:
      return 8;
    case DataType::kF32:
    case DataType::kI32:
    case DataType::kU32:
      return 4;
    case DataType::kF16:
    case DataType::kBf16:
    case DataType::kI16:
    case DataType::kU16:
      return 2;
    case DataType::kI8:
    case DataType::kU8:
      return 1;
    case DataType::kOther:
    case DataType::kBlocks:
      return 0;
  }
  return 0;
}

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

}  // namespace subbyte::sim
