// Energies of layers as figures, tables and charts of a record.
#pragma once

#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/layer_energy.hpp"

namespace subbyte::sim {

/// Returns the metrics of one layer, or of the sum of several.
std::vector<reports::Metric> energy_metrics(const LayerEnergy& energy);
/// Returns the area of the unit and that of the buffers' macros. They are not added, because they may be of different
/// technologies. A buffer whose table gives no area has none here.
std::vector<reports::Metric> area_metrics(const Design& design, const UnitPower& unit);
/// Returns the areas of the buffers alone.
std::vector<reports::Metric> buffer_area_metrics(const Design& design);

/// Says what energy_low and energy_high include, and what they do not.
std::string range_text(bool zero_delay);

/// Names the parts of a layer's energy that no action counts, by what the design's tile takes and gives and by where
/// the outputs went.
std::string not_counted(const Design& design, const Traffic& traffic);

/// Names the technology of the buffers beside that of the unit, where their names differ.
std::string buffer_technology(const Design& design, const Technology& technology);

/// Says how an energy was reached, what is not in it, and how far to trust it: the library, tools, wires, glitches,
/// range and accuracy, and the memories' entries with their citation, their file and its hash. `outputs` is what
/// outputs_text() says, and `traffic` is that of all layers together.
nlohmann::ordered_json energy_conditions(const Design& design, const UnitPower& unit, const Technology& technology,
                                         const std::string& outputs, const Traffic& traffic);

/// Returns the table "Energy", with one row per action; its note gives the sum and the conditions in a few lines.
reports::Table energy_table(const LayerEnergy& energy, const nlohmann::ordered_json& conditions);

/// Holds a row of the table "Roofline" and of its chart.
struct NamedRoofline {
  std::string layer;
  RooflinePoint point;
};
/// Both functions add a table and its chart to a record.
void add_energy(reports::Record& record, const LayerEnergy& energy, const nlohmann::ordered_json& conditions);
void add_roofline(reports::Record& record, const std::string& design, const std::vector<NamedRoofline>& points);

/// Returns {"where","action","count","pj_each","energy_j","low_j","high_j","source"} of each part; an end of a range
/// that is not known is null.
nlohmann::ordered_json energy_json(const LayerEnergy& energy);

}  // namespace subbyte::sim
