#include "sim/synthesis/synthesis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/synthesis/composed_point.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

/// Sets the area of one instance. Every cell of the netlist must be in the library with an area, so that no figure is
/// zero in silence.
void set_area(SynthesizedModule& module, const CellLibrary& library, double nand2_area) {
  for (const auto& [type, count] : module.cells_by_type) {
    const LibertyCell* cell = library.find(type);
    if (cell == nullptr || cell->area <= 0) {
      throw InputError(library.path.string(), "cell '" + type + "'",
                       "has no area, so no area of " + module.name + " can be given");
    }
    module.cells += count;
    module.flip_flops += cell->flip_flop ? count : 0;
    module.area_um2 += cell->area * static_cast<double>(count);
  }
  module.gate_equivalents = module.area_um2 / nand2_area;
}

SynthesizedModule module_of(const Part& part) {
  SynthesizedModule module;
  module.name = part.name;
  module.module = part.module;
  module.instances = part.instances;
  for (const auto& [name, literal] : part.parameters) module.rtl_parameters[name] = literal_value(literal);
  return module;
}

SynthesizedModule macro_of(const SynthesisFlow& flow, const Part& part) {
  SynthesizedModule module = module_of(part);
  module.memory = shape_of(part);
  module.macro = flow.macros(*module.memory);
  module.area_um2 = module.macro.area_um2.value_or(0);
  return module;
}

SynthesizedModule synthesize_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                                  const std::vector<MacroCell>& macros) {
  const MappedPart mapped = map_part(flow, part, parts);
  SynthesizedModule module = module_of(part);
  module.verilog = mapped.verilog;
  module.cells_by_type = mapped.cells;
  set_area(module, flow.library, smallest_nand2(flow.library).area);
  std::vector<std::string> children;
  std::vector<MacroCell> inside;
  for (const auto& [child, count] : part.children) {
    const auto macro = std::ranges::find(macros, child, &MacroCell::name);
    if (macro == macros.end())
      children.push_back(child);
    else
      inside.push_back(*macro);
  }
  const NetlistPaths paths = netlist_paths(flow, mapped.verilog, part.name, children, inside);
  module.path = paths.all;
  module.register_path = paths.registers;
  if (flow.sta) {
    const NetlistPaths theirs = time_netlist(flow, mapped.verilog, part.name);
    module.sta_path = theirs.all;
    module.sta_register_path = theirs.registers;
  }
  return module;
}

void add_module(SynthesisResult& result, SynthesizedModule module) {
  const auto instances = static_cast<double>(module.instances);
  result.cells += module.cells * module.instances;
  result.area_um2 += module.area_um2 * instances;
  result.gate_equivalents += module.gate_equivalents * instances;
  if (module.memory) {
    result.macro_area_um2 += module.area_um2 * instances;
    result.memories_have_area &= module.macro.area_um2.has_value();
    result.memories_have_access &= module.macro.access_ns.has_value();
  }
  result.modules.push_back(std::move(module));
}

/// Refuses a unit of which no netlist can be made, and one with memories unless these may stay out of it.
void check_maps(const kernels::UnitInfo& unit, bool memories = false) {
  if (const auto why = kernels::without_rtl(unit)) throw InputError("", "unit " + unit.name, why->text);
  if (!unit.memories || memories) return;
  throw InputError(
      "", "unit " + unit.name,
      "holds SRAMs, of which a netlist of gates would make registers; expected a unit without memories, for "
      "example its tile (bitserial_tile)");
}

struct WholeNetlist {
  std::string verilog;  ///< without macros
  std::vector<Part> parts;
  std::set<std::string> cells;
};

WholeNetlist whole_netlist(const SynthesisFlow& flow, const kernels::UnitInfo& info,
                           const kernels::Parameters& parameters) {
  WholeNetlist netlist;
  netlist.parts = elaborate(flow, info.name, rtl_parameters(info, parameters));
  for (auto part = netlist.parts.rbegin(); part != netlist.parts.rend(); ++part) {
    if (part->macro) continue;
    const MappedPart mapped = map_part(flow, *part, netlist.parts);
    netlist.verilog += mapped.verilog;
    for (const auto& [cell, count] : mapped.cells) netlist.cells.insert(cell);
  }
  return netlist;
}

/// Times all parts at the smallest point that still has each kind of boundary as one netlist.
void set_composed_path(SynthesisResult& result, const SynthesisFlow& flow, const kernels::UnitInfo& info) {
  result.composed_parameters = composed_point(info, result.parameters);
  const WholeNetlist netlist = whole_netlist(flow, info, result.composed_parameters);
  const std::string& top = netlist.parts.front().name;
  const NetlistPaths paths = netlist_paths(flow, netlist.verilog, top, {}, macro_cells(netlist.parts, flow.macros));
  result.composed_path = paths.all;
  result.composed_ends = paths.ends_in_part;
  if (flow.sta) result.sta_composed_path = time_netlist(flow, netlist.verilog, top).all;
}

}  // namespace

double SynthesisResult::area_of(std::string_view module) const {
  double area = 0;
  bool found = false;
  for (const SynthesizedModule& candidate : modules) {
    if (candidate.module != module) continue;
    found = true;
    area += candidate.area_um2 * static_cast<double>(candidate.instances);
  }
  if (!found) throw std::out_of_range(fmt::format("{} has no module '{}'", unit->name, module));
  return area;
}

SynthesisResult synthesize(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const CellLibrary& library, const SynthesisOptions& options) {
  return synthesize(open_flow(library, options), unit, parameters);
}

SynthesisResult synthesize(const SynthesisFlow& flow, const kernels::UnitInfo& unit,
                           const kernels::Parameters& parameters) {
  check_maps(unit, static_cast<bool>(flow.macros));
  SynthesisResult result;
  result.unit = &unit;
  result.parameters = kernels::resolve(unit, parameters);
  result.clock_mhz = flow.clock_mhz;
  result.tools = flow.tools;
  const std::vector<Part> parts = elaborate(flow, unit.name, rtl_parameters(unit, result.parameters));
  const std::vector<MacroCell> macros = macro_cells(parts, flow.macros);
  for (const Part& part : parts)
    add_module(result, part.macro ? macro_of(flow, part) : synthesize_part(flow, part, parts, macros));
  if (flow.composed_path && parts.size() > 1) set_composed_path(result, flow, unit);
  return result;
}

MappedNetlist map_netlist(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                          const CellLibrary& library, const SynthesisOptions& options) {
  return map_netlist(open_flow(library, options), unit, parameters);
}

MappedNetlist map_netlist(const SynthesisFlow& flow, const kernels::UnitInfo& unit,
                          const kernels::Parameters& parameters) {
  check_maps(unit);
  MappedNetlist netlist;
  netlist.parameters = kernels::resolve(unit, parameters);
  WholeNetlist whole = whole_netlist(flow, unit, netlist.parameters);
  netlist.verilog = std::move(whole.verilog);
  netlist.cells = std::move(whole.cells);
  netlist.tools = flow.tools;
  return netlist;
}

ClockCheck clock_met(const SynthesisResult& result, double clock_mhz) {
  if (!(clock_mhz > 0)) throw std::invalid_argument("the clock must be above 0 MHz");
  ClockCheck check;
  check.period_ns = 1e3 / clock_mhz;
  for (const SynthesizedModule& module : result.modules) {
    if (!module.path || module.path->delay_ns <= check.path_ns) continue;
    check.path_ns = module.path->delay_ns;
    check.where = module.name;
  }
  if (result.composed_path && result.composed_path->delay_ns > check.path_ns) {
    check.path_ns = result.composed_path->delay_ns;
    check.where = result.unit->name;
    for (const char* name : {"rows", "cols", "tile_rows", "tile_cols"}) {
      const auto found = result.composed_parameters.find(name);
      if (found != result.composed_parameters.end()) check.where += fmt::format(" {}={}", name, found->second);
    }
  }
  if (check.where.empty()) throw std::invalid_argument("no critical path is known for " + result.unit->name);
  check.met = check.path_ns <= check.period_ns;
  check.text =
      fmt::format("{:g} MHz ({:.4g} ns) is {}: the critical path is {:.4g} ns ({:.4g} MHz) in {}", clock_mhz,
                  check.period_ns, check.met ? "met" : "NOT met", check.path_ns, 1e3 / check.path_ns, check.where);
  if (!result.memories_have_access) check.text += ", without the access time of its memories";
  return check;
}

}  // namespace subbyte::sim
