// Liberty cell libraries: what synthesis and its reports need of a .lib file, and nothing of its timing
// tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

/// One file = one library at one corner.
struct Library {
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

  /// nullptr when the library has no such cell.
  const LibertyCell* find(std::string_view cell) const;
};

/// Reads a library, plain or gzip. Throws InputError: the file cannot be read or unpacked, the text is not
/// Liberty (with the line), a number that is none, a cell or pin named twice, no cells, or no voltage, temperature,
/// process or units.
Library read_library(const std::filesystem::path& path);
/// The same of a text; `path` is what errors and the library name.
Library parse_library(std::string_view text, const std::filesystem::path& path);

/// The decompressed text of a library file. Throws InputError, also for more than 1 GiB of it.
std::string library_file(const std::filesystem::path& path);

/// The same, without `default_wire_load` attributes: interconnect is not modelled, so a
/// library's default must not enter in silence. Throws InputError.
std::string library_text(const std::filesystem::path& path);

/// Truth table of a Liberty function over `inputs` (input 0 is bit 0 of the index); at most 6 inputs.
/// Throws std::invalid_argument for a function that cannot be read or that names another pin.
std::uint64_t truth_table(std::string_view function, const std::vector<std::string>& inputs);

/// The same function as a Verilog expression, every operation in brackets; names outside `inputs` are refused as in
/// truth_table, but their number is not limited. Throws std::invalid_argument.
std::string verilog_expression(std::string_view function, const std::vector<std::string>& inputs);

/// One step of a logic function on words: values 0 .. n-1 are the inputs, n + i is the result of step i.
struct LogicStep {
  enum class Kind : std::uint8_t { kLow, kHigh, kCopy, kNot, kAnd, kNand, kOr, kNor, kXor, kXnor };
  Kind kind = Kind::kLow;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};
/// The same function as steps, the last of which is its value; never empty. Throws std::invalid_argument as
/// verilog_expression.
std::vector<LogicStep> logic_steps(std::string_view function, const std::vector<std::string>& inputs);

/// The smallest cell of one output that computes NOT A, A, or NOT (A AND B); the last is one gate equivalent.
/// Throws InputError when the library has none.
const LibertyCell& smallest_inverter(const Library& library);
const LibertyCell& smallest_buffer(const Library& library);
const LibertyCell& smallest_nand2(const Library& library);

}  // namespace subbyte::sim
