// What the reader of cell libraries owes to any text: a library that the next steps can work on, or an error. The fuzz
// target and the corpus test share it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/cells/cell_library.hpp"
#include "sim/cells/liberty_function.hpp"

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

}  // namespace subbyte::sim
