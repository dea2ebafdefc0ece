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
  std::string format;
};

/// Returns `units` (every unit of the catalogue where empty), each at its default point, with `format`. A `format` of
/// "" stands for the format that represents the unit, and "all" for every format of the format table that it runs. A
/// unit that does not run a named format is left out. Throws as parse_format() does, and std::invalid_argument for an
/// unknown unit.
std::vector<EnergyPoint> energy_points(const std::vector<std::string>& units, const std::string& format);

/// What holds for all rows.
struct EnergyConditions {
  const Technology& technology;
  OperandQuery operands;  ///< without a format
  EnergyRequest request;  ///< without unit, parameters and stimulus
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

/// Returns rows in the order of the points, made on all cores. `done` is called once per point, from one thread at a
/// time. What is asked of layers holds for the units that take them, and is an error where none does. A layer that a
/// unit refuses is a row without a result; any other error ends the run.
std::vector<EnergyRow> energies(std::span<const EnergyPoint> points, const EnergyConditions& conditions,
                                const std::function<void(const EnergyRow&)>& done = {});

/// Returns whether at least one row has a result.
reports::Record all_energy_record(std::span<const EnergyRow> rows, const EnergyConditions& conditions);
/// Writes the same for a terminal.
std::string all_energy_text(const reports::Record& record);

}  // namespace subbyte::sim
