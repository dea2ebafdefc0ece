#include "sim/netlist/gate_timed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/netlist/gate_conditions.hpp"

namespace subbyte::sim {
namespace {

constexpr Femtoseconds kNever = std::numeric_limits<Femtoseconds>::max();
constexpr std::size_t kMostInputs = 12;
constexpr std::uint32_t kNoSlot = UINT32_MAX;

/// Returns the truth table over all inputs of a cell of more than six, where input 0 is the lowest bit of the index and
/// a word holds 64 entries.
std::vector<std::uint64_t> full_table(const std::string& function, const std::vector<std::string>& names) {
  constexpr std::size_t kInWord = 6;
  const std::vector<LogicStep> steps = logic_steps(function, names);
  const std::vector<std::string> low(names.begin(), names.begin() + kInWord);
  std::vector<std::uint64_t> inputs(names.size());
  for (std::size_t v = 0; v < kInWord; ++v) inputs[v] = truth_table(names[v], low);
  std::vector<std::uint64_t> table(std::size_t{1} << (names.size() - kInWord));
  for (std::size_t word = 0; word < table.size(); ++word) {
    for (std::size_t v = kInWord; v < names.size(); ++v)
      inputs[v] = (word >> (v - kInWord) & 1) != 0 ? ~std::uint64_t{0} : 0;
    table[word] = value_of(steps, inputs);
  }
  return table;
}

}  // namespace

TimedNetlist::TimedNetlist(const GateNetlist& netlist, const GateDelays& delays) : slots_(netlist.nets, kNoSlot) {
  const std::vector<std::uint32_t> order = combinational_order(netlist);
  std::vector<bool> from_gate(netlist.nets, false);
  const auto each_output = [&](std::uint32_t i, const auto& visit) {
    const GateInstance& gate = netlist.instances[i];
    const auto& pins = netlist.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p) {
      if (pins[p].output && gate.pins[p] != kNoNet) visit(gate, p);
    }
  };
  for (const std::uint32_t i : order)
    each_output(i, [&](const GateInstance& g, std::size_t p) { from_gate[g.pins[p]] = true; });
  for (Net net = 0; net < netlist.nets; ++net) {
    if (from_gate[net]) continue;
    slots_[net] = static_cast<std::uint32_t>(nets_.size());
    nets_.push_back(net);
    source_delays_.push_back(delays.nets[net]);
  }
  sources_ = nets_.size();
  for (const std::uint32_t i : order) {
    each_output(i, [&](const GateInstance& gate, std::size_t p) {
      slots_[gate.pins[p]] = static_cast<std::uint32_t>(nets_.size());
      nets_.push_back(gate.pins[p]);
      add_gate(netlist, gate, p, delays.nets[gate.pins[p]]);
    });
  }
  find_longest(delays);
}

void TimedNetlist::add_gate(const GateNetlist& netlist, const GateInstance& gate, std::size_t pin,
                            const PerEdge<Femtoseconds>& delay) {
  const LibertyCell& cell = *netlist.cells[gate.cell];
  std::vector<std::string> names;
  Gate added{static_cast<std::uint32_t>(inputs_.size()), 0, delay, 0};
  for (std::size_t p = 0; p < cell.pins.size(); ++p) {
    if (!cell.pins[p].input) continue;
    names.push_back(cell.pins[p].name);
    inputs_.push_back(slots_[gate.pins[p] == kNoNet ? kNetLow : gate.pins[p]]);
  }
  if (names.size() > kMostInputs)
    throw std::invalid_argument(
        fmt::format("cell {} has {} inputs, expected at most {}", cell.name, names.size(), kMostInputs));
  added.inputs = static_cast<std::uint32_t>(names.size());
  if (names.size() <= 6) {
    added.table = truth_table(cell.pins[pin].function, names);
  } else {
    const std::vector<std::uint64_t> table = full_table(cell.pins[pin].function, names);
    added.table = wide_.size();
    wide_.insert(wide_.end(), table.begin(), table.end());
  }
  gates_.push_back(added);
}

void TimedNetlist::find_longest(const GateDelays& delays) {
  std::vector<std::uint64_t> latest(nets_.size(), 0);
  const auto largest = [&](std::size_t slot) { return std::uint64_t{std::ranges::max(delays.nets[nets_[slot]])}; };
  std::uint64_t longest = 0;
  for (std::size_t slot = 0; slot < nets_.size(); ++slot) {
    if (slot >= sources_) {
      const Gate& gate = gates_[slot - sources_];
      for (std::uint32_t i = 0; i < gate.inputs; ++i)
        latest[slot] = std::max(latest[slot], latest[inputs_[gate.first_input + i]]);
    }
    latest[slot] += largest(slot);
    longest = std::max(longest, latest[slot]);
  }
  if (longest >= kNever) throw std::invalid_argument("netlist: a path takes longer than 4 us");
  longest_ = static_cast<Femtoseconds>(longest);
}

TimedSimulator::TimedSimulator(const TimedNetlist& netlist)
    : netlist_(netlist),
      times_(1024, kNever),
      lists_(netlist.nets(), 0),
      patterns_(netlist.gates_.size(), 0),
      values_(netlist.nets(), 0),
      timed_(netlist.nets(), 0),
      settled_(netlist.nets(), 0) {}

void TimedSimulator::load(const NetValues& settled) {
  for (std::size_t slot = 0; slot < values_.size(); ++slot)
    values_[slot] = value_of(settled, netlist_.nets_[slot]) ? 1 : 0;
  for (std::size_t g = 0; g < patterns_.size(); ++g) {
    const TimedNetlist::Gate& gate = netlist_.gates_[g];
    patterns_[g] = 0;
    for (std::uint32_t i = 0; i < gate.inputs; ++i)
      patterns_[g] |= std::uint32_t{values_[netlist_.inputs_[gate.first_input + i]]} << i;
    values_[netlist_.sources_ + g] = netlist_.value(gate, patterns_[g]) ? 1 : 0;
  }
  check(settled);
}

void TimedSimulator::cycle(const NetValues& settled) {
  used_ = 1;
  start_sources(settled);
  for (std::size_t g = 0; g < patterns_.size(); ++g) run_gate(g);
  check(settled);
}

void TimedSimulator::start_sources(const NetValues& settled) {
  if (times_.size() < 2 * netlist_.sources_ + 1) times_.resize(2 * netlist_.sources_ + 1);
  for (std::size_t slot = 0; slot < netlist_.sources_; ++slot) {
    lists_[slot] = 0;
    const std::uint8_t next = value_of(settled, netlist_.nets_[slot]) ? 1 : 0;
    if (next == values_[slot]) continue;
    const std::size_t first = used_;
    times_[used_++] = netlist_.source_delays_[slot][next != 0 ? 0 : 1];
    emit(slot, first);
  }
}

/// Closes the list of a slot, which begins at `first` and has at least one transition.
void TimedSimulator::emit(std::size_t slot, std::size_t first) {
  const std::size_t count = used_ - first;
  times_[used_++] = kNever;
  lists_[slot] = static_cast<std::uint32_t>(first);
  timed_[slot] += count;
  settled_[slot] += count & 1;
  values_[slot] ^= static_cast<std::uint8_t>(count & 1);
}

/// Appends a transition to the list that is being written, and leaves room for what ends it.
void TimedSimulator::append(Femtoseconds time) {
  if (used_ + 3 > times_.size()) times_.resize(2 * times_.size());
  times_[used_++] = time;
}

/// The inputs of a gate that change in this cycle: the transition that each comes to next, and its bit of the pattern.
struct TimedSimulator::MovingInputs {
  std::uint32_t at[kMostInputs], bits[kMostInputs], count = 0;
};

TimedSimulator::MovingInputs TimedSimulator::moving_inputs(const TimedNetlist::Gate& gate) const {
  MovingInputs moving;
  for (std::uint32_t i = 0; i < gate.inputs; ++i) {
    const std::uint32_t list = lists_[netlist_.inputs_[gate.first_input + i]];
    if (list == 0) continue;
    moving.at[moving.count] = list;
    moving.bits[moving.count++] = 1U << i;
  }
  return moving;
}

void TimedSimulator::run_gate(std::size_t g) {
  const TimedNetlist::Gate& gate = netlist_.gates_[g];
  const std::size_t slot = netlist_.sources_ + g;
  lists_[slot] = 0;
  MovingInputs moving = moving_inputs(gate);
  if (moving.count == 0) return;
  std::uint32_t pattern = patterns_[g];
  bool now = netlist_.value(gate, pattern);
  Femtoseconds pending = kNever;
  const std::size_t first = used_;
  for (;;) {
    Femtoseconds time = kNever;
    for (std::uint32_t k = 0; k < moving.count; ++k) time = std::min(time, times_[moving.at[k]]);
    if (time == kNever) break;
    for (std::uint32_t k = 0; k < moving.count; ++k) {
      if (times_[moving.at[k]] != time) continue;
      pattern ^= moving.bits[k];
      ++moving.at[k];
      ++evaluations_;
    }
    if (pending <= time) {  // it appears before the inputs of the same moment are seen
      append(pending);
      now = !now;
      pending = kNever;
    }
    const bool value = netlist_.value(gate, pattern);
    if (value == now)
      pending = kNever;
    else if (pending == kNever)
      pending = time + gate.delay[value ? 0 : 1];
  }
  patterns_[g] = pattern;
  if (pending != kNever) append(pending);
  if (used_ != first) emit(slot, first);
}

void TimedSimulator::check(const NetValues& settled) const {
  for (std::size_t slot = 0; slot < values_.size(); ++slot) {
    if ((values_[slot] != 0) == value_of(settled, netlist_.nets_[slot])) continue;
    throw std::runtime_error(fmt::format("netlist: net {} settles at {}, without delays at {}", netlist_.nets_[slot],
                                         values_[slot], 1 - values_[slot]));
  }
}

}  // namespace subbyte::sim
