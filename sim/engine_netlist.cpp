#include "sim/engine_netlist.hpp"

#include <algorithm>

#include "sim/cell_models.hpp"
#include "sim/output_file.hpp"
#include "sim/synthesis.hpp"
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

std::string netlist_text(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const Library& library,
                         const fs::path& rtl_dir) {
  SynthesisOptions options;
  options.rtl = rtl_dir;
  const MappedNetlist netlist = map_netlist(unit.name, parameters, library, options);
  return netlist.verilog + cell_models(library, netlist.cells);
}

kernels::Trace run_netlist_text(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                const std::string& verilog) {
  const fs::path folder = synthesis_cache_folder() / "netlists" / content_hash(verilog);
  const fs::path file = folder / (unit.name + ".sv");
  if (!fs::exists(file)) write_atomically(file, verilog);
  testbenches::RtlOptions options;
  options.rtl_dir = fs::absolute(folder).string();
  options.netlist = true;
  return testbenches::run_rtl(unit.name, parameters, stimulus, window, options);
}

}  // namespace subbyte::sim
