// A plain interpreter of a mapped netlist, with 64 lanes in one word. The netlist simulator's speed and counts are set
// against it.
#pragma once

#include <bit>
#include <string>
#include <vector>

#include "sim/netlist/gate_netlist.hpp"

namespace subbyte::tests {

class NaiveGates {
 public:
  explicit NaiveGates(const sim::GateNetlist& netlist) : values_(netlist.nets, 0), transitions_(netlist.nets, 0) {
    values_[sim::kNetHigh] = ~std::uint64_t{0};
    for (const sim::GateInstance& gate : netlist.instances) {
      if (netlist.cells[gate.cell]->sequential()) add_register(netlist, gate);
    }
    for (const std::uint32_t i : sim::combinational_order(netlist)) add_outputs(netlist, netlist.instances[i], 0);
    settle();
    transitions_.assign(netlist.nets, 0);
  }

  std::uint64_t value(sim::Net net) const { return values_[net]; }
  std::uint64_t transitions(sim::Net net) const { return transitions_[net]; }
  void set_input(sim::Net net, std::uint64_t value) { set(net, value); }
  void settle() {
    for (const Gate& gate : gates_) set(gate.target, result(gate));
    for (Register& flip_flop : registers_) flip_flop.next = result(flip_flop.function);
  }
  void clock() {
    for (const Register& flip_flop : registers_) values_[flip_flop.state] = flip_flop.next;
  }

 private:
  struct Gate {
    sim::Net target = 0;
    std::vector<sim::Net> inputs;
    std::vector<sim::LogicStep> steps;
  };
  struct Register {
    sim::Net state = 0;
    std::uint64_t next = 0;
    Gate function;
  };

  void set(sim::Net net, std::uint64_t value) {
    transitions_[net] += static_cast<std::uint64_t>(std::popcount(values_[net] ^ value));
    values_[net] = value;
  }

  static std::uint64_t step_result(sim::LogicStep::Kind kind, std::uint64_t a, std::uint64_t b) {
    using Kind = sim::LogicStep::Kind;
    switch (kind) {
      case Kind::kLow:
        return 0;
      case Kind::kHigh:
        return ~std::uint64_t{0};
      case Kind::kCopy:
        return a;
      case Kind::kNot:
        return ~a;
      case Kind::kAnd:
        return a & b;
      case Kind::kNand:
        return ~(a & b);
      case Kind::kOr:
        return a | b;
      case Kind::kNor:
        return ~(a | b);
      case Kind::kXor:
        return a ^ b;
      case Kind::kXnor:
        return ~(a ^ b);
    }
    return 0;
  }

  std::uint64_t result(const Gate& gate) {
    work_.clear();
    for (const sim::Net input : gate.inputs) work_.push_back(values_[input]);
    for (const sim::LogicStep& step : gate.steps) {
      const std::uint64_t a = work_.empty() ? 0 : work_[step.a], b = work_.empty() ? 0 : work_[step.b];
      work_.push_back(step_result(step.kind, a, b));
    }
    return work_.back();
  }

  static Gate gate_of(const sim::LibertyCell& cell, const sim::GateInstance& instance, const std::string& function,
                      sim::Net state) {
    Gate gate;
    std::vector<std::string> names;
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].input) continue;
      names.push_back(cell.pins[p].name);
      gate.inputs.push_back(instance.pins[p] == sim::kNoNet ? sim::kNetLow : instance.pins[p]);
    }
    if (state != 0) {
      names.push_back(cell.state.at(0));
      gate.inputs.push_back(state);
    }
    gate.steps = sim::logic_steps(function, names);
    return gate;
  }
  void add_outputs(const sim::GateNetlist& netlist, const sim::GateInstance& instance, sim::Net state) {
    const sim::LibertyCell& cell = *netlist.cells[instance.cell];
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].output || instance.pins[p] == sim::kNoNet) continue;
      const bool inverted = cell.state.size() > 1 && cell.pins[p].function == cell.state[1];
      gates_.push_back(gate_of(cell, instance, inverted ? "!" + cell.state[0] : cell.pins[p].function, state));
      gates_.back().target = instance.pins[p];
    }
  }
  void add_register(const sim::GateNetlist& netlist, const sim::GateInstance& instance) {
    const auto state = static_cast<sim::Net>(values_.size());
    values_.push_back(0);
    const sim::LibertyCell& cell = *netlist.cells[instance.cell];
    registers_.push_back({state, 0, gate_of(cell, instance, cell.next_state, state)});
    add_outputs(netlist, instance, state);
  }

  std::vector<std::uint64_t> values_, transitions_, work_;
  std::vector<Gate> gates_;  ///< flip-flops' outputs first, then in order
  std::vector<Register> registers_;
};

}  // namespace subbyte::tests
