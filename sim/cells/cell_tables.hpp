// Timing and power of library cells: the tables of a Liberty file (non-linear delay model, internal power, leakage),
// in ns, fF, pJ and nW whatever the file's units. Synopsys Liberty User Guide, volume 1, chapters 5, 8 and 9.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// values[i][j] at slew[i], load[j]; an empty axis means that the value does not depend on it. In a setup table `slew`
/// is the data's and `load` stands for the clock's transition.
struct LookupTable {
  std::vector<double> slew_ns;
  std::vector<double> load_ff;
  std::vector<double> values;  ///< row-major [slew][load], at least one when not absent

  bool absent() const { return values.empty(); }
  /// Bilinear inside, and beyond the last two points of an axis the same line (as OpenSTA does); 0 when absent.
  double at(double slew, double load) const;
};

enum class Edge : std::uint8_t { kRise = 0, kFall = 1 };
/// One value per edge of a pin: [kRise, kFall].
template <typename T>
using PerEdge = std::array<T, 2>;

/// From an input to an output, or the setup of a data pin before a clock edge.
struct TimingArc {
  enum class Kind : std::uint8_t { kCombinational, kClockToOutput, kSetup };
  Kind kind = Kind::kCombinational;
  std::string related_pin;
  bool positive = true;             ///< an output edge may be caused by the same edge of the input
  bool negative = true;             ///< ... by the opposite edge; both for a non-unate arc
  PerEdge<LookupTable> delay;       ///< by the output's edge; for kSetup the constraint by the data's edge
  PerEdge<LookupTable> transition;  ///< of the output
};

/// Energy that a transition of a pin costs inside the cell.
struct PowerArc {
  std::string related_pin;  ///< the input that causes an output's transition; empty for an input pin's own
  std::string when;         ///< Liberty expression over pins and state; empty: always
  PerEdge<LookupTable> energy_pj;
};

struct PinTables {
  std::string name;
  bool input = false;
  bool clock = false;
  double capacitance_ff = 0;
  PerEdge<double> edge_capacitance_ff{};  ///< rise_capacitance, fall_capacitance, else capacitance
  PerEdge<double> most_capacitance_ff{};  ///< the upper ends of their ranges, else the same
  std::vector<TimingArc> timing;
  std::vector<PowerArc> power;
};

struct LeakageState {
  std::string when;
  double nw = 0;
};

struct CellTables {
  std::string name;
  /// cell_leakage_power, or the mean of the states where a cell names none, or the library's
  /// default_cell_leakage_power.
  double leakage_nw = 0;
  bool has_leakage = false;  ///< any of these is there
  std::vector<LeakageState> leakage;
  std::vector<PinTables> pins;

  const PinTables* pin(std::string_view pin_name) const;
};

struct LibraryTables {
  std::vector<CellTables> cells;
  bool has_power = false;  ///< some cell has internal power

  const CellTables* find(std::string_view cell) const;
};

struct LibertyGroup;
struct LibertyUnits;

/// The tables of every cell of a library group whose cells and pins have one name each (as
/// sim/cells/cell_library.hpp checks). Of a library that gives internal power per rail (related_pg_pin) the power
/// rail counts and the ground rail does not: over a rise and a fall both carry the same charge. Asynchronous arcs,
/// hold, recovery and pulse widths are left out. Throws InputError naming `file`: a table whose number of values is not
/// that of its axes, an axis that does not rise, a template that does not exist, a unit that is absent.
LibraryTables library_tables(const LibertyGroup& library, const LibertyUnits& units, const std::string& file);

}  // namespace subbyte::sim
