// The options of `subbyte synth`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "sim/area/area_all.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/design.hpp"
#include "sim/engines/netlist_check.hpp"

namespace subbyte::sim {

struct SynthCommand {
  const kernels::UnitInfo* unit = nullptr;  ///< nothing: the tile and its baseline, or all
  bool all = false;
  AreaBase points = AreaBase::kDefault;  ///< of all
  kernels::Parameters parameters;
  std::optional<Design> design;  ///< in place of a unit: its tile, or its core with memories as macros
  TechnologyChoice technology;
  SynthesisOptions synthesis;
  bool no_composed = false;
  bool one_script = false;                   ///< the ABC script was named
  std::optional<std::vector<double>> curve;  ///< targets in MHz; empty: auto
  bool energy = false;                       ///< of the curve
  bool zero_delay = false;                   ///< of the energy
  std::optional<std::string> format;         ///< of the energy
  bool check = false;
  CheckOptions checks;
  std::optional<std::string> out, record;
  bool json = false, verbose = false;
};

/// Reads the options; the result is empty when --help was given. Throws InputError, and std::invalid_argument for an
/// unknown unit.
std::optional<SynthCommand> read_synth(Arguments args);

}  // namespace subbyte::sim
