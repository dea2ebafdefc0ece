// Reads model.safetensors.index.json and its shards. Source: huggingface.co/docs/safetensors and transformers
// modeling_utils.py, save_pretrained.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/files/safetensors.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using WeightMap = std::map<std::string, std::string>;

/// The text of the index, so that an error can say where an entry stands.
struct IndexText {
  const FileBytes& file;
  std::string_view text;

  [[noreturn]] void fail(const std::string& key, const std::string& problem) const {
    const std::size_t at = text.find('"' + key + '"');
    file.fail(at == std::string_view::npos ? 0 : at, problem);
  }
  [[noreturn]] void fail_tensor(const std::string& name, const std::string& problem) const {
    fail(name, fmt::format("tensor '{}': {}", printable(name), problem));
  }
};

/// Refuses repeated keys, which the DOM would merge: they put a tensor in two shards.
Json parse_index(const IndexText& index) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
      if (depth > 4) index.file.fail(0, "the index nests deeper than an index does");
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end || event == Json::parse_event_t::array_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      index.fail_tensor(parsed.get<std::string>(), "the name appears twice, expected one shard for a tensor");
    }
    return true;
  };
  try {
    return Json::parse(index.text.begin(), index.text.end(), check);
  } catch (const Json::parse_error& error) {
    index.file.fail(error.byte == 0 ? 0 : error.byte - 1, "the index is not JSON");
  } catch (const Json::out_of_range&) {
    index.file.fail(0, "the index has a number beyond any range");
  }
}

/// The test is lexical, so that a shard may be a link (download caches keep the data elsewhere).
void check_inside(const IndexText& index, const std::string& tensor, const std::string& shard) {
  const fs::path path(shard);
  const bool inside = !shard.empty() && shard.find('\0') == std::string::npos && path.is_relative() &&
                      std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
  if (!inside) {
    index.fail_tensor(
        tensor, fmt::format("the shard '{}' is not inside the model's folder, expected a file name", printable(shard)));
  }
}

WeightMap read_weight_map(const IndexText& index, const Json& json) {
  const auto found = json.is_object() ? json.find("weight_map") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_object() || found->empty())
    index.file.fail(0, "not an index of shards, expected an object with 'weight_map' {tensor: shard}");
  WeightMap map;
  for (const auto& [tensor, shard] : found->items()) {
    if (!shard.is_string()) index.fail_tensor(tensor, "the shard is not a text, expected a file name");
    check_inside(index, tensor, shard.get<std::string>());
    map.emplace(tensor, shard.get<std::string>());
  }
  return map;
}

FileBytes map_shard(const IndexText& index, const fs::path& folder, const WeightMap::value_type& entry) {
  const fs::path path = folder / entry.second;
  if (!fs::exists(path)) {
    index.fail_tensor(entry.first,
                      fmt::format("its shard {} is missing, expected every shard beside the index", path.string()));
  }
  return FileBytes::map(path.string());
}

/// Returns the tensors of a shard, each of which the index must place there.
void add_shard(const IndexText& index, const WeightMap& map, const std::string& shard, const FileBytes& file,
               std::vector<FileTensor>& tensors) {
  for (StoredTensor& tensor : read_safetensors(file).tensors) {
    const auto listed = map.find(tensor.name);
    if (listed == map.end()) {
      file.fail(tensor.offset, fmt::format("tensor '{}' is not listed in the weight_map of {}", printable(tensor.name),
                                           index.file.name()));
    }
    if (listed->second != shard) {
      file.fail(tensor.offset, fmt::format("tensor '{}' is in this shard, expected it in '{}' alone, as {} says",
                                           printable(tensor.name), printable(listed->second), index.file.name()));
    }
    std::string name = tensor.name;
    tensors.push_back({file, std::move(tensor), std::move(name)});
  }
}

void check_complete(const IndexText& index, const WeightMap& map, const std::vector<FileTensor>& tensors) {
  std::set<std::string_view> held;
  for (const FileTensor& tensor : tensors) held.insert(tensor.name);
  for (const auto& [tensor, shard] : map) {
    if (!held.contains(tensor)) index.fail_tensor(tensor, fmt::format("is not in its shard '{}'", printable(shard)));
  }
}

void check_total(const IndexText& index, const Json& json, std::uint64_t bytes) {
  const auto metadata = json.find("metadata");
  if (metadata == json.end() || !metadata->is_object() || !metadata->contains("total_size")) return;
  const Json& total = metadata->at("total_size");
  if (total.is_number() && total.get<double>() == static_cast<double>(bytes)) return;
  index.fail("total_size", fmt::format("metadata.total_size is {}, expected {}, the bytes of the tensors listed",
                                       printable(total.dump(-1, ' ', true, Json::error_handler_t::replace)), bytes));
}

}  // namespace

bool looks_like_index(const FileBytes& file) {
  const auto blank = [](std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  const auto first = std::ranges::find_if_not(file.all().first(std::min<std::size_t>(64, file.size())), blank);
  return file.name().ends_with(".json") && file.size() > 0 && *first == '{';
}

std::vector<FileTensor> read_sharded_safetensors(const FileBytes& file) {
  const auto all = file.all();
  const IndexText index{file, {reinterpret_cast<const char*>(all.data()), all.size()}};
  const Json json = parse_index(index);
  const WeightMap map = read_weight_map(index, json);
  std::map<std::string, const WeightMap::value_type*> shards;
  for (const auto& entry : map) shards.emplace(entry.second, &entry);
  const fs::path folder = fs::path(file.name()).parent_path();
  std::vector<FileTensor> tensors;
  for (const auto& [shard, entry] : shards) add_shard(index, map, shard, map_shard(index, folder, *entry), tensors);
  check_complete(index, map, tensors);
  std::uint64_t bytes = 0;
  for (const FileTensor& tensor : tensors) bytes += stored_bytes(tensor.stored);
  check_total(index, json, bytes);
  return tensors;
}

}  // namespace subbyte::sim
