// A simulator of a mapped netlist with delays that runs one stimulus at a time, and merges lists of times gate by gate.
// It is what the program timed with before it took 64 stimuli at once, without cells of more than six inputs. The timed
// simulator's speed and counts are set against it.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "sim/netlist/gate_conditions.hpp"
#include "sim/netlist/gate_timed.hpp"

namespace subbyte::tests {

class LaneTimed {
 public:
  LaneTimed(const sim::GateNetlist& netlist, const sim::GateDelays& delays)
      : delays_(delays), times_(1024), lists_(netlist.nets, 0), values_(netlist.nets, 0), timed_(netlist.nets, 0) {
    std::vector<bool> driven(netlist.nets, false);
    for (const std::uint32_t i : sim::combinational_order(netlist)) add_outputs(netlist, netlist.instances[i]);
    for (const Gate& gate : gates_) driven[gate.output] = true;
    for (sim::Net net = 0; net < netlist.nets; ++net)
      if (!driven[net]) sources_.push_back(net);
  }

  std::uint64_t transitions(sim::Net net) const { return timed_[net]; }
  void load(const sim::NetValues& settled, unsigned lane) {
    for (sim::Net net = 0; net < values_.size(); ++net) values_[net] = settled[net] >> lane & 1;
    for (Gate& gate : gates_) {
      gate.pattern = 0;
      for (std::uint32_t i = 0; i < gate.inputs; ++i)
        gate.pattern |= std::uint32_t{values_[inputs_[gate.first_input + i]]} << i;
    }
  }
  void cycle(const sim::NetValues& settled, unsigned lane) {
    used_ = 1;
    for (const sim::Net net : sources_) {
      lists_[net] = 0;
      const std::uint8_t next = settled[net] >> lane & 1;
      if (next == values_[net]) continue;
      const std::size_t first = used_;
      append(delays_.nets[net][next != 0 ? 0 : 1]);
      emit(net, first);
    }
    for (Gate& gate : gates_) run(gate);
  }

 private:
  struct Gate {
    sim::Net output = 0;
    std::uint32_t first_input = 0, inputs = 0, pattern = 0;
    std::uint64_t table = 0;
  };

  void add_outputs(const sim::GateNetlist& netlist, const sim::GateInstance& gate) {
    const sim::LibertyCell& cell = *netlist.cells[gate.cell];
    std::vector<std::string> names;
    Gate added;
    added.first_input = static_cast<std::uint32_t>(inputs_.size());
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].input) continue;
      names.push_back(cell.pins[p].name);
      inputs_.push_back(gate.pins[p] == sim::kNoNet ? sim::kNetLow : gate.pins[p]);
    }
    added.inputs = static_cast<std::uint32_t>(names.size());
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].output || gate.pins[p] == sim::kNoNet) continue;
      added.output = gate.pins[p];
      added.table = sim::truth_table(cell.pins[p].function, names);
      gates_.push_back(added);
    }
  }

  void append(sim::Femtoseconds time) {
    if (used_ + 3 > times_.size()) times_.resize(2 * times_.size());
    times_[used_++] = time;
  }
  void emit(sim::Net net, std::size_t first) {
    const std::size_t count = used_ - first;
    times_[used_++] = sim::kNever;
    lists_[net] = static_cast<std::uint32_t>(first);
    timed_[net] += count;
    values_[net] ^= static_cast<std::uint8_t>(count & 1);
  }

  /// The inputs of a gate that change in this cycle.
  struct Moving {
    std::uint32_t at[6], bits[6], count = 0;
  };
  Moving moving_inputs(const Gate& gate) const {
    Moving moving;
    for (std::uint32_t i = 0; i < gate.inputs; ++i) {
      const std::uint32_t list = lists_[inputs_[gate.first_input + i]];
      if (list == 0) continue;
      moving.at[moving.count] = list;
      moving.bits[moving.count++] = 1U << i;
    }
    return moving;
  }

  void run(Gate& gate) {
    lists_[gate.output] = 0;
    Moving moving = moving_inputs(gate);
    if (moving.count == 0) return;
    bool now = (gate.table >> gate.pattern & 1) != 0;
    sim::Femtoseconds pending = sim::kNever;
    const std::size_t first = used_;
    for (;;) {
      sim::Femtoseconds time = sim::kNever;
      for (std::uint32_t k = 0; k < moving.count; ++k) time = std::min(time, times_[moving.at[k]]);
      if (time == sim::kNever) break;
      for (std::uint32_t k = 0; k < moving.count; ++k) {
        if (times_[moving.at[k]] != time) continue;
        gate.pattern ^= moving.bits[k];
        ++moving.at[k];
      }
      if (pending <= time) {  // it appears before the inputs of the same moment are seen
        append(pending);
        now = !now;
        pending = sim::kNever;
      }
      const bool value = (gate.table >> gate.pattern & 1) != 0;
      if (value == now)
        pending = sim::kNever;
      else if (pending == sim::kNever)
        pending = time + delays_.nets[gate.output][value ? 0 : 1];
    }
    if (pending != sim::kNever) append(pending);
    if (used_ != first) emit(gate.output, first);
  }

  const sim::GateDelays& delays_;
  std::vector<Gate> gates_;
  std::vector<sim::Net> inputs_, sources_;
  /// The times of this cycle's transitions, in lists that end in kNever. An empty list is at 0.
  std::vector<sim::Femtoseconds> times_;
  std::size_t used_ = 1;
  std::vector<std::uint32_t> lists_;  ///< by net: where its list begins
  std::vector<std::uint8_t> values_;
  std::vector<std::uint64_t> timed_;
};

}  // namespace subbyte::tests
