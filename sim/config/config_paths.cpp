#include "sim/config/config_paths.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace subbyte::sim {

std::optional<std::string> path_beside(ConfigNode& node, std::string_view key, const std::string& word,
                                       const std::string& file) {
  const std::filesystem::path folder = node.folder_of(key);
  if (!std::filesystem::exists(folder / file) && std::filesystem::exists(file)) {
    node.problem(key, fmt::format("has '{}', which is in the current folder and not beside this file ({}): paths are "
                                  "relative to the file that they stand in",
                                  word, (folder / file).string()));
    return std::nullopt;
  }
  return (folder / word).string();
}

}  // namespace subbyte::sim
