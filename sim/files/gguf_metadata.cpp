#include "sim/files/gguf_metadata.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace subbyte::sim {
namespace {

using ReadNumber = double (*)(const FileBytes&, std::uint64_t);

template <typename T>
double read_number(const FileBytes& file, std::uint64_t at) {
  return static_cast<double>(file.read<T>(at, "a metadata value"));
}

/// Reads a number by its GgufType; returns nothing for what is no number.
constexpr ReadNumber kNumbers[] = {read_number<std::uint8_t>,
                                   read_number<std::int8_t>,
                                   read_number<std::uint16_t>,
                                   read_number<std::int16_t>,
                                   read_number<std::uint32_t>,
                                   read_number<std::int32_t>,
                                   read_number<float>,
                                   nullptr,
                                   nullptr,
                                   nullptr,
                                   read_number<std::uint64_t>,
                                   read_number<std::int64_t>,
                                   read_number<double>};

ReadNumber number_reader(GgufType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(kNumbers) ? kNumbers[index] : nullptr;
}

bool is_real(GgufType type) { return type == GgufType::kFloat32 || type == GgufType::kFloat64; }

}  // namespace

GgufMetadata GgufMetadata::read(const FileBytes& file, GgufCursor& cursor, std::uint64_t count) {
  GgufMetadata metadata(file);
  for (std::uint64_t i = 0; i < count; ++i) {
    GgufEntry entry;
    entry.key = cursor.at();
    const std::string key(cursor.text("a metadata key"));
    entry.type = cursor.next<GgufType>("a metadata value's type");
    entry.offset = cursor.at();
    cursor.skip_value(entry.type);
    entry.end = cursor.at();
    if (!metadata.entries_.emplace(key, entry).second)
      file.fail(entry.key, fmt::format("the metadata key '{}' appears twice", printable(key)));
  }
  return metadata;
}

const GgufEntry* GgufMetadata::find(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

const GgufEntry* GgufMetadata::find(std::string_view key, GgufType type) const {
  const GgufEntry* entry = find(key);
  if (entry != nullptr && entry->type != type) {
    fail(key, fmt::format("has type {}, expected {}", gguf_type_name(entry->type), gguf_type_name(type)));
  }
  return entry;
}

void GgufMetadata::fail(std::string_view key, const std::string& text) const {
  const GgufEntry* entry = find(key);
  file_.fail(entry == nullptr ? 0 : entry->offset, fmt::format("{} {}", printable(key), text));
}

std::optional<std::uint64_t> GgufMetadata::integer(std::string_view key) const {
  const GgufEntry* entry = find(key);
  if (entry == nullptr) return std::nullopt;
  const ReadNumber number = number_reader(entry->type);
  if (number == nullptr || is_real(entry->type))
    fail(key, fmt::format("has type {}, expected an integer", gguf_type_name(entry->type)));
  if (entry->type == GgufType::kUint64) return file_.read<std::uint64_t>(entry->offset, "a metadata value");
  const double value = number(file_, entry->offset);
  if (value < 0) fail(key, fmt::format("is {}, expected 0 or more", value));
  if (entry->type == GgufType::kInt64)
    return static_cast<std::uint64_t>(file_.read<std::int64_t>(entry->offset, "a metadata value"));
  return static_cast<std::uint64_t>(value);
}

std::optional<double> GgufMetadata::number(std::string_view key) const {
  const GgufEntry* entry = find(key);
  if (entry == nullptr) return std::nullopt;
  const ReadNumber number = number_reader(entry->type);
  if (number == nullptr) fail(key, fmt::format("has type {}, expected a number", gguf_type_name(entry->type)));
  const double value = number(file_, entry->offset);
  if (!std::isfinite(value)) fail(key, "is not finite");
  return value;
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
  const GgufEntry* entry = find(key, GgufType::kBool);
  if (entry == nullptr) return std::nullopt;
  return file_.read<std::uint8_t>(entry->offset, "a metadata value") != 0;
}

std::optional<std::string> GgufMetadata::text(std::string_view key) const {
  const GgufEntry* entry = find(key, GgufType::kString);
  if (entry == nullptr) return std::nullopt;
  return std::string(GgufCursor(file_, entry->offset).text("a metadata text"));
}

std::vector<std::string> GgufMetadata::texts(std::string_view key) const {
  const GgufEntry* entry = find(key, GgufType::kArray);
  if (entry == nullptr) return {};
  GgufCursor cursor(file_, entry->offset);
  const auto type = cursor.next<GgufType>("an array's type");
  const auto count = cursor.next<std::uint64_t>("an array's length");
  if (type != GgufType::kString)
    fail(key, fmt::format("is an array of {}, expected one of string", gguf_type_name(type)));
  std::vector<std::string> values;
  for (std::uint64_t i = 0; i < count; ++i) values.emplace_back(cursor.text("a metadata text"));
  return values;
}

std::vector<double> GgufMetadata::numbers(std::string_view key) const {
  const GgufEntry* entry = find(key, GgufType::kArray);
  if (entry == nullptr) return {};
  GgufCursor cursor(file_, entry->offset);
  const auto type = cursor.next<GgufType>("an array's type");
  const auto count = cursor.next<std::uint64_t>("an array's length");
  const ReadNumber number = number_reader(type);
  if (number == nullptr) fail(key, fmt::format("is an array of {}, expected one of numbers", gguf_type_name(type)));
  std::vector<double> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    values.push_back(number(file_, cursor.at()));
    cursor.skip(1, gguf_value_bytes(type), "a metadata array");
  }
  return values;
}

}  // namespace subbyte::sim
