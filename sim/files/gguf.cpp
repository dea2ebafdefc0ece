#include "sim/files/gguf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sim/files/gguf_blocks.hpp"
#include "sim/files/gguf_types.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kScale = ".scale";

std::uint64_t read_alignment(const GgufMetadata& metadata) {
  constexpr std::string_view kKey = "general.alignment";
  if (!metadata.contains(kKey)) return 32;
  const GgufEntry& entry = metadata.entries().find(kKey)->second;
  if (entry.type != GgufType::kUint32)
    metadata.fail(kKey, fmt::format("has type {}, expected uint32", gguf_type_name(entry.type)));
  const std::uint64_t alignment = *metadata.integer(kKey);
  if (alignment < 8 || alignment % 8 != 0)
    metadata.fail(kKey, fmt::format("is {}, expected a multiple of 8", alignment));
  return alignment;
}

struct PlacedTensor {
  StoredTensor tensor;  ///< `offset` is relative to the data until place_tensor()
  std::uint32_t type = 0;
  std::uint64_t entry = 0;
  std::uint64_t end = 0;
};

PlacedTensor read_tensor_info(GgufCursor& cursor) {
  PlacedTensor placed;
  placed.entry = cursor.at();
  StoredTensor& tensor = placed.tensor;
  tensor.name = cursor.text("a tensor's name");
  const auto dimensions = cursor.next<std::uint32_t>("a tensor's number of dimensions");
  if (dimensions == 0 || dimensions > 4) {
    cursor.fail(fmt::format("tensor '{}' has {} dimensions, expected 1..4", printable(tensor.name), dimensions));
  }
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    tensor.shape.insert(tensor.shape.begin(), cursor.next<std::uint64_t>("a tensor's dimension"));
  }
  placed.type = cursor.next<std::uint32_t>("a tensor's type");
  tensor.offset = cursor.next<std::uint64_t>("a tensor's offset");
  return placed;
}

std::vector<PlacedTensor> read_tensor_table(const FileBytes& file, GgufCursor& cursor, std::uint64_t count) {
  std::vector<PlacedTensor> placed;
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    placed.push_back(read_tensor_info(cursor));
    if (!names.insert(placed.back().tensor.name).second) {
      file.fail(placed.back().entry,
                fmt::format("tensor '{}': the name appears twice", printable(placed.back().tensor.name)));
    }
  }
  std::ranges::stable_sort(placed, {}, [](const PlacedTensor& p) { return p.tensor.offset; });
  return placed;
}

/// Returns the bytes of whole blocks, and nothing on overflow.
std::optional<std::uint64_t> block_bytes(const StoredTensor& tensor, const GgmlType& type) {
  std::vector<std::uint64_t> blocks(tensor.shape.begin(), tensor.shape.end());
  blocks.back() /= type.weights;
  return checked_bytes(blocks, type.bytes);
}

/// Decides what type number 42 is by the room that the tensor has.
std::uint32_t resolve_type(const PlacedTensor& placed, std::uint64_t room, std::uint64_t alignment) {
  if (placed.type != kGgmlQ2_0) return placed.type;
  const auto fills = [&](std::uint32_t number) {
    const GgmlType& type = *ggml_type(number);
    const auto bytes = block_bytes(placed.tensor, type);
    return placed.tensor.shape.back() % type.weights == 0 && bytes && *bytes <= room && room - *bytes < alignment;
  };
  return fills(kGgmlStq1_0) && !fills(kGgmlQ2_0) ? kGgmlStq1_0 : placed.type;
}

void set_type(StoredTensor& tensor, std::uint32_t number) {
  static constexpr std::pair<std::uint32_t, DataType> kElements[] = {
      {kGgmlF32, DataType::kF32}, {kGgmlF16, DataType::kF16}, {kGgmlBf16, DataType::kBf16}};
  tensor.type_name = ggml_type_name(number);
  const auto* element = std::ranges::find(kElements, number, &std::pair<std::uint32_t, DataType>::first);
  if (element != std::end(kElements)) {
    tensor.type = element->second;
    return;
  }
  const GgmlType* type = ggml_type(number);
  tensor.type = decodes_blocks(number) ? DataType::kBlocks : DataType::kOther;
  tensor.blocks = StoredBlocks{number, type == nullptr ? 1 : type->weights, type == nullptr ? 0 : type->bytes, {}};
}

/// Makes the offset absolute and sets the end of the data that is known to be the tensor's.
void place_tensor(const FileBytes& file, PlacedTensor& placed, std::uint64_t data, std::uint64_t alignment) {
  StoredTensor& tensor = placed.tensor;
  const std::uint64_t held = file.size() - data;
  const std::vector<std::uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
  const GgmlType* type = ggml_type(placed.type);
  const bool sized = type != nullptr && type->bytes != 0;
  if (sized && shape.back() % type->weights != 0) {
    file.fail(placed.entry,
              fmt::format("tensor '{}' {} [{}]: rows of {} weights, expected a multiple of {}", printable(tensor.name),
                          tensor.type_name, fmt::join(shape, ", "), shape.back(), type->weights));
  }
  const auto needed = sized ? block_bytes(tensor, *type) : std::optional<std::uint64_t>(1);
  if (!checked_bytes(shape, sizeof(float)) || !needed || tensor.offset > held || *needed > held - tensor.offset) {
    file.fail(placed.entry, fmt::format("tensor '{}' {} [{}] at data offset {} needs {} bytes, the data has {}",
                                        printable(tensor.name), tensor.type_name, fmt::join(shape, ", "), tensor.offset,
                                        needed ? std::to_string(*needed) : "more than 2^63", held));
  }
  if (tensor.offset % alignment != 0) {
    file.fail(placed.entry, fmt::format("tensor '{}' has the data offset {}, expected a multiple of the alignment {}",
                                        printable(tensor.name), tensor.offset, alignment));
  }
  tensor.offset += data;
  placed.end = tensor.offset + *needed;
}

void place_tensors(const FileBytes& file, std::vector<PlacedTensor>& placed, std::uint64_t data,
                   std::uint64_t alignment) {
  const std::uint64_t held = file.size() - data;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const std::uint64_t next = i + 1 < placed.size() ? placed[i + 1].tensor.offset : held;
    const std::uint64_t offset = placed[i].tensor.offset;
    placed[i].type = resolve_type(placed[i], next < offset ? 0 : next - offset, alignment);
    set_type(placed[i].tensor, placed[i].type);
  }
  for (PlacedTensor& p : placed) place_tensor(file, p, data, alignment);
  // Of two tensors at one place the empty one comes first, as it overlaps nothing.
  std::ranges::stable_sort(placed, {}, [](const PlacedTensor& p) { return std::pair(p.tensor.offset, p.end); });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (placed[i].tensor.offset < placed[i - 1].end) {
      file.fail(placed[i].entry, fmt::format("tensor '{}' overlaps tensor '{}', expected separate data",
                                             printable(placed[i].tensor.name), printable(placed[i - 1].tensor.name)));
    }
  }
}

/// Gives every NVFP4 tensor the scales that lie beside it.
void attach_scales(const FileBytes& file, std::vector<StoredTensor>& tensors) {
  std::map<std::string_view, const StoredTensor*> by_name;
  for (const StoredTensor& tensor : tensors) by_name.emplace(tensor.name, &tensor);
  for (StoredTensor& tensor : tensors) {
    if (!tensor.blocks || tensor.blocks->ggml_type != kGgmlNvfp4 || !tensor.name.ends_with(kWeight)) continue;
    const std::string name = tensor.name.substr(0, tensor.name.size() - kWeight.size()) + std::string(kScale);
    const auto found = by_name.find(name);
    if (found == by_name.end()) continue;
    const StoredTensor* scale = found->second;
    const std::size_t expected = tensor.shape.size() == 3 ? tensor.shape[0] : 1;
    if (scale->type != DataType::kF32 || scale->elements() != expected) {
      file.fail(scale->offset,
                fmt::format("tensor '{}' is {} [{}], expected F32 [{}], the scale of '{}'", printable(name),
                            scale->type_name, fmt::join(scale->shape, ", "), expected, printable(tensor.name)));
    }
    tensor.blocks->scales = to_floats(file, *scale);
  }
}

}  // namespace

Gguf read_gguf(const FileBytes& file) {
  if (!file.starts_with("GGUF")) file.fail(0, "wrong magic, expected GGUF");
  GgufCursor cursor(file);
  cursor.skip(4, 1, "the magic");
  const auto version = cursor.next<std::uint32_t>("the version");
  if (version != 2 && version != 3)
    file.fail(4, fmt::format("GGUF version {}, expected 2 or 3 (little-endian)", version));
  const auto tensors = cursor.next<std::uint64_t>("the number of tensors");
  const auto keys = cursor.next<std::uint64_t>("the number of metadata keys");
  const std::uint64_t begin = cursor.at();
  Gguf gguf{GgufMetadata::read(file, cursor, keys), {}, begin, cursor.at()};
  gguf.metadata_end = cursor.at();
  const std::uint64_t alignment = read_alignment(gguf.metadata);
  auto placed = read_tensor_table(file, cursor, tensors);
  const std::uint64_t data = std::min((cursor.at() + alignment - 1) / alignment * alignment, file.size());
  place_tensors(file, placed, data, alignment);
  for (PlacedTensor& p : placed) gguf.tensors.push_back(std::move(p.tensor));
  attach_scales(file, gguf.tensors);
  return gguf;
}

}  // namespace subbyte::sim
