// The one reader of configuration files (YAML). Asking for a key claims it. finish() reports the keys that nobody
// claimed and every other problem of the file at once, each with its place, what is there, what was expected and a
// suggestion.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/config/config_keys.hpp"

namespace subbyte::sim {

/// One thing that is wrong in a configuration. `place` is "LINE:COLUMN", or "" where the file as a whole is wrong. Of a
/// value of the command line the file is "" and the place is the option: "--set rows".
struct ConfigProblem {
  std::string file, place, text;
};

/// All problems of one document, in the order of their places. what() holds one problem per line, for example
/// "design.yaml:2:8: 'lanes' is 512, expected 1..256".
struct ConfigError : std::invalid_argument {
  explicit ConfigError(std::vector<ConfigProblem> found);
  std::vector<ConfigProblem> problems;
};

/// Returns what an error says, in parts: all problems of a ConfigError, file and place of an InputError, and of any
/// other its text alone.
std::vector<ConfigProblem> problems_of(const std::exception& error);

/// Calls `read`. What it throws as std::invalid_argument without a place of its own gets that of the option whose value
/// it reads ("--format").
template <typename Read>
auto at_option(const std::string& option, Read read) {
  try {
    return read();
  } catch (const ConfigError&) {
    throw;
  } catch (const std::invalid_argument& error) {
    throw InputError("", option, error.what());
  }
}

namespace detail {
struct ConfigDocument;
}

/// One mapping of a document. It is a cheap handle that lives as long as any Config or ConfigNode of its document.
/// Readers never throw on a bad or missing value: they record a problem and return a value inside the range (the
/// minimum, the first choice, an empty text or list), so that the caller can go on and finish() can report everything.
class ConfigNode {
 public:
  std::int64_t integer(Key key, std::int64_t min, std::int64_t max);
  std::int64_t integer_or(Key key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  double real(Key key, double min, double max);
  double real_or(Key key, double fallback, double min, double max);
  bool boolean(Key key);
  bool boolean_or(Key key, bool fallback);
  std::string text(Key key);
  std::string text_or(Key key, std::string_view fallback);
  /// Reads one of `allowed`, which is not empty.
  std::string choice(Key key, std::span<const std::string> allowed);
  std::string choice_or(Key key, std::string_view fallback, std::span<const std::string> allowed);
  std::int64_t integer_choice_or(Key key, std::int64_t fallback, std::span<const std::int64_t> allowed);
  /// Read lists of scalars with at least one element.
  std::vector<std::int64_t> integers(Key key, std::int64_t min, std::int64_t max);
  std::vector<std::string> texts(Key key);
  std::vector<std::string> texts_or_none(Key key);  ///< the list may be empty
  std::vector<std::string> choices(Key key, std::span<const std::string> allowed);
  /// Read a nested mapping, and a list of mappings, which may be empty.
  ConfigNode child(Key key);
  /// Where it is not there, every key in it is left out.
  ConfigNode child_or_empty(Key key);
  std::vector<ConfigNode> children(Key key);
  /// Says in `subbyte keys` that keys may be here which something else names; `key` stands for them, each a `type`.
  void named_elsewhere(Key key, std::string_view type);
  /// An unknown key is compared with these too.
  void suggest(std::span<const std::string> names);

  /// These claim nothing. An unknown key is compared also with those that has() was asked about, and a key that has()
  /// was asked about may be left out.
  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;
  /// A scalar as it is written; nothing for another value or none.
  std::optional<std::string> written(std::string_view key) const;
  /// Returns the folder that paths in this key's value are relative to: that of the file in which the value stands, or
  /// the current one ("") for a value of the command line.
  std::filesystem::path folder_of(std::string_view key) const;
  /// Records a problem at a key's value that the caller found, for example an unknown format name, as "PLACE: 'KEY'
  /// TEXT". The place is the mapping itself when the key is absent. Nothing is recorded of a value that could not be
  /// read, nor of a mapping that is none, because that was told already.
  void problem(std::string_view key, std::string_view text);
  /// Whether a problem was found in this key so far, that it is missing among them. What would follow from its value is
  /// then not known.
  bool faulty(std::string_view key) const;
  /// Records a problem of another document that the key's value names, with its own file and place, once: the same
  /// words again are left out, and so is all else that is found at one setting of the command line.
  void pass_on(std::string_view key, const ConfigProblem& found);
  /// Whether nothing wrong was found in the whole document so far.
  bool sound() const;
  /// Claims every key of this mapping unread, where what says which keys there are could not be read.
  void claim_all();

 private:
  friend class Config;
  ConfigNode(std::shared_ptr<detail::ConfigDocument> document, std::size_t index)
      : document_(std::move(document)), index_(index) {}
  void refuse(std::string_view key, std::string_view text);  ///< problem() of a key whose value cannot be read
  std::vector<std::string> list_of_texts(Key key, const std::string& type, bool may_be_empty = false);
  std::shared_ptr<detail::ConfigDocument> document_;
  std::size_t index_;
};

/// A value that the command line states.
struct Setting {
  std::string key;    ///< dotted, as in "memory.dram"
  std::string value;  ///< a scalar
  std::string place;  ///< what errors say in place of a file's line: "--set memory.dram"
};

/// Returns " with rows=16 clock_mhz=200", parameters by their names alone, or nothing where nothing is set.
std::string settings_text(std::span<const Setting> settings);

/// A document is one file, or a text with a name to report, and what it rests on.
class Config {
 public:
  /// Throws ConfigError when the file cannot be read or is not YAML (with the place).
  static Config read(const std::filesystem::path& path);
  static Config parse(const std::string& text, const std::string& name);
  /// The top keys in `not_settable` are not offered in errors.
  static Config of(std::span<const Setting> settings, std::vector<std::string> not_settable = {});

  /// Returns the top mapping. A document that is not a mapping is a problem that finish() reports.
  ConfigNode root() const;
  /// To be called before anything is read: what this document does not say is taken from `base`, nested mappings key by
  /// key, but for the top keys in `left_out`. Each value keeps its place in errors.
  void rest_on(const Config& base, std::span<const std::string> left_out);
  /// Throws ConfigError with all problems recorded so far, and with every key that nobody asked for.
  void finish() const;
  /// Throws ConfigError with the problems recorded so far, if there are any.
  void stop_at_problems() const;
  /// Returns every value asked for, defaults included, under its path. This is what a result records.
  const nlohmann::json& resolved() const;
  /// Returns config_hash(resolved()).
  std::string hash() const;

 private:
  friend std::vector<KeyEntry> described_keys(const std::function<void(const Config&)>&, const std::string&);
  std::shared_ptr<detail::ConfigDocument> document_;
};

/// Says what keys a reader accepts, told by the reader itself: it is run, up to its finish(), over a document that
/// records what is asked of it. So no key is without its entry, and no entry without a key. Optional keys count as
/// given; `example` is YAML, values by which the reader decides what to ask for.
std::vector<KeyEntry> described_keys(const std::function<void(const Config&)>& reader,
                                     const std::string& example = "{}");

/// Returns the XXH3-64 of the canonical text (keys sorted, no blanks) as 16 hexadecimal digits.
std::string config_hash(const nlohmann::json& resolved);

}  // namespace subbyte::sim
