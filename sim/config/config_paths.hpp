// Paths inside configuration files, which are relative to the file that they stand in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Returns `word`, a path in the key's value, as a path of the current folder. `file` is the part of it that must be
/// there. A path that is meant from the current folder is recorded as a problem of the node, and gives nothing.
std::optional<std::string> path_beside(ConfigNode& node, std::string_view key, const std::string& word,
                                       const std::string& file);

}  // namespace subbyte::sim
