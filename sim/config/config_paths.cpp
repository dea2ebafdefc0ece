#include "sim/config/config_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"

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

std::string why_no_file(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return "";
  if (std::filesystem::is_directory(path)) return "is a directory";
  return std::filesystem::exists(path) ? "is no regular file" : "is not there";
}

bool is_path(std::string_view word, FileKind kind) {
  using Endings = std::array<std::string_view, 2>;
  static constexpr std::array<Endings, 3> kEndings{Endings{".yaml", ".yml"}, {".lib", ".lib.gz"}, {".csv", ".csv"}};
  return word.find('/') != std::string_view::npos ||
         std::ranges::any_of(kEndings.at(static_cast<std::size_t>(kind)),
                             [&](std::string_view ending) { return word.ends_with(ending); });
}

std::filesystem::path config_file(std::string_view folder, std::string_view name) {
  return source_folder() / "configs" / folder / fmt::format("{}.yaml", name);
}

std::vector<std::string> config_names(std::string_view folder) {
  std::vector<std::string> names;
  const std::filesystem::path place = source_folder() / "configs" / folder;
  if (!std::filesystem::is_directory(place))
    throw InputError(place.string(), "", "is not there, expected the folder of the sources of this program");
  for (const auto& entry : std::filesystem::directory_iterator(place))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
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
