#include "sim/gguf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace subbyte::sim {
namespace {

constexpr std::uint32_t kTypeString = 8;
constexpr std::uint32_t kTypeArray = 9;
constexpr std::uint32_t kTypeUint32 = 4;
/// Bytes of a metadata value by its type; 0: string or array.
constexpr std::uint64_t kValueBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/// ggml_type by number; the gaps are types that ggml withdrew.
constexpr std::string_view kTypeNames[] = {
    "F32",      "F16",      "Q4_0",    "Q4_1",  "Q4_2",       "Q4_3",       "Q5_0",       "Q5_1",
    "Q8_0",     "Q8_1",     "Q2_K",    "Q3_K",  "Q4_K",       "Q5_K",       "Q6_K",       "Q8_K",
    "IQ2_XXS",  "IQ2_XS",   "IQ3_XXS", "IQ1_S", "IQ4_NL",     "IQ3_S",      "IQ2_S",      "IQ4_XS",
    "I8",       "I16",      "I32",     "I64",   "F64",        "IQ1_M",      "BF16",       "Q4_0_4_4",
    "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",   "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4"};

DataType data_type(std::uint32_t type) {
  static constexpr std::pair<std::uint32_t, DataType> rows[] = {
      {0, DataType::kF32}, {1, DataType::kF16}, {30, DataType::kBf16}};
  for (const auto& [number, name] : rows) {
    if (number == type) return name;
  }
  return DataType::kOther;
}

std::string type_name(std::uint32_t type) {
  if (type < std::size(kTypeNames)) return std::string(kTypeNames[type]);
  return fmt::format("number {}", type);
}

/// Reads the header from front to back; nothing is allocated before its bytes were seen.
class Cursor {
 public:
  explicit Cursor(const FileBytes& file) : file_(file) {}

  template <typename T>
  T next(std::string_view what) {
    const T value = file_.read<T>(at_, what);
    at_ += sizeof(T);
    return value;
  }
  std::string_view text(std::string_view what) {
    const auto length = next<std::uint64_t>(what);
    const auto bytes = file_.slice(at_, length, what);
    at_ += length;
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void skip(std::uint64_t count, std::uint64_t each, std::string_view what) {
    const auto bytes = checked_bytes(std::span(&count, 1), each);
    if (!bytes) fail(fmt::format("{} has {} elements, expected a size that fits the file", what, count));
    file_.slice(at_, *bytes, what);
    at_ += *bytes;
  }
  void skip_value(std::uint32_t type, unsigned depth) {
    if (type >= std::size(kValueBytes)) fail(fmt::format("metadata value type {}, expected 0..12", type));
    if (type == kTypeString) {
      text("a metadata text");
    } else if (type == kTypeArray) {
      skip_array(depth + 1);
    } else {
      skip(1, kValueBytes[type], "a metadata value");
    }
  }
  std::uint64_t at() const { return at_; }
  [[noreturn]] void fail(const std::string& text) const { file_.fail(at_, text); }

 private:
  void skip_array(unsigned depth) {
    // No known key nests arrays at all; the bound keeps a hostile file from exhausting the stack.
    if (depth > 4) fail("metadata arrays nested more than 4 deep");
    const auto type = next<std::uint32_t>("an array's type");
    const auto count = next<std::uint64_t>("an array's length");
    if (type < std::size(kValueBytes) && kValueBytes[type] != 0)
      return skip(count, kValueBytes[type], "a metadata array");
    for (std::uint64_t i = 0; i < count; ++i) skip_value(type, depth);
  }

  const FileBytes& file_;
  std::uint64_t at_ = 0;
};

/// Skips the metadata; returns general.alignment.
std::uint64_t read_metadata(Cursor& cursor, std::uint64_t count) {
  std::uint64_t alignment = 32;
  std::set<std::string_view> keys;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t start = cursor.at();
    const std::string_view key = cursor.text("a metadata key");
    if (!keys.insert(key).second)
      cursor.fail(fmt::format("the metadata key '{}' appears twice", printable(key)));
    const auto type = cursor.next<std::uint32_t>("a metadata value's type");
    if (key != "general.alignment") {
      cursor.skip_value(type, 0);
      continue;
    }
    if (type != kTypeUint32)
      cursor.fail(fmt::format("general.alignment has type {}, expected uint32 (4)", type));
    alignment = cursor.next<std::uint32_t>("general.alignment");
    if (alignment < 8 || alignment % 8 != 0) {
      cursor.fail(
          fmt::format("general.alignment {} (key at offset {}), expected a multiple of 8", alignment, start));
    }
  }
  return alignment;
}

/// One entry of the tensor table; `offset` is still relative to the data.
StoredTensor read_tensor_info(Cursor& cursor) {
  StoredTensor tensor;
  tensor.name = cursor.text("a tensor's name");
  const auto dimensions = cursor.next<std::uint32_t>("a tensor's number of dimensions");
  if (dimensions == 0 || dimensions > 4) {
    cursor.fail(
        fmt::format("tensor '{}' has {} dimensions, expected 1..4", printable(tensor.name), dimensions));
  }
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    tensor.shape.insert(tensor.shape.begin(), cursor.next<std::uint64_t>("a tensor's dimension"));
  }
  const auto type = cursor.next<std::uint32_t>("a tensor's type");
  tensor.type = data_type(type);
  tensor.type_name = type_name(type);
  tensor.offset = cursor.next<std::uint64_t>("a tensor's offset");
  return tensor;
}

/// Makes the offset absolute; returns the end of the data that is known to be the tensor's.
std::uint64_t place_tensor(const FileBytes& file, StoredTensor& tensor, std::uint64_t data,
                           std::uint64_t alignment, std::uint64_t entry) {
  const std::vector<std::uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
  // A type that is never converted occupies at least its first byte; its block size is not needed for more.
  const bool other = tensor.type == DataType::kOther;
  const auto needed =
      other ? std::optional<std::uint64_t>(1) : checked_bytes(shape, element_bytes(tensor.type));
  const std::uint64_t held = file.size() - data;
  if (!checked_bytes(shape, 1) || !needed || tensor.offset > held || *needed > held - tensor.offset) {
    file.fail(entry, fmt::format("tensor '{}' {} [{}] at data offset {} needs {} bytes, the data has {}",
                                 printable(tensor.name), tensor.type_name, fmt::join(shape, ", "),
                                 tensor.offset, needed ? std::to_string(*needed) : "more than 2^63", held));
  }
  if (tensor.offset % alignment != 0) {
    file.fail(entry,
              fmt::format("tensor '{}' has the data offset {}, expected a multiple of the alignment {}",
                          printable(tensor.name), tensor.offset, alignment));
  }
  tensor.offset += data;
  return tensor.offset + *needed;
}

struct PlacedTensor {
  StoredTensor tensor;
  std::uint64_t entry;
  std::uint64_t end;
};

void check_overlap(const FileBytes& file, std::vector<PlacedTensor>& placed) {
  std::ranges::stable_sort(placed, {},
                           [](const PlacedTensor& p) { return std::pair(p.tensor.offset, p.end); });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (placed[i].tensor.offset < placed[i - 1].end) {
      file.fail(placed[i].entry,
                fmt::format("tensor '{}' overlaps tensor '{}', expected separate data",
                            printable(placed[i].tensor.name), printable(placed[i - 1].tensor.name)));
    }
  }
}

std::string llama_name(std::string_view gguf_name) {
  static const std::map<std::string_view, std::string_view> parts = {
      {"attn_q", "self_attn.q_proj"},      {"attn_k", "self_attn.k_proj"}, {"attn_v", "self_attn.v_proj"},
      {"attn_output", "self_attn.o_proj"}, {"ffn_gate", "mlp.gate_proj"},  {"ffn_up", "mlp.up_proj"},
      {"ffn_down", "mlp.down_proj"}};
  if (gguf_name == "output.weight") return "lm_head.weight";
  const std::size_t dot = gguf_name.find('.', 4);
  if (!gguf_name.starts_with("blk.") || dot == std::string_view::npos || !gguf_name.ends_with(".weight"))
    return {};
  const auto part = parts.find(gguf_name.substr(dot + 1, gguf_name.size() - dot - 8));
  if (part == parts.end()) return {};
  return fmt::format("model.layers.{}.{}.weight", gguf_name.substr(4, dot - 4), part->second);
}

}  // namespace

std::vector<StoredTensor> read_gguf(const FileBytes& file) {
  if (!file.starts_with("GGUF")) file.fail(0, "wrong magic, expected GGUF");
  Cursor cursor(file);
  cursor.skip(4, 1, "the magic");
  const auto version = cursor.next<std::uint32_t>("the version");
  if (version != 2 && version != 3)
    file.fail(4, fmt::format("GGUF version {}, expected 2 or 3 (little-endian)", version));
  const auto tensors = cursor.next<std::uint64_t>("the number of tensors");
  const auto keys = cursor.next<std::uint64_t>("the number of metadata keys");
  const std::uint64_t alignment = read_metadata(cursor, keys);
  std::vector<PlacedTensor> placed;
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < tensors; ++i) {
    const std::uint64_t entry = cursor.at();
    placed.push_back({read_tensor_info(cursor), entry, 0});
    if (!names.insert(placed.back().tensor.name).second) {
      file.fail(entry,
                fmt::format("tensor '{}': the name appears twice", printable(placed.back().tensor.name)));
    }
  }
  const std::uint64_t data = std::min((cursor.at() + alignment - 1) / alignment * alignment, file.size());
  for (PlacedTensor& p : placed) p.end = place_tensor(file, p.tensor, data, alignment, p.entry);
  check_overlap(file, placed);
  std::vector<StoredTensor> result;
  for (PlacedTensor& p : placed) result.push_back(std::move(p.tensor));
  return result;
}

Model open_gguf(const FileBytes& file) { return make_model(file, read_gguf(file), true, llama_name); }

}  // namespace subbyte::sim
