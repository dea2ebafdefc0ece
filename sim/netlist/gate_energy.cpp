#include "sim/netlist/gate_energy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "sim/netlist/gate_conditions.hpp"

namespace subbyte::sim {
namespace {

std::size_t index(Edge edge) { return static_cast<std::size_t>(edge); }

/// Finds the prices of all nets.
class Pricing {
 public:
  Pricing(const EnergyInputs& in, const GateSimulator& simulator) : in_(in), simulator_(simulator) {
    prices_.nets.resize(in.netlist.nets);
    prices_.clock_pins_pj.assign(in.netlist.modules.size(), 0);
    prices_.leakage_nw.assign(in.netlist.modules.size(), 0);
    for (const LibertyCell* cell : in.netlist.cells) conditions_.emplace_back(*cell);
    const GatePort* clock = in.netlist.port(in.clock_port);
    if (clock != nullptr && !clock->bits.empty()) prices_.clock = clock->bits[0];
    switching();
    for (std::uint32_t i = 0; i < in.netlist.instances.size(); ++i) instance(i);
  }
  TransitionPrices take() { return std::move(prices_); }

 private:
  double half_cv2(Net net) const {
    const auto& load = in_.timing.load_ff[net];
    return 0.25 * (load[0] + load[1]) * in_.voltage_v * in_.voltage_v * 1e-3;  // fF V^2 = 1e-3 pJ
  }
  void switching() {
    for (Net net = 0; net < prices_.nets.size(); ++net) prices_.nets[net].switching_pj = half_cv2(net);
    for (const GateInstance& gate : in_.netlist.instances) {
      const LibertyCell& cell = *in_.netlist.cells[gate.cell];
      for (std::size_t p = 0; p < cell.pins.size(); ++p) {
        if (!cell.pins[p].output || gate.pins[p] == kNoNet) continue;
        prices_.nets[gate.pins[p]].module = gate.module;
        prices_.nets[gate.pins[p]].use = cell.sequential() ? EnergyUse::kRegister : EnergyUse::kLogic;
      }
    }
  }

  /// Returns how often the condition of an arc holds, where variables of `high` count as high. In a cell with too many
  /// inputs to be sampled, every one of its conditional arcs is as likely as the others.
  double share(std::uint32_t i, const std::string& when, std::size_t conditional, std::size_t high = 0) const {
    const auto histogram = simulator_.states(i);
    if (when.empty()) return 1;
    if (histogram.empty()) return 1 / static_cast<double>(conditional);
    const std::uint64_t states = conditions_[in_.netlist.instances[i].cell].states(when);
    std::uint64_t holds = 0, all = 0;
    for (std::size_t s = 0; s < histogram.size(); ++s) {
      all += histogram[s];
      if ((states >> (s | high) & 1) != 0) holds += histogram[s];
    }
    return all == 0 ? 0 : static_cast<double>(holds) / static_cast<double>(all);
  }

  template <typename Arcs>
  static std::size_t conditional(const Arcs& arcs) {
    return static_cast<std::size_t>(std::ranges::count_if(arcs, [](const auto& arc) { return !arc.when.empty(); }));
  }
  /// An unconditional table is for what no condition covers; conditions of different causes may overlap.
  double uncovered_share(std::uint32_t i, const std::vector<PowerArc>& arcs, std::size_t high = 0) const {
    double covered = 0;
    for (const PowerArc& arc : arcs) {
      if (!arc.when.empty()) covered += share(i, arc.when, conditional(arcs), high);
    }
    return std::max(0.0, 1 - covered);
  }
  double slew(Net net, Edge edge) const { return net == kNoNet ? 0 : in_.timing.nets[net][index(edge)].slew_ns; }
  double activity(Net net) const {
    if (net == kNoNet) return 0;
    const auto& count = simulator_.transitions()[net];
    return static_cast<double>(std::accumulate(count.begin(), count.end(), std::uint64_t{0}));
  }

  void instance(std::uint32_t i) {
    const GateInstance& gate = in_.netlist.instances[i];
    const LibertyCell& cell = *in_.netlist.cells[gate.cell];
    const CellTables* tables = in_.tables.find(cell.name);
    if (tables == nullptr) throw std::invalid_argument("cell " + cell.name + " has no tables in the library");
    const bool powered = std::ranges::any_of(tables->pins, [](const PinTables& pin) { return !pin.power.empty(); });
    if (!powered && !conditions_[gate.cell].constant())
      throw std::invalid_argument("cell " + cell.name + " has no internal_power: no energy can be told");
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      const PinTables* pin = tables->pin(cell.pins[p].name);
      if (pin == nullptr || gate.pins[p] == kNoNet) continue;
      if (cell.pins[p].output)
        prices_.nets[gate.pins[p]].internal_pj += output_energy(i, gate, cell, *pin, gate.pins[p]);
      else if (gate.pins[p] == prices_.clock)
        prices_.clock_pins_pj[gate.module] += 2 * input_energy(i, *pin, in_.clock_slew_ns, in_.clock_slew_ns, 0);
      else
        prices_.nets[gate.pins[p]].internal_pj += input_energy(
            i, *pin, slew(gate.pins[p], Edge::kRise), slew(gate.pins[p], Edge::kFall), clock_variable(gate, cell));
    }
    prices_.leakage_nw[gate.module] += leakage_of(i, *tables);
  }

  /// Returns the mean of a rise and a fall over the inputs that can have caused them, each weighted by how often it
  /// moves and its condition holds.
  double output_energy(std::uint32_t i, const GateInstance& gate, const LibertyCell& cell, const PinTables& pin,
                       Net net) const {
    double sum = 0, weight = 0, plain = 0;
    std::size_t arcs = 0;
    const double uncovered = uncovered_share(i, pin.power);
    for (const PowerArc& arc : pin.power) {
      Net cause = kNoNet;
      if (!arc.related_pin.empty()) cause = gate.pins[pin_index(cell, arc.related_pin)];
      const bool clocked = cause == prices_.clock && prices_.clock != kNoNet;
      double energy = 0;
      for (const Edge edge : {Edge::kRise, Edge::kFall}) {
        const double in_slew =
            clocked ? in_.clock_slew_ns : std::max(slew(cause, Edge::kRise), slew(cause, Edge::kFall));
        energy += 0.5 * arc.energy_pj[index(edge)].at(in_slew, in_.timing.load_ff[net][index(edge)]);
      }
      const double w = (clocked || cause == kNoNet ? 1 : activity(cause)) *
                       (arc.when.empty() ? uncovered : share(i, arc.when, conditional(pin.power)));
      sum += w * energy;
      weight += w;
      plain += energy;
      ++arcs;
    }
    if (arcs == 0) return 0;
    return weight > 0 ? sum / weight : plain / static_cast<double>(arcs);
  }

  /// Returns the clock pin's bit in a state. A data pin moves after the rising edge that moved what drives it, while
  /// the clock is high, so samples with the clock low stand for the same moment. (Data later than half a period would
  /// find it low.)
  std::size_t clock_variable(const GateInstance& gate, const LibertyCell& cell) const {
    std::size_t bit = 1;
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].input) continue;
      if (gate.pins[p] == prices_.clock && prices_.clock != kNoNet) return bit;
      bit <<= 1;
    }
    return 0;
  }

  /// Returns the energy of one transition of an input inside the cell: the mean of rise and fall, over the states that
  /// have a table.
  double input_energy(std::uint32_t i, const PinTables& pin, double rise_slew, double fall_slew,
                      std::size_t high) const {
    double energy = 0;
    const double uncovered = uncovered_share(i, pin.power, high);
    for (const PowerArc& arc : pin.power) {
      const double mean = 0.5 * (arc.energy_pj[0].at(rise_slew, 0) + arc.energy_pj[1].at(fall_slew, 0));
      energy += (arc.when.empty() ? uncovered : share(i, arc.when, conditional(pin.power), high)) * mean;
    }
    return energy;
  }

  double leakage_of(std::uint32_t i, const CellTables& tables) const {
    if (!tables.has_leakage && !conditions_[in_.netlist.instances[i].cell].constant())
      throw std::invalid_argument("cell " + tables.name +
                                  " has no leakage, expected cell_leakage_power or leakage_power");
    double nw = 0, covered = 0;
    for (const LeakageState& state : tables.leakage) {
      if (state.when.empty()) continue;
      const double p = share(i, state.when, conditional(tables.leakage));
      nw += p * state.nw;
      covered += p;
    }
    return nw + std::max(0.0, 1 - covered) * tables.leakage_nw;
  }

  const EnergyInputs& in_;
  const GateSimulator& simulator_;
  std::vector<CellConditions> conditions_;
  TransitionPrices prices_;
};

/// Student's t at 97.5 % with seven degrees of freedom.
constexpr double kStudent7 = 2.365;

double half_width(const std::array<double, kGateWords>& groups) {
  const double mean = std::accumulate(groups.begin(), groups.end(), 0.0) / kGateWords;
  double square = 0;
  for (const double group : groups) square += (group - mean) * (group - mean);
  return kStudent7 * std::sqrt(square / (kGateWords - 1) / kGateWords);
}

/// Adds what every cycle costs, and leakage.
void add_clock(const TransitionPrices& prices, GateEnergy& energy) {
  for (std::size_t m = 0; m < energy.modules.size(); ++m) {
    energy.modules[m].pj_per_cycle[0] += prices.clock_pins_pj[m];
    energy.modules[m].leakage_nw = prices.leakage_nw[m];
    energy.internal_pj += prices.clock_pins_pj[m];
    energy.leakage_nw += prices.leakage_nw[m];
  }
  if (prices.clock != kNoNet) {  // two transitions per cycle are charged to the top
    const double net = 2 * prices.nets[prices.clock].switching_pj;
    energy.modules[0].pj_per_cycle[0] += net;
    energy.switching_pj += net;
  }
}

}  // namespace

const char* energy_use_name(EnergyUse use) {
  static constexpr const char* kNames[] = {"clock", "register", "logic", "input"};
  return kNames[static_cast<std::size_t>(use)];
}

double ModuleEnergy::total() const { return std::accumulate(pj_per_cycle.begin(), pj_per_cycle.end(), 0.0); }

double GateEnergy::use(EnergyUse which) const {
  double sum = 0;
  for (const ModuleEnergy& module : modules) sum += module.pj_per_cycle[static_cast<std::size_t>(which)];
  return sum;
}

double TransitionPrices::clock_pj() const {
  const double pins = std::accumulate(clock_pins_pj.begin(), clock_pins_pj.end(), 0.0);
  return clock == kNoNet ? pins : pins + 2 * nets[clock].switching_pj;
}

TransitionPrices transition_prices(const EnergyInputs& inputs, const GateSimulator& simulator) {
  if (!inputs.tables.has_power)
    throw std::invalid_argument("the library has no internal power tables: no energy can be told");
  if (simulator.samples() == 0) throw std::invalid_argument("no cycle was simulated");
  return Pricing(inputs, simulator).take();
}

GateEnergy gate_energy(const EnergyInputs& inputs, const GateSimulator& simulator, std::uint64_t lane_cycles) {
  return gate_energy(inputs, transition_prices(inputs, simulator), simulator.transitions(), lane_cycles);
}

GateEnergy gate_energy(const EnergyInputs& inputs, const TransitionPrices& prices,
                       std::span<const LaneBlock> transitions, std::uint64_t lane_cycles) {
  if (transitions.size() != inputs.netlist.nets) throw std::invalid_argument("transitions are not those of every net");
  if (lane_cycles == 0) throw std::invalid_argument("no cycle was simulated");
  const auto cycles = static_cast<double>(lane_cycles);
  GateEnergy result;
  result.lane_cycles = lane_cycles;
  for (const std::string& name : inputs.netlist.modules) result.modules.push_back({name, {}, 0});
  std::array<double, kGateWords> groups{};
  for (Net net = 0; net < inputs.netlist.nets; ++net) {
    if (net == prices.clock) continue;
    const TransitionPrices::OfNet& each = prices.nets[net];
    double moved = 0;
    for (std::size_t w = 0; w < kGateWords; ++w) {
      const auto count = static_cast<double>(transitions[net][w]);
      groups[w] += count * (each.switching_pj + each.internal_pj) * kGateWords / cycles;
      moved += count / cycles;
    }
    result.modules[each.module].pj_per_cycle[static_cast<std::size_t>(each.use)] +=
        moved * (each.switching_pj + each.internal_pj);
    result.switching_pj += moved * each.switching_pj;
    result.internal_pj += moved * each.internal_pj;
  }
  add_clock(prices, result);
  for (const ModuleEnergy& module : result.modules) result.pj_per_cycle += module.total();
  result.half_width_pj = half_width(groups);
  return result;
}

}  // namespace subbyte::sim
