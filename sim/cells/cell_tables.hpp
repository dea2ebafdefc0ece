// Timing and power of library cells. These are the tables of a Liberty file (non-linear delay model, internal power,
// leakage) in ns, fF, pJ and nW, whatever units the file uses. Source: Synopsys Liberty User Guide, volume 1, chapters
// 5, 8 and 9.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// The value at slew[i] and load[j] is values[i][j]; an empty axis means that the value does not depend on it. In a
/// setup table `slew` is the data's transition and `load` stands for the clock's.
struct LookupTable {
  std::vector<double> slew_ns;
  std::vector<double> load_ff;
  std::vector<double> values;  ///< row-major [slew][load], at least one when not absent

  bool absent() const { return values.empty(); }
  /// Interpolates bilinearly. Beyond the end of an axis it follows the line through the last two points, as OpenSTA
  /// does. Returns 0 when the table is absent.
  double at(double slew, double load) const;
};

enum class Edge : std::uint8_t { kRise = 0, kFall = 1 };
/// One value per edge of a pin, as [kRise, kFall].
template <typename T>
using PerEdge = std::array<T, 2>;

/// An arc from an input to an output, or the setup of a data pin before a clock edge.
struct TimingArc {
  enum class Kind : std::uint8_t { kCombinational, kClockToOutput, kSetup };
  Kind kind = Kind::kCombinational;
  std::string related_pin;
  bool positive = true;             ///< an output edge may be caused by the same edge of the input
  bool negative = true;             ///< an output edge may be caused by the opposite edge; a non-unate arc has both
  PerEdge<LookupTable> delay;       ///< by the output's edge; for kSetup the constraint by the data's edge
  PerEdge<LookupTable> transition;  ///< of the output
};

/// The energy that a transition of a pin costs inside the cell.
struct PowerArc {
  std::string related_pin;  ///< the input that causes an output's transition; empty for an input pin's own
  std::string when;         ///< Liberty expression over pins and state; empty when it always holds
  PerEdge<LookupTable> energy_pj;
};

struct PinTables {
  std::string name;
  bool input = false;
  bool clock = false;
  double capacitance_ff = 0;
  PerEdge<double> edge_capacitance_ff{};  ///< rise_capacitance and fall_capacitance, or else capacitance
  PerEdge<double> most_capacitance_ff{};  ///< the upper ends of their ranges, or else the same values
  std::vector<TimingArc> timing;
  std::vector<PowerArc> power;
};

struct LeakageState {
  std::string when;
  double nw = 0;
};

struct CellTables {
  std::string name;
  /// This is cell_leakage_power; where a cell names none, it is the mean over its states, or else the library's
  /// default_cell_leakage_power.
  double leakage_nw = 0;
  bool has_leakage = false;  ///< whether any of these is there
  std::vector<LeakageState> leakage;
  std::vector<PinTables> pins;

  const PinTables* pin(std::string_view pin_name) const;
};

struct LibraryTables {
  std::vector<CellTables> cells;
  bool has_power = false;  ///< whether some cell has internal power

  const CellTables* find(std::string_view cell) const;
};

struct LibertyGroup;
struct LibertyUnits;

/// Reads the tables of every cell of a library group whose cells and pins have one name each (as
/// sim/cells/cell_library.hpp checks). Where a library gives internal power per rail (related_pg_pin), the power rail
/// counts and the ground rail does not, because over a rise and a fall both carry the same charge. Asynchronous arcs,
/// hold, recovery and pulse widths are left out. Throws InputError that names `file` for a table whose number of values
/// is not that of its axes, an axis that does not rise, a template that does not exist, and a unit that is absent.
LibraryTables library_tables(const LibertyGroup& library, const LibertyUnits& units, const std::string& file);

}  // namespace subbyte::sim
