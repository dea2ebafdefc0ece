// Answers `subbyte energy` for many units and formats, with one row each.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/energy_operands.hpp"

namespace subbyte::sim {

struct EnergyPoint {
  const kernels::UnitInfo* unit = nullptr;
  std::string format;     ///< as it was named, for tables
  OperandQuery operands;  ///< in this format
};

/// `units` (every unit of the catalogue where empty), each at its default point, with names.format; "" stands for the
/// format that represents the unit, "all" for every format of the format table that it runs. A unit that does not run a
/// named format is left out. What is named of layers holds for the units that take them. Throws as read_operands(), for
/// names of layers where no unit takes them.
std::vector<EnergyPoint> energy_points(std::vector<const kernels::UnitInfo*> units, const OperandNames& names);

/// What holds for all rows.
struct EnergyConditions {
  const Technology& technology;
  const SynthesisFlow& flow;  ///< into its library
  EnergyRequest request;      ///< without unit, parameters and stimulus
  std::string wire_source;
};

struct EnergyRow {
  EnergyPoint point;
  std::optional<EnergyResult> result;  ///< when there is none, `refused` says why
  std::optional<BeatWork> work;
  std::string source;     ///< what the beats are (Operands::source)
  bool of_format = true;  ///< Operands::of_format
  std::string refused;
  double seconds = 0;
};

/// Rows in the order of the points, made on all cores. `done` is called once per point, from one thread at a time. A
/// layer that a unit refuses is a row without a result; any other error ends the run.
std::vector<EnergyRow> energies(std::span<const EnergyPoint> points, const EnergyConditions& conditions,
                                const std::function<void(const EnergyRow&)>& done = {});

/// Returns whether at least one row has a result.
reports::Record all_energy_record(std::span<const EnergyRow> rows, const EnergyConditions& conditions);
/// Writes the same for a terminal.
std::string all_energy_text(const reports::Record& record, bool verbose);

}  // namespace subbyte::sim
