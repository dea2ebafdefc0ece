// Energies of layers as figures, tables and charts of a record.
#pragma once

#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/layer_energy.hpp"

namespace subbyte::sim {

/// Of one layer, or of the sum of several.
std::vector<reports::Metric> energy_metrics(const LayerEnergy& energy);
/// Area of the unit and of the buffers' macros, which are not added: they may be of different technologies. A buffer
/// whose table gives no area has none here.
std::vector<reports::Metric> area_metrics(const Design& design, const UnitPower& unit);
/// Of these the buffers' alone.
std::vector<reports::Metric> buffer_area_metrics(const Design& design);

/// What energy_low and energy_high hold, and what they do not.
std::string range_text(bool zero_delay);

/// Parts of a layer's energy that no action counts, by what the design's tile takes and gives.
std::string not_counted(const Design& design);

/// How an energy was reached, what is not in it, and how far to trust it: library, tools, wires, glitches, range,
/// accuracy, and the memories' entries with their citation, file and its hash; and `outputs`, what is counted of them.
nlohmann::ordered_json energy_conditions(const Design& design, const UnitPower& unit, const Technology& technology,
                                         const std::string& outputs);

/// "Energy": one row per action; the note gives the sum and the conditions in a few lines.
reports::Table energy_table(const LayerEnergy& energy, const nlohmann::ordered_json& conditions);

/// A row of "Roofline", and its chart.
struct NamedRoofline {
  std::string layer;
  RooflinePoint point;
};
/// Add their table and their chart to a record.
void add_energy(reports::Record& record, const LayerEnergy& energy, const nlohmann::ordered_json& conditions);
void add_roofline(reports::Record& record, const std::string& design, const std::vector<NamedRoofline>& points);

/// {"where","action","count","pj_each","energy_j","low_j","high_j","source"} of each part; an end of a range that is
/// not known is null.
nlohmann::ordered_json energy_json(const LayerEnergy& energy);

}  // namespace subbyte::sim
