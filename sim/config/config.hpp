// The one reader of configuration files (YAML). Asking for a key claims it. finish() reports the keys that nobody
// claimed and every other problem of the file at once, each with its place, what is there, what was expected and a
// suggestion.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// One thing that is wrong in a configuration file. `place` is "LINE:COLUMN", or "" where the file as a whole is wrong.
struct ConfigProblem {
  std::string file, place, text;
};

/// All problems of one file, in the order of their places. what() holds one problem per line, for example
/// "design.yaml:2:8: 'lanes' is 512, expected 1..256".
struct ConfigError : std::invalid_argument {
  explicit ConfigError(std::vector<ConfigProblem> found);
  std::vector<ConfigProblem> problems;
};

namespace detail {
struct ConfigDocument;
}

/// One mapping of a document. It is a cheap handle that lives as long as any Config or ConfigNode of its document.
/// Readers never throw on a bad or missing value: they record a problem and return a value inside the range (the
/// minimum, the first choice, an empty text or list), so that the caller can go on and finish() can report everything.
class ConfigNode {
 public:
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  double real(std::string_view key, double min, double max);
  double real_or(std::string_view key, double fallback, double min, double max);
  bool boolean(std::string_view key);
  bool boolean_or(std::string_view key, bool fallback);
  std::string text(std::string_view key);
  std::string text_or(std::string_view key, std::string_view fallback);
  /// Reads one of `allowed`, which is not empty.
  std::string choice(std::string_view key, std::span<const std::string> allowed);
  /// Read lists of scalars with at least one element.
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t min, std::int64_t max);
  std::vector<std::string> texts(std::string_view key);
  /// Read a nested mapping, and a list of mappings, which may be empty.
  ConfigNode child(std::string_view key);
  std::vector<ConfigNode> children(std::string_view key);

  /// Neither of these claims anything.
  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;
  /// Records a problem at a key's value that the caller found, for example an unknown format name, as "PLACE: 'KEY'
  /// TEXT". The place is the mapping itself when the key is absent.
  void problem(std::string_view key, std::string_view text);

 private:
  friend class Config;
  ConfigNode(std::shared_ptr<detail::ConfigDocument> document, std::size_t index)
      : document_(std::move(document)), index_(index) {}
  std::shared_ptr<detail::ConfigDocument> document_;
  std::size_t index_;
};

/// A document is one file, or a text with a name to report.
class Config {
 public:
  /// Throws ConfigError when the file cannot be read or is not YAML (with the place).
  static Config read(const std::filesystem::path& path);
  static Config parse(const std::string& text, const std::string& name);

  /// Returns the top mapping. A document that is not a mapping is a problem that finish() reports.
  ConfigNode root() const;
  /// Throws ConfigError with all problems recorded so far, and with every key that nobody asked for.
  void finish() const;
  /// Returns every value asked for, defaults included, under its path. This is what a result records.
  const nlohmann::json& resolved() const;
  /// Returns config_hash(resolved()).
  std::string hash() const;

 private:
  std::shared_ptr<detail::ConfigDocument> document_;
};

/// Returns the XXH3-64 of the canonical text (keys sorted, no blanks) as 16 hexadecimal digits.
std::string config_hash(const nlohmann::json& resolved);

}  // namespace subbyte::sim
