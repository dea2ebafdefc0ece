// Finds what a design is written in: a file of configs/designs or of one's own, the designs that it is based on, and
// the settings of the command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/config/config.hpp"

namespace subbyte::sim {

/// The designs that somebody can run, which are suggested where a name is none.
enum class DesignKind { kAny, kWithoutCore, kWithCore };
/// Returns the names in configs/designs of a kind, in alphabetical order.
std::vector<std::string> design_names(DesignKind kind);
/// Returns what to say of a name that is no design, or nothing for a path and for the name of one.
std::optional<std::string> why_no_design(const std::string& name_or_path, DesignKind kind = DesignKind::kAny);

/// A design's document, of which nothing has been read but its `base`: a name in configs/designs, or a path relative to
/// the file that says it. Values of the file replace those of its base, key by key. The base's name stays behind, and
/// its parameters too where the unit is another one. A setting with the name of a parameter alone is short for
/// parameters.NAME. Throws ConfigError for a base that is not there or is based on itself, InputError for a setting
/// that is given twice or is no value.
struct DesignFile {
  Config config;
  std::vector<Setting> settings;  ///< with their keys in full
  std::string stem;               ///< of the file's name
  bool based = false;             ///< the file has a base
};
DesignFile open_design(const std::string& name_or_path, const std::vector<Setting>& settings);
/// The same for the text of a file.
DesignFile parse_design_file(const std::string& text, const std::string& origin, const std::vector<Setting>& settings);

}  // namespace subbyte::sim
