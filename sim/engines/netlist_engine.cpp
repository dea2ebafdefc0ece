#include "sim/engines/netlist_engine.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/base/cache.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/cell_models.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/netlist/gate_netlist.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;

kernels::Parameters netlist_point(const kernels::UnitInfo& unit) {
  const auto has = [&](const char* name) {
    return std::ranges::find(unit.parameters, name, &kernels::ParameterSpec::name) != unit.parameters.end();
  };
  if (has("rows") && has("cols")) return kernels::resolve(unit, {{"rows", 2}, {"cols", 2}});
  return kernels::resolve(unit, unit.small_point);
}

namespace {

SynthesisOptions of_rtl(const fs::path& rtl_dir) {
  SynthesisOptions options;
  options.rtl = rtl_dir;
  return options;
}

/// Writes the netlist and the models of its cells where Verilator reads them.
RtlOptions netlist_rtl(const kernels::UnitInfo& unit, const GateNetlist& netlist, const std::string& verilog,
                       const CellLibrary& library) {
  std::set<std::string> cells;
  for (const LibertyCell* cell : netlist.cells) cells.insert(cell->name);
  const std::string text = verilog + cell_models(library, cells);
  const fs::path folder = cache_folder("synth") / "netlists" / content_hash(text);
  const fs::path file = folder / (unit.name + ".sv");
  std::error_code error;
  if (!fs::exists(file, error) || read_text(file) != text) write_atomically(file, text);
  return {.rtl_dir = fs::absolute(folder), .netlist = true};
}

}  // namespace

NetlistEngine::NetlistEngine(Technology technology, const fs::path& rtl_dir)
    : technology_(std::move(technology), of_rtl(rtl_dir)) {}

kernels::Trace NetlistEngine::run(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_netlist(unit, parameters, stimulus, window, verilog_of(unit, parameters), technology_.technology.library);
}

void NetlistEngine::prepare(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  const std::string& verilog = verilog_of(unit, parameters);
  const GateNetlist netlist = flatten_netlist(verilog, unit.name, technology_.technology.library);
  if (netlist.instances.size() <= kVerilatedCells)
    build_rtl(unit, parameters, netlist_rtl(unit, netlist, verilog, technology_.technology.library));
}

const std::string& NetlistEngine::verilog_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = verilog_.try_emplace({&unit, kernels::resolve(unit, parameters)});
  if (fresh) {
    try {
      entry->second = map_netlist(technology_.flow, unit, entry->first.second).verilog;
    } catch (...) {
      verilog_.erase(entry);
      throw;
    }
  }
  return entry->second;
}

kernels::Trace run_netlist(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window, const std::string& verilog,
                           const CellLibrary& library) {
  const bool large = flatten_netlist(verilog, unit.name, library).instances.size() > kVerilatedCells;
  const auto run = large ? run_netlist_gates : run_netlist_verilated;
  return run(unit, parameters, stimulus, window, verilog, library);
}

kernels::Trace run_netlist_verilated(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                     const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                     const std::string& verilog, const CellLibrary& library) {
  const GateNetlist netlist = flatten_netlist(verilog, unit.name, library);
  return run_rtl(unit, parameters, stimulus, window, netlist_rtl(unit, netlist, verilog, library));
}

}  // namespace subbyte::sim
