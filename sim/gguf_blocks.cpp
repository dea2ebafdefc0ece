#include "sim/gguf_blocks.hpp"

#include <fmt/format.h>

namespace subbyte::sim {

bool decodes_blocks(std::uint32_t) { return false; }

std::string block_type_names() { return ""; }

quant::PackedTensor load_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t, std::size_t) {
  file.fail(tensor.offset, "not yet");
}

void decode_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t, std::span<float>) {
  file.fail(tensor.offset, "not yet");
}

std::uint32_t block_type_of(const std::string& path, const PackedLayerInfo& layer, const std::string&) {
  throw InputError(path, layer.name, "not yet");
}

std::vector<std::uint8_t> encode_blocks(const std::string& path, const std::string& layer, const quant::PackedTensor&,
                                        std::uint32_t) {
  throw InputError(path, layer, "not yet");
}

}  // namespace subbyte::sim
