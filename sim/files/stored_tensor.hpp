// A tensor as it lies in a file, with its type, shape and place; it is converted to FP32 on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/file_bytes.hpp"

namespace subbyte::sim {

/// kOther stands for element types that exist in a file but are never converted, and kBlocks for ggml's quantized types
/// that are converted (StoredTensor::blocks); `type_name` says which.
enum class DataType : std::uint8_t { kF64, kF32, kF16, kBf16, kI16, kI8, kU8, kOther, kI64, kI32, kU32, kU16, kBlocks };

/// Returns the bytes per element, or 0 for kOther and kBlocks.
std::size_t element_bytes(DataType type);

/// Says how a GGUF tensor of a quantized type is stored. Its rows (the innermost extent) are whole blocks.
struct StoredBlocks {
  std::uint32_t ggml_type = 0;
  std::size_t weights = 1;  ///< per block
  std::size_t bytes = 0;    ///< per block; 0 where it is not known
  /// Every value is multiplied by its scale. There is none, one, or one per outermost index of three dimensions.
  std::vector<float> scales;
};

struct StoredTensor {
  std::string name;  ///< as in the file
  DataType type = DataType::kOther;
  std::string type_name;                              ///< as the file calls it
  std::vector<std::size_t> shape;                     ///< outermost first
  std::uint64_t offset = 0;                           ///< offset of the first element from the start of the file
  bool column_major = false;                          ///< Fortran order (two dimensions only)
  std::optional<StoredBlocks> blocks = std::nullopt;  ///< set for kBlocks, and for a GGUF type that is not converted

  /// Returns the product of the shape; readers guarantee that it does not overflow and that the data lies in the file.
  std::size_t elements() const;
};

/// A stored tensor in its file, under its Hugging Face name where one is known, and otherwise under its own.
struct FileTensor {
  FileBytes file;
  StoredTensor stored;
  std::string name;
};

/// Returns the product of `shape` times `element_size`, or nothing where that needs more than 63 bits.
std::optional<std::uint64_t> checked_bytes(std::span<const std::uint64_t> shape, std::uint64_t element_size);

}  // namespace subbyte::sim
