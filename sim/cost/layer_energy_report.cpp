#include "sim/cost/layer_energy_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "sim/area/area.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

constexpr double kMicro = 1e-6;

std::string metric_name(std::string unit) {
  for (char& c : unit) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return unit + "_energy_per_token";
}

/// Returns the basis of an energy that includes the unit.
reports::Basis basis_of(const LayerEnergy& energy) { return {.timed = energy.unit_work_zero_delay_j.has_value()}; }

std::string no_range() { return "no range: the stimulus is too short for an interval of the windows"; }

void add_buffer_area(std::vector<reports::Metric>& metrics, const std::string& name,
                     const std::optional<Buffer>& buffer) {
  if (!buffer || !buffer->area_um2()) return;
  metrics.push_back({name + "_area", "area", "um2", *buffer->area_um2(),
                     fmt::format("table: {}, {} of {:g} KiB", buffer->bank.technology,
                                 buffer->banks == 1 ? "one bank" : fmt::format("{} banks", buffer->banks),
                                 static_cast<double>(buffer->bank.capacity_bytes) / 1024)});
}

void add_per_mac(const LayerEnergy& energy, std::vector<reports::Metric>& metrics) {
  const auto add = [&](const char* name, double joules, const std::string& source, reports::Basis basis) {
    metrics.push_back({name, "energy", "pJ/MAC", joules / energy.macs / 1e-12, source, std::nullopt, basis});
  };
  const reports::Basis basis = basis_of(energy);
  add("energy_per_mac", energy.total_j(), "derived: energy over MACs", basis);
  add("unit_energy_per_mac", energy.unit_j("unit"), source_of(energy, "unit"), basis);
  add("unit_work_energy_per_mac", energy.unit_work_j(),
      energy.parts.front().source + "; working cycles alone, no leakage", basis);
  add("unit_leakage_per_mac", energy.unit_leakage_j(), "leakage of the library's cells, over the time of the layer",
      {});
}

void add_zero_delay(const LayerEnergy& energy, std::vector<reports::Metric>& metrics) {
  const auto factor = energy.glitch_factor();
  if (!factor) return;
  metrics.push_back({"glitch_factor", "energy", "", *factor,
                     "netlist with inertial delays, a sample of the cycles, over the same at zero delay; it is in the "
                     "energies",
                     std::nullopt, basis_of(energy)});
  metrics.push_back(
      {"energy_per_token_zero_delay", "energy", "J/token",
       (energy.total_j() - energy.unit_work_j() + *energy.unit_work_zero_delay_j) / static_cast<double>(energy.tokens),
       "derived: energy over tokens without what glitches add to the unit"});
}

nlohmann::json buffer_json(const std::optional<Buffer>& buffer) {
  if (!buffer) return "none: 0 KiB";
  return {{"banks", buffer->banks}, {"bank", to_json(buffer->bank)}};
}

std::string conditions_text(const nlohmann::ordered_json& conditions) {
  std::string text;
  for (const char* key : {"library", "tools", "wires", "glitches", "waiting", "buffer_technology", "outputs",
                          "not_counted", "range", "accuracy"}) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    text += fmt::format("\n{}: {}.", name, conditions.at(key).get<std::string>());
  }
  return text;
}

/// What a decision needs of the conditions, in a short sentence, and nothing where buffers and unit are alike.
std::string mixed_technologies(const nlohmann::ordered_json& conditions) {
  return conditions.at("buffer_technology").get<std::string>().find("differ") == std::string::npos
             ? ""
             : " Unit and buffers are of two technologies: do not compare their shares.";
}

nlohmann::json micro(const std::optional<double>& value) {
  return value ? nlohmann::json(*value / kMicro) : nlohmann::json();
}

}  // namespace

std::string range_text(bool zero_delay) {
  if (zero_delay)
    return "published range of the DRAM and 95 % interval of the windows alone; glitches (x1.1 to 5), wires and the "
           "factor of 2 to 3 of absolute energy are not in it";
  return "published range of the DRAM and 95 % interval of the windows and of the sample of cycles with delays; wires "
         "and the factor of up to 6 of absolute energy are not in it";
}

std::vector<reports::Metric> energy_metrics(const LayerEnergy& energy) {
  const std::string sources = sources_of(energy);
  const auto tokens = static_cast<double>(energy.tokens);
  const reports::Basis basis = basis_of(energy);
  std::vector<reports::Metric> metrics;
  const auto add = [&](const std::string& name, const char* quantity, const char* unit, double value,
                       const std::string& source, reports::Basis of) {
    metrics.push_back({name, quantity, unit, value, source, std::nullopt, of});
  };
  const std::string range = range_text(!basis.timed);
  add("energy", "energy", "J", energy.total_j(), sources, basis);
  if (const auto low = energy.low_j()) add("energy_low", "energy", "J", *low, range, basis);
  if (const auto high = energy.high_j()) add("energy_high", "energy", "J", *high, range, basis);
  const std::string per_token = basis.timed ? "derived: energy with glitches over tokens"
                                            : "derived: energy at zero delay (no glitches) over tokens";
  add("energy_per_token", "energy", "J/token", energy.per_token_j(), per_token, basis);
  for (const std::string& place : energy.places())
    add(metric_name(place), "energy", "J/token", energy.unit_j(place) / tokens, source_of(energy, place),
        place == "unit" ? basis : reports::Basis{});
  add_per_mac(energy, metrics);
  add_zero_delay(energy, metrics);
  add("average_power", "power", "W", energy.average_power_w(), "derived: energy over time", basis);
  add("energy_delay_product", "energy", "J*s", energy.delay_product_js(),
      fmt::format("derived: energy times time of the whole run ({} tokens)", energy.tokens), basis);
  return metrics;
}

std::vector<reports::Metric> area_metrics(const Design& design, const UnitPower& unit) {
  const std::string& source = unit.source;
  std::vector<reports::Metric> metrics{{"area", "area", "um2", unit.area_um2, source},
                                       {"gate_equivalents", "area", "GE", unit.gate_equivalents, source}};
  for (const reports::Metric& metric : buffer_area_metrics(design)) metrics.push_back(metric);
  return metrics;
}

std::vector<reports::Metric> buffer_area_metrics(const Design& design) {
  std::vector<reports::Metric> metrics;
  add_buffer_area(metrics, "weight_buffer", weight_buffer(design));
  add_buffer_area(metrics, "activation_buffer", activation_buffer(design));
  return metrics;
}

reports::Table energy_table(const LayerEnergy& energy, const nlohmann::ordered_json& conditions) {
  reports::Table table{energy.unit_work_zero_delay_j ? "Energy" : "Energy at zero delay",
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
    table.rows.push_back({part.unit, part.action, part.count, part.pj_each, part.energy_j / kMicro, micro(part.low_j),
                          micro(part.high_j), 100 * part.energy_j / total, part.source});
  const auto low = energy.low_j(), high = energy.high_j();
  table.note =
      fmt::format("Sum: {:.5g} uJ ({}), {:.5g} uJ per token.{}", total / kMicro,
                  low && high ? fmt::format("{:.4g} to {:.4g} by the DRAM's range and the windows' intervals alone",
                                            *low / kMicro, *high / kMicro)
                              : no_range(),
                  energy.per_token_j() / kMicro, mixed_technologies(conditions));
  std::set<std::string> cited;
  for (const EnergyPart& part : energy.parts)
    if (!part.citation.empty() && cited.insert(part.source).second)
      table.note += fmt::format("\n{}: {}.", part.source, part.citation);
  table.note += conditions_text(conditions);
  return table;
}

void add_energy(reports::Record& record, const LayerEnergy& energy, const nlohmann::ordered_json& conditions) {
  record.tables.push_back(energy_table(energy, conditions));
  record.treemaps.push_back({"Where the energy goes", record.tables.size() - 1, 1, 4, 0});
}

void add_roofline(reports::Record& record, const std::string& design, const std::vector<NamedRoofline>& points) {
  reports::Table table{
      "Roofline",
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
    table.rows.push_back({named.layer, point.intensity(), point.attained_mac_per_s, point.peak_mac_per_s,
                          point.bandwidth_byte_per_s, design});
  }
  record.tables.push_back(std::move(table));
  record.rooflines.push_back({"Roofline", record.tables.size() - 1, 0, 1, 2, 3, 4, 5});
}

std::string not_counted(const Design& design, const Traffic& traffic) {
  std::string text;
  if (traffic.output_bytes > 0) text = "an output buffer (Y leaves at once)";
  if (traffic.buffered_output_bytes > 0)
    text += fmt::format("{}the next layer's reads of outputs from the buffer (its activations are read from the DRAM)",
                        text.empty() ? "" : ", ");
  if (design.output.bits != 32) text += fmt::format(", what rounds outputs to {} bits", design.output.bits);
  text += ", what selects a bank, unpacks its words into beats and steps through the loop, and a clock tree";
  if (!design.unit->beside.empty()) text += "; " + design.unit->beside;
  if (activation_format(design) != "fp16")
    text +=
        "; what rounds each token to INT8 before the tile, and the FP32 multiplication by the token's scale behind it";
  return text;
}

std::string buffer_technology(const Design& design, const Technology& technology) {
  if (design.memory.sram.empty()) return "no buffers";
  const std::string& sram = design.memory.sram.front().technology;
  if (sram == technology.name) return "buffers and unit are of " + sram;
  return fmt::format("buffers are of {}, the unit of {}: the technologies differ, so the shares of the sum mix two",
                     sram, technology.name);
}

nlohmann::ordered_json energy_conditions(const Design& design, const UnitPower& unit, const Technology& technology,
                                         const std::string& outputs, const Traffic& traffic) {
  const std::string glitches =
      unit.glitch_factor
          ? fmt::format("in the energies: zero delay times {:.3f} in the working cycles (sampled, inertial delays)",
                        *unit.glitch_factor)
          : "not in it (--zero-delay), so it is too low";
  return {{"library", corner_text(technology.library)},
          {"library_hash", technology.library.hash},
          {"library_remark", technology.remark},
          {"clock_mhz", design.clock_mhz},
          {"tools", fmt::format("{}, scripts {}, abc script: {}", unit.tools.yosys, unit.tools.script_hash,
                                unit.tools.abc_script)},
          {"conventions", unit.tools.conventions},
          {"unit", "transitions of the mapped netlist, counted net by net"},
          {"wires", "none"},
          {"glitches", glitches},
          {"waiting", "the clock runs on while the unit waits for memory: clock energy and leakage"},
          {"range", unit.half_width_pj ? range_text(!unit.glitch_factor) : no_range()},
          {"accuracy", kEnergyAccuracy},
          {"outputs", outputs},
          {"not_counted", not_counted(design, traffic)},
          {"buffers", "whole words"},
          {"buffer_technology",
           weight_buffer(design) || activation_buffer(design) ? buffer_technology(design, technology) : "no buffers"},
          {"weight_buffer", buffer_json(weight_buffer(design))},
          {"activation_buffer", buffer_json(activation_buffer(design))},
          {"sram_file", to_json(design.memory.sram_file)},
          {"dram", to_json(design.memory.dram)},
          {"dram_file", to_json(design.memory.dram_file)}};
}

nlohmann::ordered_json energy_json(const LayerEnergy& energy) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  };
  auto array = nlohmann::ordered_json::array();
  for (const EnergyPart& part : energy.parts)
    array.push_back({{"where", part.unit},
                     {"action", part.action},
                     {"count", part.count},
                     {"pj_each", part.pj_each},
                     {"energy_j", part.energy_j},
                     {"low_j", optional(part.low_j)},
                     {"high_j", optional(part.high_j)},
                     {"source", part.source}});
  return array;
}

}  // namespace subbyte::sim
