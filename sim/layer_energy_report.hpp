// Energies of layers as figures, tables and charts of a record.
#pragma once

#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/layer_energy.hpp"

namespace subbyte::sim {

/// Of one layer, or of the sum of several.
std::vector<reports::Metric> energy_metrics(const LayerEnergy& energy);
/// Area of the unit and of the buffers' macros, which are not added: they may be of different technologies. A buffer whose table gives no area has none here.
std::vector<reports::Metric> area_metrics(const Design& design, const UnitPower& unit);

/// "Energy": one row per action; the note gives the sum.
reports::Table energy_table(const LayerEnergy& energy);

/// A row of "Roofline", and its chart.
struct NamedRoofline {
  std::string layer;
  RooflinePoint point;
};
/// Add their table and their chart to a record.
void add_energy(reports::Record& record, const LayerEnergy& energy);
void add_roofline(reports::Record& record, const std::string& design, const std::vector<NamedRoofline>& points);

/// How an energy was reached, what is not in it, and how far to trust it.
nlohmann::json energy_conditions(const Design& design);

}  // namespace subbyte::sim
