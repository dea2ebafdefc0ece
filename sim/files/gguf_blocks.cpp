#include "sim/files/gguf_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "quant/formats/ggml_blocks.hpp"
#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

using quant::BlockType;
using quant::PackedTensor;

const BlockType* find_type(std::uint32_t ggml_type) {
  const auto types = quant::block_types();
  const auto found = std::ranges::find(types, ggml_type, &BlockType::ggml_id);
  return found == types.end() ? nullptr : &*found;
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const BlockType& type : quant::block_types()) names.emplace_back(type.name);
  return names;
}

/// Compares levels, stored scale and group; quant::export_blocks checks the rest.
bool fits(const BlockType& type, const quant::Format& format) {
  const quant::Format own = quant::parse_format(type.format);
  return own.alphabet.numerators == format.alphabet.numerators &&
         own.alphabet.unit_exponent == format.alphabet.unit_exponent && own.alphabet.kind == format.alphabet.kind &&
         own.scaling.stored == format.scaling.stored && own.scaling.group == format.scaling.group &&
         format.alphabet.selectors() == 1 && !format.scaling.zero_point;
}

[[noreturn]] void fail_layer(const std::string& path, const std::string& layer, const std::string& text) {
  throw InputError(path, fmt::format("layer '{}'", layer), text);
}

}  // namespace

bool decodes_blocks(std::uint32_t ggml_type) { return find_type(ggml_type) != nullptr; }

std::string block_type_names() { return fmt::format("{}", fmt::join(type_names(), ", ")); }

PackedTensor load_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t first, std::size_t count) {
  const BlockType& type = *find_type(tensor.blocks->ggml_type);
  const std::size_t cols = tensor.shape.back();
  const std::size_t row_bytes = cols / type.weights * type.bytes;
  const std::uint64_t offset = tensor.offset + first * row_bytes;
  // This is checked before the memory is asked for.
  file.slice(offset, count * row_bytes, "tensor data");
  std::vector<std::uint8_t> bytes(count * row_bytes);
  file.copy(offset, bytes, "tensor data");
  try {
    PackedTensor packed = quant::import_blocks(type, count, cols, bytes);
    const auto& scales = tensor.blocks->scales;
    if (!scales.empty()) {
      const std::size_t rows_each = tensor.elements() / cols / scales.size();
      packed.tensor_scale = scales[first / rows_each];
      quant::validate(packed);
    }
    return packed;
  } catch (const std::invalid_argument& error) {
    file.fail(offset, fmt::format("tensor '{}', rows from {} on: {}", printable(tensor.name), first, error.what()));
  }
}

void decode_blocks(const FileBytes& file, const StoredTensor& tensor, std::size_t first_row, std::span<float> out) {
  constexpr std::size_t kValues = std::size_t{1} << 16U;
  const std::size_t cols = tensor.shape.back();
  if (cols == 0) return;
  const std::size_t rows = out.size() / cols;
  const std::size_t chunk = std::max<std::size_t>(1, kValues / cols);
  const std::size_t scales = std::max<std::size_t>(1, tensor.blocks->scales.size());
  const std::size_t rows_each = tensor.elements() / cols / scales;
  for (std::size_t at = 0, count = 0; at < rows; at += count) {
    // Rows of one tensor scale are written at a time.
    count = std::min({chunk, rows - at, rows_each - (first_row + at) % rows_each});
    const PackedTensor packed = load_blocks(file, tensor, first_row + at, count);
    for (std::size_t r = 0; r < count; ++r) {
      const auto row = out.subspan((at + r) * cols, cols);
      packed.decode_row(r, row);
      const auto bad = std::ranges::find_if(row, [](float value) { return !std::isfinite(value); });
      if (bad == row.end()) continue;
      file.fail(tensor.offset,
                fmt::format("tensor '{}': row {}, column {} is not a finite FP32 number, expected finite values",
                            printable(tensor.name), first_row + at + r, bad - row.begin()));
    }
  }
}

std::uint32_t block_type_of(const std::string& path, const std::string& layer, const quant::Format& format,
                            const std::string& name) {
  const auto types = quant::block_types();
  if (name.empty()) {
    const auto found = std::ranges::find_if(types, [&](const BlockType& type) { return fits(type, format); });
    if (found != types.end()) return found->ggml_id;
    fail_layer(path, layer,
               fmt::format("no GGUF type holds the format {}; GGUF has {}", format.id(), block_type_names()));
  }
  const BlockType* type = quant::block_type(std::string_view(name));
  if (type == nullptr)
    throw InputError("", "--type", fmt::format("unknown type '{}'; {}", name, quant::suggestion(name, type_names())));
  if (!fits(*type, format)) {
    fail_layer(path, layer,
               fmt::format("{} cannot hold the format {}, expected the levels, scale and group of {}", name,
                           format.id(), type->format));
  }
  return type->ggml_id;
}

std::vector<std::uint8_t> encode_blocks(const std::string& path, const std::string& layer, const PackedTensor& tensor,
                                        std::uint32_t ggml_type) {
  try {
    return quant::export_blocks(*find_type(ggml_type), tensor);
  } catch (const std::invalid_argument& error) {
    fail_layer(path, layer, error.what());
  }
}

}  // namespace subbyte::sim
