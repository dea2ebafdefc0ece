// What the readers of cell libraries and netlists owe to any text: a result that the next steps can work on, or an
// error. The fuzz targets and their corpus test share it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/cells/cell_library.hpp"
#include "sim/cells/liberty_function.hpp"
#include "sim/netlist/static_timing.hpp"

namespace subbyte::sim {

/// Returns the names of a cell's inputs, and after them those of its state.
inline std::vector<std::string> function_names(const LibertyCell& cell) {
  std::vector<std::string> names;
  for (const LibertyPin& pin : cell.pins) {
    if (pin.input) names.push_back(pin.name);
  }
  names.insert(names.end(), cell.state.begin(), cell.state.end());
  return names;
}

/// Returns true for a library whose cells and tables can be used. Any exception but InputError escapes, and with it a
/// finding.
inline bool read_any_liberty(std::string_view text) {
  try {
    const CellLibrary library = parse_cell_library(std::string(text), "fuzz");
    for (const LibertyCell& cell : library.cells) {
      for (const LibertyPin& pin : cell.pins) {
        try {
          logic_steps(pin.function, function_names(cell));
          verilog_expression(pin.function, function_names(cell));
          truth_table(pin.function, function_names(cell));
        } catch (const std::invalid_argument&) {
          continue;
        }
      }
    }
    for (const CellTables& cell : library.tables().cells) {
      for (const PinTables& pin : cell.pins) {
        for (const TimingArc& arc : pin.timing) arc.delay[0].at(0.1, 1);
        for (const PowerArc& arc : pin.power) arc.energy_pj[1].at(1e3, 1e-3);
      }
    }
    return true;
  } catch (const InputError&) {
    return false;
  }
}

/// Two gates, a flip-flop and a cell without inputs. Netlists of the corpus are made of them.
inline constexpr std::string_view kFuzzCells = R"(library (fuzz) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  nom_voltage : 1; nom_temperature : 25; nom_process : 1; default_input_pin_cap : 1;
  cell (INV) { area : 1; pin (A) { direction : input; }
    pin (Y) { direction : output; function : "!A"; timing () { related_pin : "A"; timing_sense : negative_unate;
      cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); }
      rise_transition (scalar) { values ("1"); } fall_transition (scalar) { values ("1"); } } } }
  cell (XOR) { area : 2; pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "A ^ B"; timing () { related_pin : "A B";
      cell_rise (scalar) { values ("2"); } cell_fall (scalar) { values ("2"); }
      rise_transition (scalar) { values ("1"); } fall_transition (scalar) { values ("1"); } } } }
  cell (FLOP) { area : 4; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; timing () { related_pin : "CK"; timing_type : setup_rising;
      rise_constraint (scalar) { values ("0.5"); } fall_constraint (scalar) { values ("0.5"); } } }
    pin (CK) { direction : input; clock : true; }
    pin (Q) { direction : output; function : "IQ"; timing () { related_pin : "CK"; timing_type : rising_edge;
      cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); }
      rise_transition (scalar) { values ("1"); } fall_transition (scalar) { values ("1"); } } } }
  cell (HIGH) { area : 1; pin (Y) { direction : output; function : "1"; } }
})";

/// Returns true for a netlist whose module `top` flattens and can be timed. Any exception but std::invalid_argument
/// escapes.
inline bool read_any_netlist(std::string_view text) {
  static const CellLibrary library = parse_cell_library(std::string(kFuzzCells), "fuzz cells");
  try {
    const GateNetlist netlist = flatten_netlist(text, "top", library);
    static_timing(netlist, library.tables(), {"INV", 1, "clk_i", 0});
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

}  // namespace subbyte::sim
