#include "sim/netlist/gate_simulator.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace subbyte::sim {
namespace {

constexpr std::size_t kMostVariables = 6;

constexpr LaneBlock kAllLow{};
constexpr LaneBlock kAllHigh{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL};

/// Names and slots of a gate's inputs; an unconnected one is low.
void inputs_of(const LibertyCell& cell, const GateInstance& gate, std::vector<std::string>& names,
               std::vector<std::uint32_t>& slots) {
  for (std::size_t p = 0; p < cell.pins.size(); ++p) {
    if (!cell.pins[p].input) continue;
    names.push_back(cell.pins[p].name);
    slots.push_back(gate.pins[p] == kNoNet ? kNetLow : gate.pins[p]);
  }
}

/// Returns true when the function is 0 whatever the values of the inputs that are no constants.
bool never(const std::string& function, const LibertyCell& cell, const GateInstance& gate) {
  std::vector<std::string> names;
  std::vector<std::uint32_t> slots;
  inputs_of(cell, gate, names, slots);
  if (names.size() > kMostVariables) return false;
  const std::uint64_t table = truth_table(function, names);
  for (unsigned pattern = 0; pattern < 1U << names.size(); ++pattern) {
    bool possible = true;
    for (std::size_t v = 0; v < names.size(); ++v) {
      const bool high = (pattern >> v & 1) != 0;
      possible &= !(slots[v] == kNetLow && high) && !(slots[v] == kNetHigh && !high);
    }
    if (possible && (table >> pattern & 1) != 0) return false;
  }
  return true;
}

void check_flip_flop(const LibertyCell& cell, const GateInstance& gate) {
  if (cell.latch)
    throw std::invalid_argument("netlist: " + gate.name + " is a latch (" + cell.name + "), expected flip-flops");
  const auto used = [&](const std::string& function) { return !function.empty() && !never(function, cell, gate); };
  if (used(cell.clear) || used(cell.preset))
    throw std::invalid_argument("netlist: " + gate.name + " has an asynchronous clear or preset in use (" + cell.name +
                                ")");
  if (cell.state.empty() || cell.next_state.empty())
    throw std::invalid_argument("netlist: cell " + cell.name + " names no state or next state");
}

/// Returns the slots that a step's value depends on. A constant has none and a copy has one, whatever else is named.
std::vector<std::uint32_t> sources_of(const GateStep& step) {
  using Kind = LogicStep::Kind;
  if (step.kind == Kind::kLow || step.kind == Kind::kHigh) return {};
  if (step.kind == Kind::kCopy || step.kind == Kind::kNot) return {step.a};
  return {step.a, step.b};
}

/// Returns the same steps in another order that their dependences allow, in long runs of one kind, because a branch on
/// a kind that changes from gate to gate costs more than the gate. Every slot is written by at most one step.
std::vector<GateStep> in_runs(const std::vector<GateStep>& steps, std::size_t slots) {
  constexpr std::size_t kKinds = 10;
  std::vector<std::vector<std::uint32_t>> readers(slots);
  std::vector<std::uint8_t> missing(steps.size(), 0);
  std::vector<bool> written(slots, false);
  for (const GateStep& step : steps) written[step.target] = true;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    for (const std::uint32_t source : sources_of(steps[i])) {
      if (!written[source]) continue;
      readers[source].push_back(i);
      ++missing[i];
    }
  }
  std::array<std::vector<std::uint32_t>, 2 * kKinds> ready;
  const auto bucket = [&](std::uint32_t i) -> auto& {
    return ready[2 * static_cast<std::size_t>(steps[i].kind) + (steps[i].counted ? 1 : 0)];
  };
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (missing[i] == 0) bucket(i).push_back(i);
  }
  std::vector<GateStep> ordered;
  while (ordered.size() < steps.size()) {
    auto& longest = *std::ranges::max_element(ready, {}, &std::vector<std::uint32_t>::size);
    if (longest.empty()) throw std::logic_error("netlist: steps that wait for each other");
    for (std::size_t next = 0; next < longest.size(); ++next) {  // this list grows by steps of its own kind
      ordered.push_back(steps[longest[next]]);
      for (const std::uint32_t reader : readers[ordered.back().target]) {
        if (--missing[reader] == 0) bucket(reader).push_back(reader);
      }
    }
    longest.clear();
  }
  return ordered;
}

std::uint64_t count_and(const std::vector<LaneBlock>& slots, const std::vector<std::uint32_t>& variables,
                        unsigned pattern) {
  LaneBlock match = kAllHigh;
  for (std::size_t v = 0; v < variables.size(); ++v) {
    const std::uint64_t flip = (pattern >> v & 1) != 0 ? 0 : ~0ULL;
    for (std::size_t w = 0; w < kGateWords; ++w) match[w] &= slots[variables[v]][w] ^ flip;
  }
  std::uint64_t count = 0;
  for (const std::uint64_t word : match) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

}  // namespace

GateSimulator::GateSimulator(const GateNetlist& netlist)
    : netlist_(netlist),
      slots_(netlist.nets, kAllLow),
      counts_(netlist.nets, kAllLow),
      histograms_(netlist.instances.size()),
      variables_(netlist.instances.size()) {
  slots_[kNetHigh] = kAllHigh;
  for (std::uint32_t i = 0; i < netlist.instances.size(); ++i) {
    std::vector<std::string> names;
    inputs_of(*netlist.cells[netlist.instances[i].cell], netlist.instances[i], names, variables_[i]);
    if (netlist.cells[netlist.instances[i].cell]->sequential()) add_register(i);
    if (variables_[i].size() > kMostVariables) variables_[i].clear();
    if (!variables_[i].empty()) histograms_[i].assign(std::size_t{1} << variables_[i].size(), 0);
  }
  for (const std::uint32_t i : combinational_order(netlist)) add_outputs(i, 0);
  for (const Register& flip_flop : registers_) add_next(flip_flop);
  steps_ = in_runs(steps_, slots_.size());
  settle();
}

std::uint32_t GateSimulator::temporary() {
  slots_.push_back(kAllLow);
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

void GateSimulator::add_function(const std::string& function, const std::vector<std::string>& names,
                                 const std::vector<std::uint32_t>& slots, std::uint32_t target, bool counted) {
  const std::vector<LogicStep> steps = logic_steps(function, names);
  std::vector<std::uint32_t> places = slots;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    places.push_back(last ? target : temporary());  // a constant reads its own target and ignores it
    steps_.push_back({steps[i].kind, last && counted, places.back(), places[steps[i].a], places[steps[i].b]});
  }
}

void GateSimulator::add_outputs(std::uint32_t instance, std::uint32_t state) {
  const GateInstance& gate = netlist_.instances[instance];
  const LibertyCell& cell = *netlist_.cells[gate.cell];
  std::vector<std::string> names;
  std::vector<std::uint32_t> slots;
  inputs_of(cell, gate, names, slots);
  if (state != 0) {
    std::uint32_t inverted = temporary();
    steps_.push_back({LogicStep::Kind::kNot, false, inverted, state, state});
    names.insert(names.end(), cell.state.begin(), cell.state.end());
    slots.push_back(state);
    if (cell.state.size() > 1) slots.push_back(inverted);
  }
  for (std::size_t p = 0; p < cell.pins.size(); ++p) {
    if (!cell.pins[p].output || gate.pins[p] == kNoNet) continue;
    if (cell.pins[p].function.empty() || !cell.pins[p].three_state.empty())
      throw std::invalid_argument("netlist: cell " + cell.name + " has no function of pin " + cell.pins[p].name);
    add_function(cell.pins[p].function, names, slots, gate.pins[p], true);
  }
}

void GateSimulator::add_register(std::uint32_t instance) {
  check_flip_flop(*netlist_.cells[netlist_.instances[instance].cell], netlist_.instances[instance]);
  registers_.push_back({instance, temporary(), temporary()});
  variables_[instance].push_back(registers_.back().state);
  add_outputs(instance, registers_.back().state);
}

void GateSimulator::add_next(const Register& flip_flop) {
  const GateInstance& gate = netlist_.instances[flip_flop.instance];
  const LibertyCell& cell = *netlist_.cells[gate.cell];
  std::vector<std::string> names;
  std::vector<std::uint32_t> slots;
  inputs_of(cell, gate, names, slots);
  names.push_back(cell.state.front());
  slots.push_back(flip_flop.state);
  add_function(cell.next_state, names, slots, flip_flop.next, false);
}

void GateSimulator::set_input(Net net, const LaneBlock& value) {
  for (std::size_t w = 0; w < kGateWords; ++w) {
    if (counting_) counts_[net][w] += static_cast<std::uint64_t>(std::popcount(slots_[net][w] ^ value[w]));
    slots_[net][w] = value[w];
  }
}

void GateSimulator::set_state(std::uint32_t instance, const LaneBlock& value) {
  const auto found = std::ranges::find(registers_, instance, &Register::instance);
  if (found == registers_.end()) throw std::invalid_argument("netlist: instance is no flip-flop");
  slots_[found->state] = value;
}

void GateSimulator::settle() { run_gate_steps(steps_, slots_.data(), counting_ ? counts_.data() : nullptr); }

void GateSimulator::clock() {
  for (const Register& flip_flop : registers_) slots_[flip_flop.state] = slots_[flip_flop.next];
}

void GateSimulator::sample_states() {
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    for (std::size_t pattern = 0; pattern < histograms_[i].size(); ++pattern)
      histograms_[i][pattern] += count_and(slots_, variables_[i], static_cast<unsigned>(pattern));
  }
  samples_ += kGateLanes;
}

}  // namespace subbyte::sim
