#include "sim/synthesis/macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "sim/base/input_error.hpp"
#include "sim/netlist/structural_verilog.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kClockPin = "clk_i";

std::int64_t parameter_of(const Part& part, const char* name) {
  const auto found = part.parameters.find(name);
  if (found != part.parameters.end()) return literal_value(found->second);
  throw InputError("", "module " + part.module,
                   fmt::format("is a memory_macro without a parameter {}, expected Width (bits of a word) and Depth "
                               "(words)",
                               name));
}

std::string single(const PartPort& port, unsigned bit) {
  return port.width == 1 ? port.name : fmt::format("{}_{}", port.name, bit);
}

LookupTable constant(double value) { return {{}, {}, {value}}; }

TimingArc arc_of(bool input, double access_ns) {
  TimingArc arc;
  arc.kind = input ? TimingArc::Kind::kSetup : TimingArc::Kind::kClockToOutput;
  arc.related_pin = kClockPin;
  arc.delay = {constant(access_ns), constant(access_ns)};
  arc.transition = {constant(0), constant(0)};
  return arc;
}

void add_cell(CellLibrary& library, const MacroCell& macro) {
  LibertyCell cell;
  cell.name = macro.name;
  cell.flip_flop = true;
  cell.clocked_on = kClockPin;
  CellTables tables;
  tables.name = macro.name;
  for (const PartPort& port : macro.ports) {
    for (unsigned bit = 0; bit < port.width; ++bit) {
      cell.pins.push_back({single(port, bit), port.input, !port.input, 0, "", ""});
      PinTables pin;
      pin.name = single(port, bit);
      pin.input = port.input;
      pin.clock = port.name == kClockPin;
      if (!pin.clock) pin.timing.push_back(arc_of(port.input, port.input ? 0 : macro.access_ns));
      tables.pins.push_back(std::move(pin));
    }
  }
  library.cells.push_back(std::move(cell));
  library.cell_tables.cells.push_back(std::move(tables));
}

/// Returns the line of an instance, whose connections are those of structural_verilog(), with single pins.
std::string rewritten(const std::string& line, const MacroCell& macro) {
  const auto module = parse_structural_verilog("module line ();\n" + line + "\nendmodule\n").at("line");
  const VerilogInstance& instance = module.instances.at(0);
  std::string pins;
  for (const VerilogConnection& connection : instance.connections) {
    const auto port = std::ranges::find(macro.ports, connection.pin, &PartPort::name);
    for (unsigned bit = 0; bit < connection.bits.size(); ++bit)
      pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", single(*port, bit), connection.bits[bit]);
  }
  return fmt::format("  {} {} ({});", instance.type, instance.name, pins);
}

}  // namespace

MemoryShape shape_of(const Part& part) { return {parameter_of(part, "Width"), parameter_of(part, "Depth")}; }

std::vector<MacroCell> macro_cells(const std::vector<Part>& parts, const MacroTable& table) {
  std::vector<MacroCell> macros;
  for (const Part& part : parts)
    if (part.macro) macros.push_back({part.name, part.ports, table(shape_of(part)).access_ns.value_or(0)});
  return macros;
}

CellLibrary with_macros(CellLibrary library, const std::vector<MacroCell>& macros) {
  for (const MacroCell& macro : macros) add_cell(library, macro);
  return library;
}

std::string with_single_pins(const std::string& verilog, const std::vector<MacroCell>& macros) {
  if (macros.empty()) return verilog;
  std::istringstream lines(verilog);
  std::string line, text;
  while (std::getline(lines, line)) {
    const std::string type = line.starts_with("  ") ? line.substr(2, line.find(' ', 2) - 2) : "";
    const auto macro = std::ranges::find(macros, type, &MacroCell::name);
    text += (macro == macros.end() ? line : rewritten(line, *macro)) + "\n";
  }
  return text;
}

std::string key_of(const std::vector<MacroCell>& macros) {
  std::string key;
  for (const MacroCell& macro : macros) key += fmt::format(" {}:{:.6g}", macro.name, macro.access_ns);
  return key;
}

}  // namespace subbyte::sim
