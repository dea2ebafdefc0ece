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

}  // namespace subbyte::sim
