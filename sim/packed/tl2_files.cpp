#include "sim/packed/tl2_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "quant/formats/tl2_layout.hpp"
#include "sim/base/output_file.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using quant::PackedTensor;

constexpr std::string_view kJson = ".tl2.json";
constexpr std::string_view kBin = ".tl2.bin";

/// The levels must be -1 0 +1 under the codes 0 1 2, with nothing but group scales beside them.
bool is_plain_ternary(const quant::Format& format) {
  const auto& levels = format.alphabet.numerators;
  return levels.size() >= 3 && std::ranges::equal(std::span(levels).first(3), std::vector<std::int64_t>{-1, 0, 1}) &&
         format.alphabet.unit_exponent == 0 && format.alphabet.unit_divisor == 1 && format.alphabet.selectors() == 1 &&
         format.scaling.planes == 1 && !format.scaling.zero_point &&
         format.scaling.tensor_scale == quant::TensorScale::kNone &&
         format.scaling.stored != quant::ScaleFormat::kU8BelowChannel;
}

std::vector<std::uint8_t> all_codes(const PackedTensor& tensor) {
  std::vector<std::uint8_t> codes(tensor.rows * tensor.cols);
  for (std::size_t r = 0; r < tensor.rows; ++r)
    tensor.unpack_row(r, std::span(codes).subspan(r * tensor.cols, tensor.cols));
  return codes;
}

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string write_layer_files(const fs::path& folder, const PackedFile& packed, const PackedLayerInfo& layer,
                              const Tl2Tiles& tiles) {
  const auto fail = [&](const std::string& text) -> void {
    throw InputError(packed.path(), fmt::format("layer '{}'", layer.name), text);
  };
  if (layer.raw || !is_plain_ternary(layer.format))
    fail(fmt::format("the layout tl2 cannot hold the format {}, expected ternary levels under group scales",
                     layer.format_id()));
  if (layer.name.find('/') != std::string::npos) fail("its name is no file name");
  const PackedTensor tensor = packed.load(layer.name);
  std::vector<std::uint8_t> bytes;
  try {
    bytes = quant::tl2_pack({layer.rows, layer.cols, tiles.rows, tiles.block_cols}, all_codes(tensor));
  } catch (const std::invalid_argument& error) {
    fail(error.what());
  }
  const Json json = {{"layout", "tl2"},
                     {"layer", layer.name},
                     {"format", layer.format_id()},
                     {"rows", layer.rows},
                     {"cols", layer.cols},
                     {"tile_rows", tiles.rows},
                     {"block_cols", tiles.block_cols},
                     {"code_bytes", bytes.size()},
                     {"scale_bytes", tensor.scales.size()}};
  bytes.insert(bytes.end(), tensor.scales.begin(), tensor.scales.end());
  write_atomically(folder / (layer.name + std::string(kBin)), text_of(bytes));
  const fs::path path = folder / (layer.name + std::string(kJson));
  write_atomically(path, json.dump(1) + "\n");
  return path.string();
}

/// Reads one key of a .json.
template <typename T>
T value_of(const std::string& path, const Json& json, const char* key) {
  const auto found = json.find(key);
  if constexpr (std::is_same_v<T, std::string>) {
    if (found != json.end() && found->is_string()) return found->get<T>();
  } else {
    if (found != json.end() && found->is_number_unsigned()) return found->get<T>();
  }
  throw InputError(
      path, fmt::format("'{}'", key),
      fmt::format("is missing or not {}", std::is_same_v<T, std::string> ? "a text" : "an unsigned integer"));
}

Json read_json(const std::string& path) {
  const FileBytes file = FileBytes::map(path);
  try {
    Json json = Json::parse(file.all().begin(), file.all().end());
    if (json.is_object() && json.value("layout", Json()) == "tl2") return json;
  } catch (const Json::parse_error& error) {
    file.fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON, expected the description of a TL2 layer");
  } catch (const Json::out_of_range&) {
    file.fail(0, "a number beyond any range");
  }
  file.fail(0, "expected an object with \"layout\": \"tl2\"");
}

PackedTensor load_tl2(const FileBytes& file, const quant::Tl2Shape& shape, const quant::Format& format,
                      std::size_t code_bytes) {
  try {
    PackedTensor tensor = quant::empty_tensor(format, shape.rows, shape.cols);
    const auto codes = quant::tl2_unpack(shape, file.slice(0, code_bytes, "TL2 codes"));
    for (std::size_t r = 0; r < shape.rows; ++r) {
      quant::pack_row(format.layout, format.alphabet.code_bits, std::span(codes).subspan(r * shape.cols, shape.cols),
                      std::span(tensor.codes).subspan(r * tensor.code_row_bytes(), tensor.code_row_bytes()));
    }
    if (tensor.scales.size() != file.size() - code_bytes) {
      file.fail(code_bytes, fmt::format("{} bytes of scales, expected {} for {}", file.size() - code_bytes,
                                        tensor.scales.size(), format.id()));
    }
    file.copy(code_bytes, tensor.scales, "scales");
    quant::validate(tensor);
    return tensor;
  } catch (const std::invalid_argument& error) {
    file.fail(0, error.what());
  }
}

}  // namespace

std::vector<std::string> write_tl2(const std::string& folder, const PackedFile& packed, const Tl2Tiles& tiles) {
  std::vector<std::string> paths;
  for (const PackedLayerInfo& layer : packed.layers()) paths.push_back(write_layer_files(folder, packed, layer, tiles));
  return paths;
}

ImportedLayer read_tl2(const std::string& path) {
  const Json json = read_json(path);
  const auto size = [&](const char* key) { return value_of<std::size_t>(path, json, key); };
  const quant::Tl2Shape shape{size("rows"), size("cols"), size("tile_rows"), size("block_cols")};
  const quant::Format format = quant::parse_format(value_of<std::string>(path, json, "format"));
  if (!is_plain_ternary(format))
    throw InputError(path, "'format'", fmt::format("is {}, expected a ternary format", format.id()));
  const FileBytes file = FileBytes::map(path.substr(0, path.size() - kJson.size()) + std::string(kBin));
  // The sizes bound the shape by the file before anything is allocated, because TL2 needs more than a bit per weight.
  const std::size_t codes = size("code_bytes");
  const std::size_t scales = size("scale_bytes");
  constexpr std::size_t kMost = std::size_t{1} << 31U;
  const bool fits = shape.rows - 1 < kMost && shape.cols - 1 < kMost && shape.tile_rows - 1 < kMost &&
                    shape.block_cols - 1 < kMost && codes <= file.size() && scales == file.size() - codes &&
                    shape.rows * shape.cols <= 8 * codes;
  if (!fits) {
    file.fail(0, fmt::format("{} bytes, expected {} of codes and {} of scales for {} x {} weights", file.size(), codes,
                             scales, shape.rows, shape.cols));
  }
  ImportedLayer layer{{value_of<std::string>(path, json, "layer"), format, shape.rows, shape.cols},
                      [file, shape, format, codes] { return load_tl2(file, shape, format, codes); },
                      {file, {}, ""}};
  layer.source.stored.name = fs::path(path).filename().string();
  layer.source.stored.type_name = "TL2";
  return layer;
}

std::vector<std::string> tl2_files(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().string().ends_with(kJson)) paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace subbyte::sim
