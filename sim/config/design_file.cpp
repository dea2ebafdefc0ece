#include "sim/config/design_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/catalogue.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/word_list.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDesigns = "designs";  ///< their folder in configs/
constexpr std::string_view kPath = "the path of a YAML file";

/// Returns no name for a unit that does not exist.
std::vector<std::string> parameter_names(const std::string& unit) {
  std::vector<std::string> names;
  if (const kernels::UnitInfo* known = kernels::find_unit(unit))
    for (const auto& spec : known->parameters) names.push_back(spec.name);
  return names;
}

/// What says which design this is, and cannot be set.
const std::vector<std::string>& identity_keys() {
  static const std::vector<std::string> keys{"name", "base", "summary"};
  return keys;
}

/// Puts `above` on `below`, without what does not carry over.
void put_on(Config& above, const Config& below, std::vector<std::string> left_out) {
  ConfigNode root = above.root();
  const auto unit = root.written("unit"), other = below.root().written("unit");
  // A unit that does not exist is told by whoever reads it.
  if (unit && unit != other && kernels::find_unit(*unit) != nullptr) {
    left_out.emplace_back("parameters");
    if (!root.has("parameters")) {
      root.problem("unit",
                   fmt::format("is {}, and that of its base is {}: parameters do not carry over to another unit, "
                               "expected all of its own ({})",
                               *unit, other.value_or("none"), fmt::join(parameter_names(*unit), ", ")));
      above.stop_at_problems();
    }
  }
  above.rest_on(below, left_out);
}

[[noreturn]] void refuse_base(const Config& config, const std::string& base, const std::string& why) {
  config.root().problem("base", fmt::format("is {}{}", base, why));
  config.stop_at_problems();
  throw std::logic_error("a problem that is none");
}

/// Returns the file of a `base`.
fs::path base_path(const Config& config, const std::string& base) {
  if (is_path(base, FileKind::kYaml)) {
    const fs::path path = (config.root().folder_of("base") / base).lexically_normal();
    if (const std::string why = why_no_file(path); !why.empty())
      refuse_base(config, base, fmt::format(", expected a file relative to this one: {} {}", path.string(), why));
    return path;
  }
  const std::vector<std::string> names = config_names(kDesigns);
  if (std::ranges::find(names, base) == names.end())
    refuse_base(config, base, ", " + quant::expectation(base, names, kPath));
  return config_file(kDesigns, base);
}

/// Puts a file on its base, and that on its own. `chain` are the files so far.
bool follow_base(Config& config, std::vector<fs::path> chain) {
  if (!config.root().has("base")) return false;
  const auto base = config.root().written("base");
  if (!base || base->empty()) refuse_base(config, "no name", ", expected a name in configs/designs or a path");
  const fs::path path = base_path(config, *base);
  chain.push_back(fs::weakly_canonical(path));
  if (const auto first = std::ranges::find(chain, chain.back()); first + 1 != chain.end()) {
    std::vector<std::string> circle;
    for (auto file = first; file != chain.end(); ++file) circle.push_back(file->filename().string());
    refuse_base(config, *base, fmt::format(", which is a circle: {}", fmt::join(circle, " is based on ")));
  }
  Config below = Config::read(path);
  follow_base(below, chain);
  put_on(config, below, {"name"});
  return true;
}

/// Writes every key in full, and refuses what cannot be a setting.
std::vector<Setting> full(const std::vector<Setting>& settings, const Config& file) {
  std::string unit = file.root().written("unit").value_or("");
  for (const Setting& setting : settings)
    if (setting.key == "unit" && kernels::find_unit(setting.value) != nullptr) unit = setting.value;
  const std::vector<std::string> parameters = parameter_names(unit);
  std::vector<Setting> all;
  ProblemList problems;
  for (Setting setting : settings) {
    if (std::ranges::count(identity_keys(), setting.key) > 0)
      problems.add(ConfigProblem{"", setting.place,
                                 "cannot be set: it says which design this is, expected a value of the design"});
    if (std::ranges::find(parameters, setting.key) != parameters.end()) setting.key = "parameters." + setting.key;
    if (const auto same = std::ranges::find(all, setting.key, &Setting::key); same != all.end())
      problems.add(ConfigProblem{"", setting.place,
                                 fmt::format("is given twice{}, expected once",
                                             same->place == setting.place ? "" : ", also as " + same->place)});
    all.push_back(setting);
  }
  problems.stop();
  return all;
}

DesignFile open(Config file, const fs::path& path, const std::vector<Setting>& settings) {
  const bool based = follow_base(file, {fs::weakly_canonical(path)});
  if (settings.empty()) return {file, {}, path.stem().string(), based};
  const std::vector<Setting> in_full = full(settings, file);
  Config set = Config::of(in_full, identity_keys());
  put_on(set, file, {});
  const auto unit = set.root().written("unit");
  set.root().suggest(parameter_names(unit.value_or("")));
  return {set, in_full, path.stem().string(), based};
}

}  // namespace

std::vector<std::string> design_names(DesignKind kind) {
  std::vector<std::string> names = config_names(kDesigns);
  if (kind == DesignKind::kAny) return names;
  std::erase_if(names, [kind](const std::string& name) {
    return open_design(name, {}).config.root().has("core") != (kind == DesignKind::kWithCore);
  });
  return names;
}

std::optional<std::string> why_no_design(const std::string& name_or_path, DesignKind kind) {
  if (is_path(name_or_path, FileKind::kYaml) || std::ranges::count(config_names(kDesigns), name_or_path) > 0)
    return std::nullopt;
  const std::string here = name_or_path + ".yaml";
  return fmt::format("'{}' is not a design, {}", name_or_path,
                     fs::exists(here)
                         ? fmt::format("expected './{}', a file in this folder, or a name in configs/designs", here)
                         : quant::expectation(name_or_path, design_names(kind), kPath));
}

DesignFile parse_design_file(const std::string& text, const std::string& origin, const std::vector<Setting>& settings) {
  return open(Config::parse(text, origin), origin, settings);
}

DesignFile open_design(const std::string& name_or_path, const std::vector<Setting>& settings) {
  if (is_path(name_or_path, FileKind::kYaml)) return open(Config::read(name_or_path), name_or_path, settings);
  if (const auto why = why_no_design(name_or_path)) throw InputError("", "--design", *why);
  const fs::path path = config_file(kDesigns, name_or_path);
  return open(Config::read(path), path, settings);
}

}  // namespace subbyte::sim
