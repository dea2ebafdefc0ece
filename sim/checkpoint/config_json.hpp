// The keys of a model's configuration, the config.json that stands beside its weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/file_bytes.hpp"

namespace subbyte::sim {

/// Returns the object that a config.json holds. Throws InputError with the offset for bytes that are none.
nlohmann::json parse_config_json(const FileBytes& file);

/// Reads keys of the object, and remembers which were asked for. The first key that is wrong is thrown as an InputError
/// that names it. `file` and `json` must live as long as the reader. A null counts as absent, as in transformers.
class ConfigJson {
 public:
  static constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();

  ConfigJson(const FileBytes& file, const nlohmann::json& json) : file_(file), json_(json) {}

  [[noreturn]] void fail(std::string_view key, const std::string& text) const;
  /// Returns the value, or null where the key is absent.
  const nlohmann::json* find(std::string_view key) const;
  /// Read an integer 1..most.
  std::size_t size(std::string_view key, std::uint64_t most = kMost) const;
  std::size_t size_or(std::string_view key, std::size_t fallback, std::uint64_t most = kMost) const;
  bool boolean_or(std::string_view key, bool fallback) const;
  float real_or(std::string_view key, double fallback) const;
  /// The key must be absent or `expected`; `why` says what nothing else is good for.
  void demand(std::string_view key, const nlohmann::json& expected, std::string_view why) const;
  /// The key must be absent.
  void refuse(std::string_view key, std::string_view why) const;
  /// Returns the keys of the file that nobody asked for and that are not among `known`, in alphabetical order.
  std::vector<std::string> unread(std::span<const std::string_view> known) const;
  /// Returns a value as texts show it.
  static std::string shown(const nlohmann::json& value);

 private:
  std::size_t positive(std::string_view key, const nlohmann::json& value, std::uint64_t most) const;
  const FileBytes& file_;
  const nlohmann::json& json_;
  mutable std::set<std::string, std::less<>> asked_;
};

}  // namespace subbyte::sim
