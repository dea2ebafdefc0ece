#include "sim/synthesis_technology.hpp"

#include <vector>

#include "sim/config.hpp"
#include "sim/input_error.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;

Technology read_technology(std::string_view name) {
  const fs::path folder = fs::path(SUBBYTE_SOURCE_DIR) / "configs" / "technologies";
  const fs::path path = folder / (std::string(name) + ".yaml");
  if (!fs::exists(path)) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) names.push_back(entry.path().stem().string());
    const std::string near = nearest(name, names);
    throw InputError(folder.string(), "technology '" + std::string(name) + "'",
                     "is not there" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  const Config config = Config::read(path);
  ConfigNode root = config.root();
  Technology technology;
  technology.name = root.text("name");
  technology.summary = root.text("summary");
  technology.node_nm = root.real("node_nm", 0.5, 1000);
  technology.liberty = (fs::path(SUBBYTE_SOURCE_DIR) / root.text("liberty")).lexically_normal();
  technology.source = root.text("source");
  config.finish();
  return technology;
}

Library read_library(const Technology& technology) {
  if (!fs::exists(technology.liberty)) {
    throw InputError(technology.liberty.string(), "technology '" + technology.name + "'",
                     "the cell library is not there (" + technology.source + ")");
  }
  return read_library(technology.liberty);
}

}  // namespace subbyte::sim
