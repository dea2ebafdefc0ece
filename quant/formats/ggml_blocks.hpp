// Turns blocks of ggml's quantized types (ggml-common.h) into packed tensors and back, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {

/// The table has one row per type. Rows of a tensor are whole blocks, one after the other.
struct BlockType {
  std::string_view name;
  std::uint32_t ggml_id = 0;
  std::size_t weights = 0;  ///< per block
  std::size_t bytes = 0;    ///< per block
  std::string_view format;  ///< what the blocks are imported as
  std::size_t scales = 1;   ///< groups per block
  /// These handle the codes and stored scales of one block. The text says what is wrong with it; null stands for
  /// nothing.
  const char* (*decode)(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) = nullptr;
  const char* (*encode)(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) = nullptr;
};
/// Returns the table: Q4_0, Q8_0, TQ1_0, TQ2_0, MXFP4, NVFP4, STQ1_0.
std::span<const BlockType> block_types();

/// Returns the row of a type by its name, or null for another name.
const BlockType* block_type(std::string_view name);
/// Returns the row by the id that a GGUF file states, or null for one that is not here. STQ1_0 is 43. Its first files
/// say 42, which became Q2_0 (64 weights in 18 bytes), so an id of 42 is STQ1_0 when `bytes` are those of `weights`
/// weights in STQ1_0 blocks, and is not here otherwise.
const BlockType* block_type(std::uint32_t ggml_id, std::size_t weights, std::size_t bytes);

/// Imports rows * cols weights. STQ1_0 has one zero in each four weights 16 apart, not in each four neighbours, and is
/// imported as `ternary:g256`; so are TQ1_0 and TQ2_0. A TQ1_0 byte that no four or five trits give (13 of 256) decodes
/// as in ggml, to other trits' codes. E8M0 and UE4M3 scales of 0xFF and 0x7F are NaN, as their standards say, though
/// ggml reads numbers. Throws std::invalid_argument for cols that are not whole blocks, a number of bytes that is not
/// theirs, a code without a level, or a scale that is not legal.
PackedTensor import_blocks(const BlockType& type, std::size_t rows, std::size_t cols,
                           std::span<const std::uint8_t> bytes);

/// The inverse of import_blocks(). It takes every tensor of the type's levels, scale format and group, whatever its
/// layout is: `sherry:g256` is TQ1_0 as well. Throws std::invalid_argument with type, format and place for what the
/// type cannot hold.
std::vector<std::uint8_t> export_blocks(const BlockType& type, const PackedTensor& tensor);

}  // namespace subbyte::quant
