#include "sim/synthesis/flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/liberty_spelling.hpp"
#include "sim/synthesis/kept_json.hpp"
#include "sim/synthesis/rtl_sources.hpp"
#include "sim/synthesis/version.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
using Json = nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MappedPart, cells, verilog)

namespace {

// The ABC script is pinned, because it and its delay target move the area and the delay of a netlist by half. Both are
// part of every report.
#define SUBBYTE_ABC_SIZING "topo;buffer,-c;topo;upsize,{D};dnsize,{D};stime,-p"
constexpr AbcScript kAbcScripts[] = {
    {"default", "strash;ifraig;scorr;dc2;dch,-f;map,-B,0.9,{D};" SUBBYTE_ABC_SIZING},
    {"small", "strash;ifraig;scorr;dc2;dch,-f;amap;" SUBBYTE_ABC_SIZING},
    {"choices-small", "strash;dch;amap;" SUBBYTE_ABC_SIZING},
    {"choices", "strash;dch;map,-B,0.9,{D};" SUBBYTE_ABC_SIZING},
    {"fast", "strash;dch;&get,-n;&st;&if,-g,-K,6;&put;dch;map,-B,0.9,{D};" SUBBYTE_ABC_SIZING}};
#undef SUBBYTE_ABC_SIZING

std::string abc_commands(const std::string& name) {
  std::string names;
  for (const AbcScript& script : kAbcScripts) {
    if (script.name == name) return std::string(script.commands);
    names += fmt::format("{}{}", names.empty() ? "" : " or ", script.name);
  }
  throw InputError("", "abc script", fmt::format("is '{}', expected {}", name, names));
}
constexpr unsigned kOutputLoads = 4;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Returns the version line of what ABC prints, which begins with an echo of the command.
std::string version_line(const std::string& text) {
  const std::size_t at = text.find("ABC ");
  return at == std::string::npos ? text : first_line(text.substr(at));
}

SynthesisTools find_tools(const CellLibrary& library, const std::string& abc, bool mapping_alone) {
  SynthesisTools tools;
  const ProgramOutcome yosys = run_program({"yosys", "-V"});
  if (yosys.status != 0) throw InputError("", "yosys", "cannot be run; install Debian's package yosys: " + yosys.error);
  tools.yosys = first_line(yosys.output);
  tools.abc_script = abc;
  tools.conventions = fmt::format(
      "no wires, ideal clock; inputs driven by {}, outputs loaded with {} inputs of {} ({:.4g} fF)",
      smallest_buffer(library).name, kOutputLoads, smallest_inverter(library).name, output_load_ff(library));
  if (mapping_alone) return tools;
  const ProgramOutcome prover = run_program({"yosys-abc", "-q", "version"});
  if (prover.status == 0) tools.abc = version_line(prover.output);
  const ProgramOutcome sta = run_program({"sta", "-version"});
  if (sta.status == 0) tools.sta = "OpenSTA " + first_line(sta.output);
  return tools;
}

std::string parameter_text(const std::map<std::string, std::string>& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) text += fmt::format(" {}={}", name, value);
  return text;
}

/// Returns a pattern that selects one module. Its name holds backslashes and brackets, which a pattern would interpret.
std::string pattern_of(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; }, '?');
  return name;
}

const Part& part_named(const std::vector<Part>& parts, const std::string& name) {
  return *std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == name; });
}

[[noreturn]] void refuse_unmapped(const SynthesisFlow& flow, const std::string& module, const std::string& type) {
  std::string flops;
  for (const LibertyCell& cell : flow.library.cells) {
    if (!cell.flip_flop) continue;
    flops +=
        fmt::format("{}{}{}", flops.empty() ? "" : ", ", cell.name, cell.clear.empty() ? "" : " (asynchronous clear)");
  }
  const bool flop = type.find("DFF") != std::string::npos;  // a $_SDFF_ too, which becomes a $_DFF_ and gates
  throw InputError(flow.library.path.string(), fmt::format("library '{}'", flow.library.name),
                   fmt::format("has no cell for {} of {}, expected {}; its flip-flops: {}", type, module,
                               flop ? "a D flip-flop without asynchronous set or reset" : "a cell that computes it",
                               flops.empty() ? "none" : flops));
}

// Refuses a library without the gate whose area is one gate equivalent, which areas are divided by.
void require_nand2(const CellLibrary& library) {
  try {
    smallest_nand2(library);
  } catch (const InputError&) {
    throw InputError(library.path.string(), "library '" + library.name + "'",
                     "has no two-input NAND with an area, expected one: gate equivalents are counted in it");
  }
}

void require_clock(double clock_mhz) {
  if (!(clock_mhz > 0)) throw std::invalid_argument("the clock must be above 0 MHz");
}

void set_script_hash(SynthesisFlow& flow) {
  flow.tools.script_hash =
      content_hash(flow.elaborate_script + flow.map_script + flow.timing_script + flow.tools.abc_script).substr(0, 16);
}

Json run_mapping(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                 const RtlSources& sources) {
  const Step step = flow.step("yosys: mapping " + part.name, part.name + parameter_text(part.parameters));
  const ScratchFolder scratch(tool_folder());
  auto values = source_values(sources, part.module, part.parameters, scratch.path());
  values["BLACKBOXES"] = black_boxes(part, parts);
  values["LIBERTY"] = tool_path(prepared_library(flow), scratch.path() / "library.lib");
  values["CONSTRAINTS"] = (scratch.path() / "constraints").string();
  values["DELAY_PS"] = fmt::format("{:.0f}", 1e6 / flow.clock_mhz);
  values["ABC"] = flow.tools.abc_script;
  values["OUT"] = (scratch.path() / "netlist.json").string();
  write_atomically(values["CONSTRAINTS"],
                   fmt::format("set_driving_cell {}\nset_load {:.6f}\n", smallest_buffer(flow.library).name,
                               output_load_ff(flow.library)));
  const fs::path script = scratch.path() / "map.ys";
  write_atomically(script, filled_script(flow.map_script, values));
  const ProgramOutcome outcome = run_program({"yosys", "-s", script.string()});
  // dfflibmap names the kind of flip-flop it found no cell for: "... (type $_DFF_P_) cannot be legalized ...".
  const std::size_t legalized = outcome.error.find(") cannot be legalized");
  const std::size_t type = legalized == std::string::npos ? legalized : outcome.error.rfind("(type ", legalized);
  if (type != std::string::npos) refuse_unmapped(flow, part.name, outcome.error.substr(type + 6, legalized - type - 6));
  if (outcome.status != 0) {
    throw InputError(flow.library.path.string(), "yosys mapping " + part.name, tool_errors(outcome));
  }
  const Json design = tool_json(values["OUT"], "yosys");
  const auto rename = [&](const std::string& type) {
    for (const auto& [child, count] : part.children) {
      if (part_named(parts, child).derived == type) return child;
    }
    if (flow.library.find(type) == nullptr) refuse_unmapped(flow, part.name, type);
    return type;
  };
  std::map<std::string, std::size_t> cells;
  for (const auto& [type, count] : cell_counts(design)) {
    if (rename(type) == type && flow.library.find(type) != nullptr) cells[type] = count;
  }
  return MappedPart{cells, structural_verilog(design, part.name, rename)};
}

}  // namespace

std::span<const AbcScript> abc_scripts() { return kAbcScripts; }

std::map<std::string, std::string> source_values(const RtlSources& sources, const std::string& module,
                                                 const std::map<std::string, std::string>& parameters,
                                                 const fs::path& scratch) {
  std::string includes, files, settings;
  for (std::size_t i = 0; i < sources.include_dirs.size(); ++i)
    includes += "-I " + tool_path(sources.include_dirs[i], scratch / fmt::format("include{}", i)) + " ";
  for (const fs::path& file : sources.files) files += tool_path(file, scratch / file.filename()) + " ";
  for (const auto& [name, value] : parameters) settings += fmt::format("-chparam {} {} ", name, value);
  return {{"INCLUDES", includes}, {"SOURCES", files}, {"TOP", module}, {"PARAMETERS", settings}};
}

std::string black_boxes(const Part& part, const std::vector<Part>& parts) {
  std::string commands;
  for (const auto& [child, count] : part.children)
    commands += "blackbox " + pattern_of(part_named(parts, child).derived) + "\n";
  return commands;
}

std::map<std::string, std::string> rtl_parameters(const kernels::UnitInfo& info,
                                                  const kernels::Parameters& parameters) {
  std::map<std::string, std::string> named;
  for (const kernels::ParameterSpec& spec : info.parameters)
    named[spec.rtl_name] = std::to_string(parameters.at(spec.name));
  return named;
}

std::string filled_script(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "@" + name + "@";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

std::string tool_errors(const ProgramOutcome& outcome) {
  std::istringstream lines(outcome.error + "\n" + outcome.output);
  std::string line, found;
  while (std::getline(lines, line)) {
    if (line.find("ERROR") != std::string::npos || line.find("Error") != std::string::npos) found += line + " ";
  }
  if (found.empty()) found = fmt::format("exit status {}: {}", outcome.status, outcome.error.substr(0, 500));
  return found + full_disk_remark(tool_folder());
}

Json tool_json(const fs::path& path, const std::string& tool) {
  std::error_code error;
  Json value = fs::exists(path, error) ? Json::parse(read_text(path), nullptr, false) : Json(Json::value_t::discarded);
  if (value.is_discarded())
    throw InputError(path.string(), "",
                     fmt::format("{} did not write it whole; {}", tool, space_left(path.parent_path())));
  return value;
}

double output_load_ff(const CellLibrary& library) {
  for (const LibertyPin& pin : smallest_inverter(library).pins) {
    if (pin.input) return kOutputLoads * pin.capacitance_ff;
  }
  return 0;
}

fs::path prepared_library(const SynthesisFlow& flow) {
  const fs::path path = flow.cache.folder() / fmt::format("{}-{}.lib", flow.library.hash, synthesis_engine());
  if (!fs::exists(path)) write_atomically(path, in_the_tools_spelling(*flow.library.text));
  return fs::absolute(path);
}

SynthesisFlow open_flow(const CellLibrary& library, const SynthesisOptions& options) {
  require_clock(options.clock_mhz);
  const fs::path rtl = options.rtl.empty() ? source_folder() / "rtl" : options.rtl;
  const fs::path scripts = source_folder() / "sim/synthesis";
  require_nand2(library);
  SynthesisFlow flow{library,
                     rtl,
                     JsonCache(options.cache.empty() ? cache_folder("synth") : options.cache, synthesis_engine()),
                     options.clock_mhz,
                     options.progress,
                     find_tools(library, abc_commands(options.abc_script), options.kept_alone),
                     read_text(scripts / "synth_elaborate.ys"),
                     read_text(scripts / "synth.ys"),
                     read_text(scripts / "synth_sta.tcl"),
                     read_text(scripts / "synth_gold.ys")};
  if (options.kept_alone) flow.cache = flow.cache.kept_alone();
  flow.composed_path = options.composed_path;
  flow.sta = options.sta, flow.macros = options.macros;
  set_script_hash(flow);
  return flow;
}

SynthesisFlow at_clock(SynthesisFlow flow, double clock_mhz) {
  require_clock(clock_mhz);
  flow.clock_mhz = clock_mhz;
  return flow;
}

SynthesisFlow with_script(SynthesisFlow flow, const std::string& abc_script) {
  flow.tools.abc_script = abc_commands(abc_script);
  set_script_hash(flow);
  return flow;
}

std::vector<Part> elaborate(const SynthesisFlow& flow, const std::string& module,
                            const std::map<std::string, std::string>& parameters) {
  const RtlSources sources = rtl_sources(flow.rtl, module);
  const std::string key = fmt::format("elaborate {} {} {}{} {}", flow.tools.yosys, content_hash(flow.elaborate_script),
                                      module, parameter_text(parameters), sources.hash + sources.units);
  const Json kept = flow.cache.get(key, [&]() -> Json {
    const ScratchFolder scratch(tool_folder());
    auto values = source_values(sources, module, parameters, scratch.path());
    values["OUT"] = (scratch.path() / "design.json").string();
    const fs::path script = scratch.path() / "elaborate.ys";
    write_atomically(script, filled_script(flow.elaborate_script, values));
    const ProgramOutcome outcome = run_program({"yosys", "-q", "-s", script.string()});
    if (outcome.status != 0) throw InputError(flow.rtl.string(), "yosys elaborating " + module, tool_errors(outcome));
    const Json design = tool_json(values["OUT"], "yosys");
    return parts_of(design, [&](std::string_view name) { return is_unit_module(flow.rtl, name); });
  });
  return kept;
}

MappedPart map_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts) {
  const RtlSources sources = rtl_sources(flow.rtl, part.module);
  std::string children;
  for (const auto& [child, count] : part.children)
    children += fmt::format(" {}:{}", child, part_named(parts, child).derived);
  const std::string key =
      fmt::format("map {} {} {} {}{} {} {} {:.6f}{}", flow.tools.yosys,
                  content_hash(flow.map_script + flow.tools.abc_script), part.name, part.module,
                  parameter_text(part.parameters), sources.hash, flow.library.hash, flow.clock_mhz, children);
  const Json kept = flow.cache.get(key, [&] { return run_mapping(flow, part, parts, sources); });
  return kept;
}

}  // namespace subbyte::sim
