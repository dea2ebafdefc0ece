// A policy says which layer gets which format: one format for all, or a YAML file of rules.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_keys.hpp"

namespace subbyte::sim {

/// A layer that `skip` names, or that no rule matches where there is no default, is left unquantized. Globs are shell
/// patterns over layer names ("model.layers.*.mlp.*"; * also matches dots).
class Policy {
 public:
  /// Makes a policy of one format for every layer.
  explicit Policy(quant::Format format) : default_(std::move(format)) {}

  /// Returns nothing for a layer that is left unquantized. `skip` comes first, then the first rule that matches, then
  /// the default.
  std::optional<quant::Format> format_of(std::string_view layer) const;
  /// Throws ConfigError with the place of every glob that matches none of the model's layers, and the nearest layer.
  void check(std::span<const std::string> layers) const;
  /// Returns the format's id, or the path of the file.
  std::string text() const;
  bool is_file() const { return config_.has_value(); }
  /// Returns what was read: {"default", "layers": [{"match", "format"}], "skip"}.
  nlohmann::json resolved() const;

 private:
  friend Policy parse_policy(const std::string& argument);
  friend Policy parse_policy_file(const std::string& text, const std::string& name);
  friend Policy read_policy(const Config& config);
  Policy() = default;
  struct Rule {
    std::string match;
    quant::Format format;
    ConfigNode node;  ///< where it stands
  };
  bool skips(std::string_view layer) const;
  /// The rule that decides for a layer; null where 'skip' or 'default' does.
  const Rule* rule_of(std::string_view layer) const;
  std::string path_;
  std::optional<Config> config_;
  std::optional<quant::Format> default_;
  std::vector<Rule> rules_;
  std::vector<std::string> skip_;
};

/// Reads the argument of --format: a format's id (quant::parse_format), or the path of a YAML file (*.yaml, *.yml),
/// whose keys policy_keys() lists:
///   default: bitmod-fp4:g128
///   layers: [{match: "*.mlp.*", format: bitmod-fp3:g128}, ...]
///   skip: [lm_head]
/// Throws quant::FormatError, or ConfigError with every problem of the file.
Policy parse_policy(const std::string& argument);
/// Does the same for the text of a file; `name` stands in errors.
Policy parse_policy_file(const std::string& text, const std::string& name);

std::vector<KeyEntry> policy_keys();

}  // namespace subbyte::sim
