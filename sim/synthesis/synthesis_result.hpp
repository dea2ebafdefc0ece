// What synthesis is asked and what it answers.
#pragma once

#include <cstddef>
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
  double delay_ns = 0;  ///< clock-to-output and setup included where the path starts or ends at a register
  std::string from;     ///< instance or port, as the tool names it
  std::string to;
};

/// One module of the hierarchy, mapped once. Modules it contains are not in its figures.
struct SynthesizedModule {
  std::string name;  ///< module; "module_2" and on for other parameters of the same module
  std::string module;
  std::map<std::string, long long> rtl_parameters;
  std::size_t instances = 0;  ///< in the whole unit
  std::string verilog;        ///< the mapped netlist, the modules it contains by their names
  std::map<std::string, std::size_t> cells_by_type;
  std::size_t cells = 0;
  std::size_t flip_flops = 0;
  double area_um2 = 0;          ///< of one instance
  double gate_equivalents = 0;  ///< area over that of the library's smallest two-input NAND
  /// the worst of all, ports included (inputs arrive at 0, outputs are due at the period)
  std::optional<TimingPath> path;
  std::optional<TimingPath> register_path;                ///< the worst from register to register
  std::optional<TimingPath> sta_path, sta_register_path;  ///< the same by Debian's sta, where it was asked
};

/// A pinned way of mapping: the ABC script moves area and delay of a netlist by half.
struct AbcScript {
  std::string_view name;
  std::string_view commands;  ///< {D} is the clock period in ps
};
/// The default first, which all areas come from.
std::span<const AbcScript> abc_scripts();

struct SynthesisTools {
  std::string yosys;  ///< version line
  std::string abc;    ///< version line of yosys-abc, or empty: no proofs
  std::string sta;    ///< version, or empty: no cross-check
  std::string abc_script;
  std::string script_hash;  ///< of rtl/synth*.{ys,tcl} and the ABC script
  std::string conventions;  ///< driving cell, load, wires
};

struct SynthesisResult {
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  double clock_mhz = 0;                    ///< the target of the mapping
  std::vector<SynthesizedModule> modules;  ///< the unit itself first (what is left of it without the modules below)
  SynthesisTools tools;
  std::size_t cells = 0;
  double area_um2 = 0;
  double gate_equivalents = 0;
  /// The worst path across module boundaries, from the whole netlist of the unit at `composed_parameters`.
  std::optional<TimingPath> composed_path;
  std::map<std::string, TimingPath> composed_ends;  ///< the same, by the module whose registers the path ends in
  std::optional<TimingPath> sta_composed_path;
  kernels::Parameters composed_parameters;

  /// Sum over the instances of a module in all its parameterisations; throws std::out_of_range for an unknown
  /// module.
  double area_of(std::string_view module) const;
};

struct SynthesisOptions {
  double clock_mhz = kDefaultClockMhz;
  std::filesystem::path rtl;           ///< folder of the RTL and of the scripts; default: rtl/ of the sources
  std::filesystem::path cache;         ///< default: SUBBYTE_CACHE or the build folder, then synth/
  bool composed_path = false;          ///< also time the netlist of the unit at 2 x 2 (its other parameters kept)
  bool sta = false;                    ///< also ask Debian's sta for every path
  std::string abc_script = "default";  ///< name of one of abc_scripts()
  /// Only look up: what the cache does not know throws NotKept, and of the tools yosys alone is asked for its version.
  bool kept_alone = false;
  /// Hears of every tool run, not of what the cache knows; what a person sees is told by sim/base/progress.hpp.
  std::function<void(const std::string&)> progress;
};

/// A whole unit as one netlist of library cells.
struct MappedNetlist {
  /// structural modules, those a module contains before it; the last is the unit, without parameters
  std::string verilog;
  std::set<std::string> cells;     ///< the library cells it is made of
  kernels::Parameters parameters;  ///< complete
  SynthesisTools tools;
};

}  // namespace subbyte::sim
