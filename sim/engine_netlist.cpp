#include "sim/engine_netlist.hpp"

#include <algorithm>
#include <set>

#include "sim/cell_models.hpp"
#include "sim/gate_netlist.hpp"
#include "sim/output_file.hpp"
#include "sim/synthesis_cache.hpp"
#include "sim/synthesis_flow.hpp"
#include "testbenches/rtl.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;

kernels::Parameters netlist_point(const kernels::UnitInfo& unit) {
  const auto has = [&](const char* name) {
    return std::ranges::find(unit.parameters, name, &kernels::ParameterSpec::name) != unit.parameters.end();
  };
  if (has("rows") && has("cols")) return kernels::resolve(unit, {{"rows", 2}, {"cols", 2}});
  return kernels::resolve(unit, unit.small_point);
}

kernels::Trace run_netlist(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window, const std::string& verilog,
                           const Library& library) {
  const bool large = flatten_netlist(verilog, unit.name, library).instances.size() > kVerilatedCells;
  const auto run = large ? run_netlist_gates : run_netlist_verilated;
  return run(unit, parameters, stimulus, window, verilog, library);
}

kernels::Trace run_netlist_verilated(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                     const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                     const std::string& verilog, const Library& library) {
  const GateNetlist netlist = flatten_netlist(verilog, unit.name, library);
  std::set<std::string> cells;
  for (const LibertyCell* cell : netlist.cells) cells.insert(cell->name);
  const std::string text = verilog + cell_models(library, cells);
  const fs::path folder = synthesis_cache_folder() / "netlists" / content_hash(text);
  const fs::path file = folder / (unit.name + ".sv");
  if (!fs::exists(file)) write_atomically(file, text);
  testbenches::RtlOptions options;
  options.rtl_dir = fs::absolute(folder).string();
  options.netlist = true;
  return testbenches::run_rtl(unit.name, parameters, stimulus, window, options);
}

}  // namespace subbyte::sim
