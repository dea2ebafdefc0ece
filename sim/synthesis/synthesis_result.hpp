// What synthesis is asked and what it answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

/// The FP16 multiply-accumulate tile, which `synth` sets the other tiles beside.
inline constexpr std::string_view kBaselineUnit = "fp16_mac_tile";
/// The clock that mapping aims at when nobody names one: that of configs/designs in this library.
inline constexpr double kDefaultClockMhz = 50;

struct TimingPath {
  double delay_ns = 0;  ///< includes clock-to-output and setup where the path starts or ends at a register
  std::string from;     ///< the instance or port, as the tool names it
  std::string to;
};

/// A memory of a unit: words of `width` bits.
struct MemoryShape {
  std::int64_t width = 0, depth = 0;
};
/// What macros in place of one memory cost. A figure that nobody gave is absent.
struct MacroFigures {
  std::size_t macros = 0;  ///< that it is made of
  std::optional<double> area_um2;
  std::optional<double> access_ns;  ///< from the clock edge to the word
  std::string source;
};
/// Returns what a memory costs. It may throw InputError for one that no macro fits.
using MacroTable = std::function<MacroFigures(const MemoryShape&)>;

/// Holds one module of the hierarchy, which is mapped once. The modules that it contains are not in its figures.
struct SynthesizedModule {
  std::string name;  ///< the module's name; "module_2" and on for other parameters of the same module
  std::string module;
  std::map<std::string, long long> rtl_parameters;
  std::size_t instances = 0;  ///< how many there are in the whole unit
  std::string verilog;        ///< the mapped netlist, which calls the modules that it contains by their names
  std::map<std::string, std::size_t> cells_by_type;
  std::size_t cells = 0;
  std::size_t flip_flops = 0;
  double area_um2 = 0;          ///< area of one instance
  double gate_equivalents = 0;  ///< area over that of the library's smallest two-input NAND
  /// the worst path of all, ports included (inputs arrive at 0, and outputs are due at the period)
  std::optional<TimingPath> path;
  std::optional<TimingPath> register_path;                ///< the worst from register to register
  std::optional<TimingPath> sta_path, sta_register_path;  ///< the same paths by Debian's sta, where it was asked
  /// Of a memory, which has no netlist and no cells; its area is 0 where the table gives none.
  std::optional<MemoryShape> memory;
  MacroFigures macro;  ///< of one such memory
};

/// A way of mapping that is pinned, because the ABC script moves the area and the delay of a netlist by half.
struct AbcScript {
  std::string_view name;
  std::string_view commands;  ///< {D} is the clock period in ps
};
/// Returns the scripts. The first is the default, which all areas come from.
std::span<const AbcScript> abc_scripts();

struct SynthesisTools {
  std::string yosys;  ///< the line in which yosys tells its version
  std::string abc;    ///< the version line of yosys-abc; where it is empty there are no proofs
  std::string sta;    ///< the version of sta; where it is empty there is no cross-check
  std::string abc_script;
  std::string script_hash;  ///< hash of rtl/synth*.{ys,tcl} and of the ABC script
  std::string conventions;  ///< the driving cell, the load and the wires
};

struct SynthesisResult {
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  double clock_mhz = 0;                    ///< the target of the mapping
  std::vector<SynthesizedModule> modules;  ///< the unit itself first (what is left of it without the modules below)
  SynthesisTools tools;
  std::size_t cells = 0;
  double area_um2 = 0;                                          ///< of cells and, where all of them have one, of macros
  double gate_equivalents = 0;                                  ///< of cells alone
  double macro_area_um2 = 0;                                    ///< what macros have of the area
  bool memories_have_area = true, memories_have_access = true;  ///< the table gives it for every macro
  /// the worst path across module boundaries, from the whole netlist of the unit at `composed_parameters`
  std::optional<TimingPath> composed_path;
  std::map<std::string, TimingPath> composed_ends;  ///< the same, by the module whose registers the path ends in
  std::optional<TimingPath> sta_composed_path;
  kernels::Parameters composed_parameters;

  /// Returns the sum over the instances of a module in all its parameterisations. Throws std::out_of_range for an
  /// unknown module.
  double area_of(std::string_view module) const;
};

struct SynthesisOptions {
  double clock_mhz = kDefaultClockMhz;
  /// the folder of the RTL and of the scripts; rtl/ of the sources where it is empty
  std::filesystem::path rtl;
  std::filesystem::path cache;         ///< SUBBYTE_CACHE or the build folder, and in it synth/, where it is empty
  bool composed_path = false;          ///< also time the netlist of the unit at 2 x 2, with its other parameters kept
  bool sta = false;                    ///< also ask Debian's sta for every path
  std::string abc_script = "default";  ///< the name of one of abc_scripts()
  MacroTable macros;                   ///< where it is empty, a unit that holds memories is refused
  /// only look up: what the cache does not know throws NotKept, and of the tools yosys alone is asked for its version
  bool kept_alone = false;
  /// hears of every run of a tool, not of what the cache knows; what a person sees is told by sim/base/progress.hpp
  std::function<void(const std::string&)> progress;
};

/// A whole unit as one netlist of library cells.
struct MappedNetlist {
  /// structural modules, each after the modules that it contains; the last is the unit, without parameters
  std::string verilog;
  std::set<std::string> cells;     ///< the library cells it is made of
  kernels::Parameters parameters;  ///< all parameters, completed by defaults
  SynthesisTools tools;
};

}  // namespace subbyte::sim
