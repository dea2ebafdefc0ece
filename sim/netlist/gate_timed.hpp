// Simulates a mapped netlist with time. Every gate output has a rise and a fall delay and is inertial, like Verilog's
// continuous assignment `assign #(rise, fall)` (IEEE 1364-2005, 6.1.3): a value that the inputs take back before its
// delay has passed never appears. Waveforms are propagated gate by gate in topological order, so no event queue is
// needed. Verilog leaves open in which order things of one moment happen, and simulators differ. Here the values that
// are due appear first, and then every gate sees its inputs together. Delays are in fs so that they hardly ever meet.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/netlist/static_timing.hpp"

namespace subbyte::sim {

using Femtoseconds = std::uint32_t;

struct GateDelays {
  /// By the edge of the net, the delay from its gate's inputs, or from the clock; it is 0 for input ports.
  std::vector<PerEdge<Femtoseconds>> nets;
};

/// Returns for each gate output and edge the largest delay of its arcs at the load and the inputs' slews of `timing`,
/// which is at least 1 fs; for a flip-flop it is the largest delay from its clock. Throws std::invalid_argument for a
/// cell or output without tables, and for a delay above 4 us.
GateDelays gate_delays(const GateNetlist& netlist, const LibraryTables& tables, const StaticTiming& timing,
                       double clock_slew_ns = 0);

/// The values of all nets, one bit each. Net n is bit n % 64 of word n / 64.
using NetValues = std::vector<std::uint64_t>;
inline bool value_of(const NetValues& values, Net net) { return (values[net / 64] >> net % 64 & 1) != 0; }

/// What TimedSimulator runs on. Several simulators may share it.
class TimedNetlist {
 public:
  /// Sources are input ports, outputs of flip-flops and nets that nothing drives. Throws std::invalid_argument as
  /// combinational_order() does, for a function that cannot be read or has more than 12 inputs, and where a path may
  /// take longer than 4 us.
  TimedNetlist(const GateNetlist& netlist, const GateDelays& delays);

  Femtoseconds longest() const { return longest_; }  ///< no net moves later than this after an edge
  std::size_t nets() const { return nets_.size(); }

 private:
  friend class TimedSimulator;
  struct Gate {
    std::uint32_t first_input = 0;
    std::uint32_t inputs = 0;
    PerEdge<Femtoseconds> delay{};
    std::uint64_t table = 0;  ///< truth table; above six inputs the first word of it in wide_
  };
  void add_gate(const GateNetlist& netlist, const GateInstance& gate, std::size_t pin,
                const PerEdge<Femtoseconds>& delay);
  void find_longest(const GateDelays& delays);
  bool value(const Gate& gate, std::uint32_t pattern) const {
    return gate.inputs <= 6 ? (gate.table >> pattern & 1) != 0
                            : (wide_[gate.table + pattern / 64] >> pattern % 64 & 1) != 0;
  }

  // Slots are sources first, and then gate outputs in topological order.
  std::size_t sources_ = 0;
  std::vector<Net> nets_;                             ///< by slot
  std::vector<std::uint32_t> slots_;                  ///< by net
  std::vector<PerEdge<Femtoseconds>> source_delays_;  ///< by slot
  std::vector<Gate> gates_;
  std::vector<std::uint32_t> inputs_;  ///< slots
  std::vector<std::uint64_t> wide_;
  Femtoseconds longest_ = 0;
};

/// Runs one stimulus, cycle by cycle. Every cycle begins settled, and it is as long as everything needs to settle.
class TimedSimulator {
 public:
  explicit TimedSimulator(const TimedNetlist& netlist);

  /// Starts from these settled values; the counts stay.
  void load(const NetValues& settled);
  /// Makes one clock edge at time 0, with which input ports change; sources take their values of `settled`. Throws
  /// std::runtime_error that names a net that settles at another value than `settled` has.
  void cycle(const NetValues& settled);

  std::uint64_t transitions(Net net) const { return timed_[netlist_.slots_[net]]; }
  /// The transitions that a simulator without delays sees, of which there is at most one per cycle.
  std::uint64_t settled_transitions(Net net) const { return settled_[netlist_.slots_[net]]; }
  std::uint64_t evaluations() const { return evaluations_; }  ///< changes of inputs that gates saw

 private:
  void start_sources(const NetValues& settled);
  struct MovingInputs;
  MovingInputs moving_inputs(const TimedNetlist::Gate& gate) const;
  void run_gate(std::size_t gate);
  void append(Femtoseconds time);
  void emit(std::size_t slot, std::size_t first);
  void check(const NetValues& settled) const;

  const TimedNetlist& netlist_;
  /// The times of this cycle's transitions, in lists that end in kNever. An empty list is at 0.
  std::vector<Femtoseconds> times_;
  std::size_t used_ = 1;
  std::vector<std::uint32_t> lists_;            ///< by slot: where its list begins
  std::vector<std::uint32_t> patterns_;         ///< by gate: the values of its inputs
  std::vector<std::uint8_t> values_;            ///< by slot
  std::vector<std::uint64_t> timed_, settled_;  ///< by slot
  std::uint64_t evaluations_ = 0;
};

}  // namespace subbyte::sim
