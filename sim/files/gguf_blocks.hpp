// Reads and writes tensors of ggml's quantized types as packed tensors, bit for bit. The layouts are in
// quant/formats/ggml_blocks.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/file_bytes.hpp"
#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

/// Returns whether the blocks of a ggml type can become a packed tensor.
bool decodes_blocks(std::uint32_t ggml_type);
/// Returns the names of those types, as "Q4_0, Q8_0, ...".
std::string block_type_names();

/// Returns rows first .. first + count of a kBlocks tensor, where all its dimensions but the last are taken together,
/// with its tensor scale (that of the first row, where a tensor has several). Throws InputError for stored values that
/// no packed tensor may have.
quant::PackedTensor load_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t first,
                                std::size_t count);

/// Writes their FP32 values into `out`, whose size is a multiple of the row. Throws InputError, also for a value that
/// is not finite.
void decode_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t first_row, std::span<float> out);

/// Returns the type that holds a layer's format: `name` ("TQ1_0"), or the first that does where `name` is empty. Throws
/// InputError that names the layer and the types that hold its format.
std::uint32_t block_type_of(const std::string& path, const std::string& layer, const quant::Format& format,
                            const std::string& name);
/// Returns the blocks of a tensor, row after row. Throws InputError that names the layer.
std::vector<std::uint8_t> encode_blocks(const std::string& path, const std::string& layer,
                                        const quant::PackedTensor& tensor, std::uint32_t ggml_type);

}  // namespace subbyte::sim
