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

bool is_liberty_path(std::string_view text) {
  return text.ends_with(".lib") || text.ends_with(".lib.gz") || text.find('/') != std::string_view::npos;
}

void pass_on(ConfigNode& node, std::string_view key, const std::string& word, const std::string& path,
             const std::exception& error) {
  for (const ConfigProblem& each : problems_of(error)) {
    if (each.place.empty() && path.starts_with(each.file))
      node.problem(key, fmt::format("is {}: {}", word, each.text));
    else
      node.pass_on(key, each);
  }
}

}  // namespace subbyte::sim
