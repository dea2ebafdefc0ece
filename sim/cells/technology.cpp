#include "sim/cells/technology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_paths.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTechnologies = "technologies";  ///< their folder in configs/

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

/// What a file of configs/technologies says.
struct TechnologyFile {
  Technology technology;  ///< without its library
  std::vector<std::string> liberty;
  std::string package, origin;
};

TechnologyFile read_file(const Config& config) {
  ConfigNode root = config.root();
  TechnologyFile file;
  Technology& technology = file.technology;
  technology.name = root.text({"name", "What results call the technology."});
  root.text({"summary", "What the technology is, in a few words."});
  technology.remark = root.text({"remark", "What figures in this library are good for, which stands beside them."});
  technology.node_nm = root.real({"node_nm", "The node in nm, from which figures are scaled to another."}, 1, 1000);
  const bool wires = root.has("wire_ff_per_um"), source = root.has("wire_source");
  if (wires || source) {
    technology.wire_ff_per_um = root.real(
        {"wire_ff_per_um", "The capacitance of a wire in fF/um, which `subbyte energy --wires` takes."}, 0.001, 10);
    technology.wire_source = root.text({"wire_source", "Where wire_ff_per_um comes from; it must stand beside it."});
  }
  file.liberty =
      root.texts({"liberty",
                  "The Liberty file, by its path or its name in a folder of SUBBYTE_LIBERTY_PATH; the first that is "
                  "there is read."});
  file.package = root.text_or({"package", "Debian's package that has the file."}, "");
  file.origin = root.text_or({"origin", "Where the file can be got, where no package has it."}, "");
  config.finish();
  return file;
}

}  // namespace

std::vector<KeyEntry> technology_keys() {
  return described_keys([](const Config& config) { read_file(config); });
}

Technology read_technology(const std::string& name_or_path, const std::string& option) {
  if (is_path(name_or_path, FileKind::kLiberty))
    return {fs::path(name_or_path).filename().string(), "", read_cell_library(name_or_path)};
  const std::vector<std::string> names = config_names(kTechnologies);
  if (std::ranges::find(names, name_or_path) == names.end())
    throw InputError("", option,
                     fmt::format("'{}' is not a technology, {}", name_or_path,
                                 quant::expectation(name_or_path, names, "the path of a Liberty file")));
  TechnologyFile file = read_file(Config::read(config_file(kTechnologies, name_or_path)));
  Technology& technology = file.technology;
  const auto path = find_liberty(file.liberty);
  if (!path) report_absent(technology.name, file.liberty, file.package, file.origin);
  technology.library = read_cell_library(*path);
  return technology;
}

}  // namespace subbyte::sim
