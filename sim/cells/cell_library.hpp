// Cell libraries: everything that is asked of a Liberty file, read once. Areas and functions for synthesis and
// simulation, timing and power tables for what a netlist costs.
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
  double area = 0;  ///< um2: Liberty names no unit of area, the libraries named in configs/technologies use um2
  std::vector<LibertyPin> pins;
  bool flip_flop = false;
  bool latch = false;
  /// of a flip-flop: the names that functions of outputs use for it and its complement
  std::vector<std::string> state;
  std::string next_state;    ///< Liberty expression
  std::string clocked_on;    ///< Liberty expression whose rising edge loads next_state
  std::string clear;         ///< asynchronous clear of a flip-flop; empty without one
  std::string preset;        ///< asynchronous preset
  std::string clear_preset;  ///< clear_preset_var1 and _var2: H, L, N, T, X each; empty when not given
  bool dont_use = false;

  bool sequential() const { return flip_flop || latch; }
};

/// One file = one library at one corner. A value, but large: what uses it takes a const reference.
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
  LibraryTables cell_tables;                   ///< of the same cells; asked of tables()
  std::optional<InputError> tables_refused{};  ///< why they cannot be used: areas and functions stand without them
  std::shared_ptr<const std::string> text;     ///< decompressed, for tools that read the file themselves

  /// nullptr when the library has no such cell.
  const LibertyCell* find(std::string_view cell) const;
  /// Timing and power. Throws `tables_refused`.
  const LibraryTables& tables() const;
};

/// Reads a library, plain or gzip. Throws InputError: the file cannot be read or unpacked, the text is not
/// Liberty (with the line), a number that is none, a cell or pin named twice, no cells, or no voltage, temperature,
/// process or units. Tables that are wrong (sim/cells/cell_tables.hpp) are refused when they are asked for.
CellLibrary read_cell_library(const std::filesystem::path& path);
/// The same of a text; `path` is what errors and the library name.
CellLibrary parse_cell_library(std::string text, const std::filesystem::path& path);

/// The smallest cell of one output that computes NOT A, A, or NOT (A AND B); the last is one gate equivalent.
/// Throws InputError when the library has none.
const LibertyCell& smallest_inverter(const CellLibrary& library);
const LibertyCell& smallest_buffer(const CellLibrary& library);
const LibertyCell& smallest_nand2(const CellLibrary& library);

}  // namespace subbyte::sim
