#include "sim/cells/technology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

fs::path directory() { return source_folder() / "configs" / "technologies"; }

bool is_liberty_path(const std::string& text) {
  return text.ends_with(".lib") || text.ends_with(".lib.gz") || text.find('/') != std::string::npos;
}

/// Returns the folders of SUBBYTE_LIBERTY_PATH.
std::vector<fs::path> liberty_folders() {
  const char* chosen = std::getenv("SUBBYTE_LIBERTY_PATH");
  std::vector<fs::path> folders;
  std::istringstream path(chosen != nullptr ? chosen : "");
  for (std::string folder; std::getline(path, folder, ':');)
    if (!folder.empty()) folders.emplace_back(folder);
  return folders;
}

std::optional<fs::path> find_liberty(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (fs::path(file).is_absolute()) {
      if (fs::exists(file)) return file;
      continue;
    }
    for (const fs::path& folder : liberty_folders())
      if (fs::exists(folder / file)) return folder / file;
  }
  return std::nullopt;
}

[[noreturn]] void report_absent(const std::string& name, const std::vector<std::string>& files,
                                const std::string& package, const std::string& origin) {
  if (!package.empty())
    throw InputError(files.front(), "", fmt::format("is not there; install Debian's package {}", package));
  const std::vector<fs::path> folders = liberty_folders();
  std::vector<std::string> searched;
  for (const fs::path& folder : folders) searched.push_back(folder.string());
  throw InputError(
      "", "technology '" + name + "'",
      fmt::format("its library {} is {}; get it from {}, and name its folder in SUBBYTE_LIBERTY_PATH",
                  fmt::join(files, " or "),
                  folders.empty() ? "not part of Debian and SUBBYTE_LIBERTY_PATH is not set"
                                  : fmt::format("in none of {} (SUBBYTE_LIBERTY_PATH)", fmt::join(searched, ", ")),
                  origin));
}

}  // namespace

std::vector<std::string> technology_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory()))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

Technology read_technology(const std::string& name_or_path) {
  if (is_liberty_path(name_or_path))
    return {fs::path(name_or_path).filename().string(), "", read_cell_library(name_or_path)};
  const std::vector<std::string> names = technology_names();
  if (std::ranges::find(names, name_or_path) == names.end())
    throw InputError("", "technology",
                     fmt::format("'{}' is not a technology or a Liberty file; {}", name_or_path,
                                 quant::suggestion(name_or_path, names)));
  const Config config = Config::read(directory() / (name_or_path + ".yaml"));
  ConfigNode root = config.root();
  Technology technology;
  technology.name = root.text("name");
  root.text("summary");
  technology.remark = root.text("remark");
  technology.node_nm = root.real("node_nm", 1, 1000);
  if (root.has("wire_ff_per_um")) {
    technology.wire_ff_per_um = root.real("wire_ff_per_um", 0.001, 10);
    technology.wire_source = root.text("wire_source");
  }
  const std::vector<std::string> files = root.texts("liberty");
  const std::string package = root.text_or("package", ""), origin = root.text_or("origin", "");
  config.finish();
  const auto path = find_liberty(files);
  if (!path) report_absent(technology.name, files, package, origin);
  technology.library = read_cell_library(*path);
  return technology;
}

}  // namespace subbyte::sim
