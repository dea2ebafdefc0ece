// What the reader of netlists owes to any text: a netlist that can be timed, or an error. The fuzz target and the
// corpus test share it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "sim/cells/cell_library.hpp"
#include "sim/netlist/static_timing.hpp"

namespace subbyte::sim {

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
