#include "sim/cost/core_phases_energy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "sim/config/format_file.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/cost/vector_energy.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kTokens = 16;  ///< that are measured at most, unless a tile has more rows
constexpr const char* kBeats =
    "the model's weights are not there: the tile is measured under the first layer of the embedded model, quantized to "
    "the format of each layer or cache, and under as many of its recorded tokens as a pass has, or 16 where it has "
    "more; so the activity of the products is that of another model's weights and activations";

/// What the tile takes in a format, by the tokens that stand in it.
class TilePowers {
 public:
  TilePowers(const Design& design, const OpenTechnology& technology, const CoreEnergyOptions& options)
      : design_(design),
        core_(kernels::CoreParams::of(design.core->parameters)),
        zero_delay_(options.zero_delay),
        netlist_(design_netlist(design, technology.flow)),
        clock_(clock_met(netlist_.synthesis(), design.clock_mhz)) {
    if (!options.clock_unchecked) require_met(design, clock_);
  }

  const CorePower& of(const quant::Format& format, std::size_t tokens, bool without_tokens) {
    const std::size_t full = std::max<std::size_t>(1, kTokens / core_.tile.rows) * core_.tile.rows;
    const std::size_t measured = tokens <= std::max(full, kTokens) ? tokens : full;
    const auto key = std::pair(describe(format), measured);
    const auto found = powers_.find(key);
    if (found != powers_.end() && (!without_tokens || found->second.without_tokens)) return found->second;
    return powers_.insert_or_assign(key, measure(format, measured, without_tokens)).first->second;
  }
  const ClockCheck& clock() const { return clock_; }

 private:
  CorePower measure(const quant::Format& format, std::size_t tokens, bool without_tokens) const {
    const auto source = open_layers(std::span(&format, 1), "embedded").front();
    ActivationQuery query;
    query.tokens = tokens;
    const LayerInputs inputs = source->load(source->layer(""), query);
    return core_power(design_, inputs, netlist_, zero_delay_, without_tokens);
  }

  const Design& design_;
  kernels::CoreParams core_;
  bool zero_delay_;
  UnitNetlist netlist_;
  ClockCheck clock_;
  std::map<std::pair<std::string, std::size_t>, CorePower> powers_;
};

std::size_t tokens_of(const Phase& phase) { return phase.tokens * phase.sequences; }

const CorePower& power_of(const PhaseCost& phase, std::size_t i, TilePowers& powers) {
  const CoreActions& actions = phase.layers[i].cost.actions;
  return powers.of(phase.phase.layers[i].format, phase.layers[i].last.tokens, actions.tile_chunks_without_token > 0);
}

/// The first layer that has a matrix; there is one in every phase.
std::size_t first_matrix(const Phase& phase) {
  const auto found =
      std::ranges::find_if(phase.layers, [](const PhaseLayer& layer) { return layer.kind != LayerKind::kVector; });
  return static_cast<std::size_t>(found - phase.layers.begin());
}

LayerEnergy phase_energy(const Design& design, const PhaseCost& phase, bool vector, TilePowers& powers) {
  std::vector<LayerEnergy> layers;
  const UnitPower waiting = power_of(phase, first_matrix(phase.phase), powers).tile;
  const std::size_t tokens = tokens_of(phase.phase);
  for (std::size_t i = 0; i < phase.layers.size(); ++i) {
    const CoreCost& cost = phase.layers[i].cost;
    if (phase.phase.layers[i].kind == LayerKind::kVector) {
      layers.push_back(vector_energy(design, tokens, cost, waiting));
      continue;
    }
    layers.push_back(
        core_energy(design, {tokens, cost.macs, cost.counts, cost.actions, cost.traffic}, power_of(phase, i, powers)));
    if (vector) add_row_buffer_leakage(design, cost.cycles(), layers.back().parts);
  }
  return sum_of(layers);
}

/// What a token needs of a model besides, as the end of a list.
std::string what_else(const PhaseWork& work) {
  std::string text;
  if (!work.kv_format.empty() && !work.kv_quantized) text += "; writing to memory what joins the KV cache";
  if (!work.not_in_it.empty()) text += fmt::format("; of the model: {}", fmt::join(work.not_in_it, ", "));
  return text;
}

/// "Decode: energy", or "Decode: energy at zero delay".
std::string title_of(const Phase& phase, std::string table) {
  table.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(table.front())));
  std::string name = phase.name == "gemm" ? "GEMM" : phase.name;
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return name + ": " + table;
}

}  // namespace

PhasesEnergy measure_phases_energy(const Design& design, const PhaseWork& work, const std::vector<PhaseCost>& phases,
                                   const OpenTechnology& technology, const CoreEnergyOptions& options) {
  TilePowers powers(design, technology, options);
  PhasesEnergy energy;
  for (const PhaseCost& phase : phases) energy.phases.push_back(phase_energy(design, phase, work.vector, powers));
  CorePower any = power_of(phases.front(), first_matrix(phases.front().phase), powers);
  any.tile.glitch_factor = sum_of(energy.phases).glitch_factor();  // of all phases together
  energy.conditions = core_energy_conditions(design, any, technology.technology, work.vector);
  energy.conditions["beats"] = kBeats;
  energy.conditions["not_counted"] = energy.conditions["not_counted"].get<std::string>() + what_else(work);
  energy.conditions["padding"] =
      "zeros in the beats of a tile that has a token and an output; a tile without a token is measured under weights "
      "and zeros; a tile without an output has its clock alone";
  energy.clock = powers.clock();
  return energy;
}

void add_phases_energy(reports::Record& record, const std::vector<PhaseCost>& phases, const PhasesEnergy& energy,
                       const std::string& technology) {
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const Phase& phase = phases[i].phase;
    std::vector<reports::Metric> metrics = energy_metrics(energy.phases[i]);
    mark_clock(kClockNotChecked, metrics);
    for (reports::Metric& metric : metrics) {
      metric.name = phase.name + "_" + metric.name;
      record.metrics.push_back(std::move(metric));
    }
    record.tables.push_back(energy_table(energy.phases[i], energy.conditions));
    record.tables.back().title = title_of(phase, record.tables.back().title);
    record.tables.back().note += fmt::format("\nbeats: {}.", kBeats);
    record.treemaps.push_back({"Where the energy goes: " + phase.name, record.tables.size() - 1, 1, 4, 0});
  }
  note_tile_clock(record, energy.clock);
  record.provenance["technology"] = technology;
  record.provenance["energy"] = energy.conditions;
}

}  // namespace subbyte::sim
