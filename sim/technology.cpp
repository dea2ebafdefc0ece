#include "sim/technology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "sim/config.hpp"
#include "sim/input_error.hpp"
#include "sim/names.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

fs::path directory() { return fs::path(SUBBYTE_SOURCE_DIR) / "configs" / "technologies"; }

std::vector<std::string> technology_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory()))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

bool is_liberty_path(const std::string& text) {
  return text.ends_with(".lib") || text.ends_with(".lib.gz") || text.find('/') != std::string::npos;
}

}  // namespace

Technology read_technology(const std::string& name_or_path) {
  if (is_liberty_path(name_or_path)) return {fs::path(name_or_path).filename().string(), "", read_library(name_or_path)};
  const std::vector<std::string> names = technology_names();
  if (std::ranges::find(names, name_or_path) == names.end())
    throw InputError("", "technology",
                     fmt::format("'{}' is not a technology or a Liberty file; {}", name_or_path, suggestion(name_or_path, names)));
  const Config config = Config::read(directory() / (name_or_path + ".yaml"));
  ConfigNode root = config.root();
  Technology technology;
  technology.name = root.text("name");
  root.text("summary");
  technology.remark = root.text("remark");
  const std::string liberty = root.text("liberty"), package = root.text_or("package", "");
  config.finish();
  if (!fs::exists(liberty) && !package.empty())
    throw InputError(liberty, "", fmt::format("is not there; install Debian's package {}", package));
  technology.library = read_library(liberty);
  return technology;
}

}  // namespace subbyte::sim
