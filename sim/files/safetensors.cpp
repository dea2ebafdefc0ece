#include "sim/files/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/base/output_file.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

struct TypeRow {
  std::string_view name;
  DataType type;
  std::size_t bits;
};
constexpr TypeRow kTypes[] = {
    {"F64", DataType::kF64, 64},      {"F32", DataType::kF32, 32},      {"F16", DataType::kF16, 16},
    {"BF16", DataType::kBf16, 16},    {"I16", DataType::kI16, 16},      {"I8", DataType::kI8, 8},
    {"U8", DataType::kU8, 8},         {"BOOL", DataType::kOther, 8},    {"U16", DataType::kOther, 16},
    {"I32", DataType::kOther, 32},    {"U32", DataType::kOther, 32},    {"I64", DataType::kOther, 64},
    {"U64", DataType::kOther, 64},    {"F8_E4M3", DataType::kOther, 8}, {"F8_E5M2", DataType::kOther, 8},
    {"F8_E8M0", DataType::kOther, 8}, {"F4", DataType::kOther, 4},      {"F6_E2M3", DataType::kOther, 6},
    {"F6_E3M2", DataType::kOther, 6}};

/// Returns whole bytes, and nothing on overflow or for a last byte that is not full.
std::optional<std::uint64_t> whole_bytes(std::span<const std::uint64_t> shape, std::size_t bits) {
  if (bits % 8 == 0) return checked_bytes(shape, bits / 8);
  const auto all = checked_bytes(shape, bits);
  return all && *all % 8 == 0 ? std::optional(*all / 8) : std::nullopt;
}

/// The header's text with its place in the file, so that an error can say where an entry stands.
struct HeaderText {
  const FileBytes& file;
  std::string_view text;

  [[noreturn]] void fail(const std::string& name, const std::string& problem) const {
    const std::size_t at = text.find('"' + name + '"');
    file.fail(kLengthBytes + (at == std::string_view::npos ? 0 : at),
              fmt::format("tensor '{}': {}", printable(name), problem));
  }
};

/// Refuses what the DOM parser would accept in silence: repeated keys, and nesting deeper than the format has.
Json parse_header(const HeaderText& header) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
      if (depth > 2) header.file.fail(kLengthBytes, "the header nests deeper than an entry's lists");
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end || event == Json::parse_event_t::array_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      header.fail(parsed.get<std::string>(), "the name appears twice");
    }
    return true;
  };
  try {
    return Json::parse(header.text.begin(), header.text.end(), check);
  } catch (const Json::parse_error& error) {
    header.file.fail(kLengthBytes + (error.byte == 0 ? 0 : error.byte - 1), "the header is not JSON");
  } catch (const Json::out_of_range&) {
    header.file.fail(kLengthBytes, "the header has a number beyond any range");
  }
}

/// Reads a list of unsigned integers of an entry.
std::vector<std::uint64_t> integers(const HeaderText& header, const std::string& name, const Json& entry,
                                    const char* key) {
  const auto found = entry.find(key);
  const bool list = found != entry.end() && found->is_array() &&
                    std::ranges::all_of(*found, [](const Json& value) { return value.is_number_unsigned(); });
  if (!list) header.fail(name, fmt::format("'{}' is missing or not a list of unsigned integers", key));
  return found->get<std::vector<std::uint64_t>>();
}

/// `held` is the number of bytes after the header.
StoredTensor read_entry(const HeaderText& header, const std::string& name, const Json& entry, std::uint64_t held) {
  if (!entry.is_object()) header.fail(name, "expected an object with dtype, shape and data_offsets");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) header.fail(name, "'dtype' is missing or not a string");
  const std::string type_name = dtype->get<std::string>();
  const auto* row = std::ranges::find(kTypes, type_name, &TypeRow::name);
  if (row == std::end(kTypes)) header.fail(name, fmt::format("unknown dtype '{}'", printable(type_name)));
  const auto shape = integers(header, name, entry, "shape");
  const auto range = integers(header, name, entry, "data_offsets");
  if (range.size() != 2 || range[0] > range[1] || range[1] > held) {
    header.fail(name, fmt::format("data_offsets [{}], expected begin <= end <= {}", fmt::join(range, ", "), held));
  }
  const auto needed = whole_bytes(shape, row->bits);
  if (!needed || *needed != range[1] - range[0]) {
    header.fail(name, fmt::format("data_offsets hold {} bytes, expected {} for {} [{}]", range[1] - range[0],
                                  needed               ? std::to_string(*needed)
                                  : row->bits % 8 == 0 ? "more than 2^63"
                                                       : "whole bytes",
                                  type_name, fmt::join(shape, ", ")));
  }
  StoredTensor tensor{name, row->type, type_name, {shape.begin(), shape.end()}, 0, false};
  tensor.offset = kLengthBytes + header.text.size() + range[0];
  return tensor;
}

/// Metadata is a map of strings.
std::map<std::string, std::string> read_metadata(const HeaderText& header, const Json& entry) {
  std::map<std::string, std::string> metadata;
  if (!entry.is_object()) header.fail(std::string(kMetadata), "expected an object of strings");
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) header.fail(key, "metadata values are strings");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

void check_coverage(const HeaderText& header, const std::vector<StoredTensor>& tensors) {
  std::uint64_t at = kLengthBytes + header.text.size();
  for (const StoredTensor& tensor : tensors) {
    if (tensor.offset != at) {
      header.fail(tensor.name, fmt::format("the data begins at offset {}, expected {}: tensors {}", tensor.offset, at,
                                           tensor.offset < at ? "overlap" : "leave a gap"));
    }
    at += stored_bytes(tensor);
  }
  if (at != header.file.size()) {
    header.file.fail(at, fmt::format("{} bytes after the last tensor, expected none", header.file.size() - at));
  }
}

}  // namespace

std::uint64_t stored_bytes(const StoredTensor& tensor) {
  const std::vector<std::uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
  return *whole_bytes(shape, std::ranges::find(kTypes, tensor.type_name, &TypeRow::name)->bits);
}

Safetensors read_safetensors(const FileBytes& file) {
  const auto length = file.read<std::uint64_t>(0, "the header length");
  if (length > file.size() - kLengthBytes) {
    file.fail(0,
              fmt::format("header length {}, expected at most {}, the bytes that follow (truncated or not safetensors)",
                          length, file.size() - kLengthBytes));
  }
  const auto bytes = file.slice(kLengthBytes, length, "the header");
  const HeaderText header{file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  if (!header.text.starts_with('{')) file.fail(kLengthBytes, "wrong magic, expected the '{' of a safetensors header");
  const Json parsed = parse_header(header);
  Safetensors result;
  for (const auto& [name, entry] : parsed.items()) {
    if (name == kMetadata) {
      result.metadata = read_metadata(header, entry);
    } else {
      result.tensors.push_back(read_entry(header, name, entry, file.size() - kLengthBytes - length));
    }
  }
  std::ranges::stable_sort(result.tensors, [](const StoredTensor& a, const StoredTensor& b) {
    return std::pair(a.offset, stored_bytes(a)) < std::pair(b.offset, stored_bytes(b));
  });
  check_coverage(header, result.tensors);
  return result;
}

std::string safetensors_header(std::span<const SafetensorsField> fields,
                               const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[std::string(kMetadata)] = metadata;
  std::uint64_t at = 0;
  for (const SafetensorsField& field : fields) {
    header[field.name] = {{"dtype", field.dtype}, {"shape", field.shape}, {"data_offsets", {at, at + field.bytes}}};
    at += field.bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text;
}

void write_safetensors(const std::string& path, std::span<const SafetensorsEntry> entries,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<SafetensorsField> fields;
  for (const SafetensorsEntry& entry : entries)
    fields.push_back({entry.name, entry.dtype, entry.shape, entry.bytes.size()});
  OutputFile out(path);
  out.write(safetensors_header(fields, metadata));
  for (const SafetensorsEntry& entry : entries) {
    out.write({reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()});
  }
  out.commit();
}

}  // namespace subbyte::sim
