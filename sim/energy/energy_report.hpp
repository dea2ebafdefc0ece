// Writes what `subbyte energy` says: technology-free units first, then the library's, and every figure with its source.
#pragma once

#include <optional>
#include <string>

#include "reports/record.hpp"
#include "sim/cells/scaling.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/energy_operands.hpp"

namespace subbyte::sim {

struct EnergyReport {
  const EnergyRequest& request;
  const EnergyResult& result;
  const Technology& technology;
  std::string stimulus;              ///< what the beats are
  std::optional<BeatWork> work;      ///< when there is none, no figure is told per piece of work
  std::string wire_source{};         ///< the source of request.wire_ff_per_um
  std::optional<Scaling> scaling{};  ///< when given, figures of another node are told besides
};

/// This is stated with every figure. It says how far ratios within a library hold, and absolute figures against
/// commercial flows and published figures.
inline constexpr const char* kEnergyAccuracy =
    "ratios in one library +-15 % (combinational) to +-30 % (register-heavy), between figures of one kind: both with "
    "glitches, or both at zero delay and of circuits of like depth, because glitches multiply energy by 1.1 (adders) "
    "to 5 (MX dot products); absolute energy within a factor of up to 6 of published operations, and 2 to 3 at zero "
    "delay";

/// The same in one line.
inline constexpr const char* kEnergyAccuracyInShort =
    "ratios in one library +-15 to 30 %, absolute energies within a factor of up to 6";

reports::Record energy_record(const EnergyReport& report);

/// Writes the same for a terminal: figures in two groups, and in a few lines under which conditions they hold; with
/// `verbose` all conditions and sources.
std::string energy_text(const reports::Record& record, bool verbose);

/// Returns where figures of a netlist come from, as "netlist in LIBRARY (corner)".
std::string netlist_source(const CellLibrary& library);
/// Returns the same of an energy under a stimulus, with its basis: with glitches, or at zero delay.
std::string counted_source(const std::string& netlist_source, bool zero_delay);

/// Returns "none", or what a sink's wire adds and where that comes from.
std::string wire_text(const EnergyResult& result, double wire_ff_per_um, const std::string& source);
/// Returns that glitches are in an energy, with the factor, its interval and what it was counted over, or that the
/// energy is of zero delay.
std::string glitch_text(const EnergyResult& result);

}  // namespace subbyte::sim
