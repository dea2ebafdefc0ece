// Paths inside configuration files, which are relative to the file that they stand in.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Returns `word`, a path in the key's value, as a path of the current folder. `file` is the part of it that must be
/// there. A path that is meant from the current folder is recorded as a problem of the node, and gives nothing.
std::optional<std::string> path_beside(ConfigNode& node, std::string_view key, const std::string& word,
                                       const std::string& file);
/// Whether a technology is named by the path of a Liberty file.
bool is_liberty_path(std::string_view text);

/// Records why what a key names could not be read, `word` in its value and `path` from the current folder: what has a
/// file or a place of its own keeps it, and the rest is a problem of the key.
void pass_on(ConfigNode& node, std::string_view key, const std::string& word, const std::string& path,
             const std::exception& error);

}  // namespace subbyte::sim
