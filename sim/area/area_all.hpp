// `subbyte synth --all`: every unit of the catalogue in one table, and the published figures that need more than one
// unit.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "reports/record.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// Says at which parameters a unit is taken where nobody names any.
enum class AreaBase : std::uint8_t { kDefault, kSmall };

/// Returns the units of the catalogue (all of them when `units` is empty) at their base, and behind them the points
/// of those published rows that need only these units. Throws std::invalid_argument for an unknown unit.
std::vector<kernels::UnitPoint> area_points(AreaBase base, const std::vector<std::string>& units = {});

/// Maps the points, as many at a time as there are cores, and returns the results in the order of the points.
/// `done` is called once per point, from one thread at a time, with its place in the list and the seconds that it took.
/// The first error ends the run.
std::vector<SynthesisResult> synthesize_all(std::span<const kernels::UnitPoint> points, const CellLibrary& library,
                                            const SynthesisOptions& options,
                                            const std::function<void(std::size_t, double)>& done = {});

/// Holds one unit with what it does for its area. Rates are peak rates (UnitInfo::work_per_cycle).
struct AreaRow {
  std::string name;
  const SynthesisResult* result = nullptr;
  std::optional<double> path_ns;  ///< the worst of its modules' paths
  std::optional<kernels::Work> work;
  std::optional<double> um2_per_mac;    ///< area at equal throughput: the unit's area over its MACs per cycle
  std::optional<double> of_fp16;        ///< the same over that of fp16_mac_tile, where that unit is among the results
  std::optional<double> ge_per_weight;  ///< gate equivalents over weights per cycle, of a unit without MACs
};
std::vector<AreaRow> area_rows(std::span<const SynthesisResult> results);

reports::Record all_record(std::span<const SynthesisResult> results, const CellLibrary& library);
/// Returns the JSON object of `subbyte synth --all --json`; its keys are in the command's help.
nlohmann::ordered_json all_json(std::span<const SynthesisResult> results, const CellLibrary& library);

}  // namespace subbyte::sim
