// A cell library is everything that is asked of a Liberty file, which is read once: areas and functions for synthesis
// and simulation, and timing and power tables for what a netlist costs.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/cells/cell_tables.hpp"

namespace subbyte::sim {

struct LibertyPin {
  std::string name;
  bool input = false;
  bool output = false;
  double capacitance_ff = 0;
  std::string function;     ///< Liberty expression of an output; empty for an input or a state output without one
  std::string three_state;  ///< when true, the output does not drive; empty for an output that always drives
};

struct LibertyCell {
  std::string name;
  /// In um2. Liberty names no unit of area; the libraries named in configs/technologies use um2.
  double area = 0;
  std::vector<LibertyPin> pins;
  bool flip_flop = false;
  bool latch = false;
  /// The names that the functions of a flip-flop's outputs use for its state and for the complement of it.
  std::vector<std::string> state;
  std::string next_state;  ///< Liberty expression
  std::string clocked_on;  ///< Liberty expression whose rising edge loads next_state
  std::string clear;       ///< asynchronous clear of a flip-flop; empty without one
  std::string preset;      ///< asynchronous preset
  /// The values of clear_preset_var1 and clear_preset_var2, each of which is H, L, N, T or X; empty when not given.
  std::string clear_preset;
  bool dont_use = false;

  bool sequential() const { return flip_flop || latch; }
};

/// One file is one library at one corner. It is a value, but a large one, so what uses it takes a const reference.
struct CellLibrary {
  std::filesystem::path path;  ///< as given
  std::string name;
  std::string hash;    ///< XXH3-128 of the decompressed text
  std::string corner;  ///< default_operating_conditions, or "nominal" where the file names none or does not describe it
  double voltage_v = 0;
  double temperature_c = 0;
  double process = 0;
  double time_unit_ns = 1;
  double capacitance_unit_ff = 1000;
  std::vector<LibertyCell> cells;
  LibraryTables cell_tables;  ///< tables of the same cells, which are asked for through tables()
  /// Why the tables cannot be used; areas and functions stand without them.
  std::optional<InputError> tables_refused{};
  std::shared_ptr<const std::string> text;  ///< decompressed, for tools that read the file themselves

  /// Returns nullptr when the library has no such cell.
  const LibertyCell* find(std::string_view cell) const;
  /// Returns timing and power. Throws `tables_refused`.
  const LibraryTables& tables() const;
};

/// Reads a library, plain or gzip. Throws InputError when the file cannot be read or unpacked, when the text is not
/// Liberty (with the line), when a number cannot be read, when a cell or pin is named twice, and when there are no
/// cells, no voltage, no temperature, no process or no units. Tables that are wrong (sim/cells/cell_tables.hpp) are
/// refused when they are asked for.
CellLibrary read_cell_library(const std::filesystem::path& path);
/// Does the same for a text; errors and the library name `path`.
CellLibrary parse_cell_library(std::string text, const std::filesystem::path& path);

/// Returns the smallest cell with one output that computes NOT A, A, or NOT (A AND B); the last of these is one gate
/// equivalent. Throws InputError when the library has none.
const LibertyCell& smallest_inverter(const CellLibrary& library);
const LibertyCell& smallest_buffer(const CellLibrary& library);
const LibertyCell& smallest_nand2(const CellLibrary& library);

}  // namespace subbyte::sim
