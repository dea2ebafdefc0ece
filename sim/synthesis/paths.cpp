// Critical paths by our own static timing.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/netlist/static_timing.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/kept_json.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

/// Returns the netlist without the instances of `types`, which have one line each, as structural_verilog() writes them.
std::string without_instances(const std::string& verilog, const std::vector<std::string>& types) {
  if (types.empty()) return verilog;
  std::istringstream lines(verilog);
  std::string line, kept;
  while (std::getline(lines, line)) {
    const bool instance = line.starts_with("  ") && line.find(" (.") != std::string::npos;
    const std::string type = instance ? line.substr(2, line.find(' ', 2) - 2) : "";
    if (type.empty() || std::ranges::count(types, type) == 0) kept += line + "\n";
  }
  return kept;
}

Json run_paths(const SynthesisFlow& flow, const CellLibrary& library, const std::string& verilog,
               const std::string& top) {
  const GateNetlist netlist = flatten_netlist(verilog, top, library);
  TimingOptions options;
  options.driving_cell = smallest_buffer(flow.library).name;
  options.output_load_ff = output_load_ff(flow.library);
  StaticTiming timing;
  try {
    timing = static_timing(netlist, library.tables(), options);
  } catch (const std::invalid_argument& error) {
    throw InputError(flow.library.path.string(), "timing of " + top, error.what());
  }
  Json ends = Json::object();
  for (std::size_t i = 0; i < netlist.modules.size(); ++i) ends[netlist.modules[i]] = timing.ends_in_module[i];
  return {{"all", timing.worst}, {"registers", timing.registers}, {"ends", ends}};
}

}  // namespace

NetlistPaths netlist_paths(const SynthesisFlow& flow, const std::string& verilog, const std::string& top,
                           const std::vector<std::string>& black_boxes, const std::vector<MacroCell>& macros) {
  const std::string text = without_instances(verilog, black_boxes);
  const std::string key = fmt::format("paths {} {} {}{}", flow.library.hash, content_hash(text), top, key_of(macros));
  const Json kept = flow.cache.get(key, [&] {
    if (macros.empty()) return run_paths(flow, flow.library, text, top);
    return run_paths(flow, with_macros(flow.library, macros), with_single_pins(text, macros), top);
  });
  NetlistPaths paths{
      kept.at("all").get<std::optional<TimingPath>>(), kept.at("registers").get<std::optional<TimingPath>>(), {}};
  for (const auto& [module, end] : kept["ends"].items()) {
    if (const auto path = end.get<std::optional<TimingPath>>()) paths.ends_in_part[module] = *path;
  }
  return paths;
}

}  // namespace subbyte::sim
