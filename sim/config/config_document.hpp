// The state behind Config and ConfigNode, which is private to the files of the reader.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/config_keys.hpp"

namespace subbyte::sim::detail {

/// What values come from: a file (or a text with a name), or one setting of the command line, which has no lines.
struct Source {
  std::string name;
  std::filesystem::path folder;
  bool lines = true;
};

struct Place {
  std::size_t source = 0;
  YAML::Mark mark;
};

struct Problem {
  Place place;
  std::string text;
  /// File and place of a problem of another document, which the value at `place` names.
  std::optional<std::pair<std::string, std::string>> elsewhere{};
};

/// A value of the document, and which source it stands in.
struct Value {
  YAML::Node yaml;
  std::size_t source = 0;
  YAML::Mark key{};
  /// An empty value has the place of whatever follows it, so the key's place is shown instead.
  Place place() const { return {source, yaml.IsNull() ? key : yaml.Mark()}; }
};

/// A mapping is a pile of layers, of which the first that has a key says its value.
struct Mapping {
  std::vector<Value> layers;
  nlohmann::json::json_pointer path;
  Place place;
  bool absent = false;  ///< it has no keys, which are not reported as missing
  std::vector<std::string> asked;
  std::vector<std::string> offered;   ///< what an unknown key is compared with beside `asked`
  std::vector<std::string> faulty{};  ///< keys in which a problem was found
  std::vector<std::string> unread{};  ///< those of which no value came, so that a second problem would only follow
  bool told = false;  ///< why it has no keys was reported: what is wrong with them would only follow from that
};

/// Returns what a value looks like in a message.
std::string shown(const YAML::Node& node);

/// Ends a reader whose keys are being described.
struct Described {};

struct ConfigDocument {
  std::vector<Source> sources;
  std::vector<Mapping> mappings;
  std::vector<Problem> problems;
  std::vector<std::string> not_settable;  ///< top keys that an error of a setting does not offer
  nlohmann::json resolved = nlohmann::json::object();
  /// In place of reading: every key that is asked for, by its dotted name. The document is then an example at most,
  /// whatever is asked for is there, and no problem matters.
  std::optional<std::vector<KeyEntry>> described;
  std::set<std::string> optional_keys;  ///< dotted names that has() was asked about, where keys are described

  void report(const Place& place, std::string text) { problems.push_back({place, std::move(text)}); }
  /// Reports a problem in a key of a mapping, at a place in its value.
  void report(std::size_t index, std::string_view key, const Place& place, std::string text);
  std::size_t add(std::vector<Value> layers, const nlohmann::json::json_pointer& path, std::string_view what);
  std::size_t add_absent(const nlohmann::json::json_pointer& path, const Place& place);
  std::optional<Value> find(std::size_t index, std::string_view key) const;
  std::vector<Value> find_all(std::size_t index, std::string_view key) const;
  /// Reports every key of the mapping that nobody asked for, with the nearest of those that were or may be.
  void report_unknown(const Mapping& mapping);
  /// Claims a key that may be left out.
  void claim(std::size_t index, std::string_view key);
  /// Claims a key that must be there, and describes it.
  std::optional<Value> demand(std::size_t index, Key key, std::string_view type);
  /// Says what a key is, unless that has been said. Nothing is the default of a key that must be there.
  void describe(std::size_t index, Key key, std::string_view type, std::optional<nlohmann::json> fallback);
  std::string dotted(std::size_t index, std::string_view key) const;
  template <typename T>
  T keep(std::size_t index, std::string_view key, T value) {
    resolved[mappings[index].path / std::string(key)] = value;
    return value;
  }
};

}  // namespace subbyte::sim::detail
