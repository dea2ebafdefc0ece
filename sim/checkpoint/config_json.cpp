#include "sim/checkpoint/config_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace subbyte::sim {

using Json = nlohmann::json;

Json parse_config_json(const FileBytes& file) {
  try {
    Json json = Json::parse(file.all().begin(), file.all().end());
    if (json.is_object()) return json;
  } catch (const Json::parse_error& error) {
    file.fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON, expected a model configuration");
  } catch (const Json::out_of_range&) {
    file.fail(0, "a number beyond any range, expected a model configuration");
  }
  file.fail(0, "expected an object, a model's configuration");
}

void ConfigJson::fail(std::string_view key, const std::string& text) const {
  throw InputError(file_.name(), fmt::format("'{}'", key), text);
}

const Json* ConfigJson::find(std::string_view key) const {
  asked_.emplace(key);
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

std::size_t ConfigJson::size(std::string_view key, std::uint64_t most) const {
  const Json* value = find(key);
  if (value == nullptr) fail(key, "is missing, expected a positive integer");
  return positive(key, *value, most);
}

std::size_t ConfigJson::size_or(std::string_view key, std::size_t fallback, std::uint64_t most) const {
  const Json* value = find(key);
  return value == nullptr ? fallback : positive(key, *value, most);
}

bool ConfigJson::boolean_or(std::string_view key, bool fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) fail(key, fmt::format("is {}, expected true or false", shown(*value)));
  return value->get<bool>();
}

float ConfigJson::real_or(std::string_view key, double fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return static_cast<float>(fallback);
  const double number = value->is_number() ? value->get<double>() : 0;
  if (!(number > 0 && number <= std::numeric_limits<float>::max()))
    fail(key, fmt::format("is {}, expected a positive number", shown(*value)));
  return static_cast<float>(number);
}

void ConfigJson::demand(std::string_view key, const Json& expected, std::string_view why) const {
  const Json* value = find(key);
  if (value != nullptr && *value != expected)
    fail(key, fmt::format("is {}, expected {}: {}", shown(*value), shown(expected), why));
}

void ConfigJson::refuse(std::string_view key, std::string_view why) const {
  if (const Json* value = find(key)) fail(key, fmt::format("is {}, expected null: {}", shown(*value), why));
}

std::vector<std::string> ConfigJson::unread(std::span<const std::string_view> known) const {
  std::vector<std::string> keys;
  for (const auto& item : json_.items())
    if (!asked_.contains(item.key()) && std::ranges::find(known, item.key()) == known.end()) keys.push_back(item.key());
  std::ranges::sort(keys);
  return keys;
}

std::string ConfigJson::shown(const Json& value) {
  return printable(value.dump(-1, ' ', true, Json::error_handler_t::replace));
}

std::size_t ConfigJson::positive(std::string_view key, const Json& value, std::uint64_t most) const {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() - 1 >= most)
    fail(key, fmt::format("is {}, expected an integer 1..{}", shown(value), most));
  return value.get<std::size_t>();
}

}  // namespace subbyte::sim
