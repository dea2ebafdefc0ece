#include "sim/layer_energy_report.hpp"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "sim/energy_report.hpp"

namespace subbyte::sim {
namespace {

constexpr double kMicro = 1e-6;

std::string metric_name(std::string unit) {
  for (char& c : unit) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return unit + "_energy_per_token";
}

const std::string* source_of(const LayerEnergy& energy, const std::string& unit) {
  for (const EnergyPart& part : energy.parts)
    if (part.unit == unit) return &part.source;
  return nullptr;
}

void add_buffer_area(std::vector<reports::Metric>& metrics, const std::string& name, const std::optional<Buffer>& buffer) {
  if (!buffer || !buffer->area_um2()) return;
  metrics.push_back({name + "_area", "area", "um2", *buffer->area_um2(),
                     fmt::format("table: {}, {} of {:g} KiB", buffer->bank.technology,
                                 buffer->banks == 1 ? "one bank" : fmt::format("{} banks", buffer->banks),
                                 static_cast<double>(buffer->bank.capacity_bytes) / 1024)});
}

}  // namespace

std::vector<reports::Metric> energy_metrics(const LayerEnergy& energy) {
  const std::string sources = sources_of(energy);
  const auto tokens = static_cast<double>(energy.tokens);
  std::vector<reports::Metric> metrics{{"energy", "energy", "J", energy.total_j(), sources},
                                       {"energy_low", "energy", "J", energy.low_j(), "low ends of the same"},
                                       {"energy_high", "energy", "J", energy.high_j(), "high ends of the same"},
                                       {"energy_per_token", "energy", "J/token", energy.per_token_j(), "derived: energy over tokens"}};
  for (const std::string& unit : energy_units())
    if (const std::string* source = source_of(energy, unit))
      metrics.push_back({metric_name(unit), "energy", "J/token", energy.unit_j(unit) / tokens, *source});
  metrics.push_back({"energy_per_mac", "energy", "pJ/MAC", energy.total_j() / energy.macs / 1e-12, "derived: energy over MACs"});
  metrics.push_back({"unit_energy_per_mac", "energy", "pJ/MAC", energy.unit_j("unit") / energy.macs / 1e-12, energy.parts.front().source});
  metrics.push_back({"average_power", "power", "W", energy.average_power_w(), "derived: energy over time"});
  metrics.push_back({"energy_delay_product", "energy", "J*s", energy.delay_product_js(), "derived: energy times time"});
  return metrics;
}

std::vector<reports::Metric> area_metrics(const Design& design, const UnitPower& unit) {
  const std::string& source = unit.source;
  std::vector<reports::Metric> metrics{{"area", "area", "um2", unit.area_um2, source}, {"gate_equivalents", "area", "GE", unit.gate_equivalents, source}};
  add_buffer_area(metrics, "weight_buffer", weight_buffer(design));
  add_buffer_area(metrics, "activation_buffer", activation_buffer(design));
  return metrics;
}

reports::Table energy_table(const LayerEnergy& energy) {
  reports::Table table{"Energy",
                       {{"where", "", "", 4},
                        {"action", "", "", 4},
                        {"count", "", "derived", 5},
                        {"each", "pJ", "", 4},
                        {"energy", "uJ", "derived", 5},
                        {"low", "uJ", "derived", 4},
                        {"high", "uJ", "derived", 4},
                        {"share", "%", "derived", 3},
                        {"source", "", "", 4}},
                       {},
                       ""};
  const double total = energy.total_j();
  for (const EnergyPart& part : energy.parts)
    table.rows.push_back({part.unit, part.action, part.count, part.pj_each, part.energy_j / kMicro, part.low_j / kMicro, part.high_j / kMicro,
                          100 * part.energy_j / total, part.source});
  table.note = fmt::format("Sum: {:.5g} uJ ({:.4g} to {:.4g}), {:.5g} uJ per token.", total / kMicro, energy.low_j() / kMicro,
                           energy.high_j() / kMicro, energy.per_token_j() / kMicro);
  std::set<std::string> cited;
  for (const EnergyPart& part : energy.parts)
    if (!part.citation.empty() && cited.insert(part.source).second) table.note += fmt::format("\n{}: {}.", part.source, part.citation);
  return table;
}

void add_energy(reports::Record& record, const LayerEnergy& energy) {
  record.tables.push_back(energy_table(energy));
  record.treemaps.push_back({"Where the energy goes", record.tables.size() - 1, 1, 4, 0});
}

void add_roofline(reports::Record& record, const std::string& design, const std::vector<NamedRoofline>& points) {
  reports::Table table{"Roofline",
                       {{"layer", "", "", 4},
                        {"intensity", "MAC/byte", "derived", 4},
                        {"attained", "MAC/s", "derived", 4},
                        {"peak", "MAC/s", "derived", 4},
                        {"bandwidth", "byte/s", "derived", 4},
                        {"design", "", "", 4}},
                       {},
                       "Peak: all lanes busy, by what the format takes of them. Bytes are those across the memory's bus."};
  for (const NamedRoofline& named : points) {
    const RooflinePoint& point = named.point;
    table.rows.push_back({named.layer, point.intensity(), point.attained_mac_per_s, point.peak_mac_per_s, point.bandwidth_byte_per_s, design});
  }
  record.tables.push_back(std::move(table));
  record.rooflines.push_back({"Roofline", record.tables.size() - 1, 0, 1, 2, 3, 4, 5});
}

nlohmann::json energy_conditions(const Design& design) {
  const auto buffer = [](const std::optional<Buffer>& b) -> nlohmann::json {
    if (!b) return "none: 0 KiB";
    return {{"banks", b->banks}, {"bank", to_json(b->bank)}};
  };
  return {{"unit", "zero-delay transitions of the mapped netlist, no wires, no clock tree; glitches are not in it"},
          {"waiting", "the clock runs on while the unit waits for memory: clock energy and leakage"},
          {"buffers", "whole words; what selects a bank, and an output buffer, are not in it"},
          {"accuracy", kEnergyAccuracy},
          {"weight_buffer", buffer(weight_buffer(design))},
          {"activation_buffer", buffer(activation_buffer(design))},
          {"dram", to_json(design.memory.dram)}};
}

}  // namespace subbyte::sim
