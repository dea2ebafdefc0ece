// Simulates a mapped netlist with time. Every gate output has a rise and a fall delay and is inertial, like Verilog's
// continuous assignment `assign #(rise, fall)` (IEEE 1364-2005, 6.1.3): a value that the inputs take back before its
// delay has passed never appears. Waveforms are propagated gate by gate in topological order, so no event queue is
// needed, and they are those of 64 stimuli at once: an event is a time and the lanes that change then, and a gate is
// evaluated once for all of them. Verilog leaves open in which order things of one moment happen, and simulators
// differ. Here the values that are due appear first, and then every gate sees its inputs together. Delays are in fs so
// that they hardly ever meet.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/netlist/static_timing.hpp"
#include "sim/netlist/waveforms.hpp"

namespace subbyte::sim {

struct GateDelays {
  /// By the edge of the net, the delay from its gate's inputs, or from the clock; it is 0 for input ports.
  std::vector<PerEdge<Femtoseconds>> nets;
};

/// Returns for each gate output and edge the largest delay of its arcs at the load and the inputs' slews of `timing`,
/// which is at least 1 fs; for a flip-flop it is the largest delay from its clock. Throws std::invalid_argument for a
/// cell or output without tables, and for a delay above 4 us.
GateDelays gate_delays(const GateNetlist& netlist, const LibraryTables& tables, const StaticTiming& timing,
                       double clock_slew_ns = 0);

/// The values of all nets in 64 lanes, a word per net.
using NetValues = std::vector<std::uint64_t>;

/// What TimedSimulator runs on. Several simulators may share it.
class TimedNetlist {
 public:
  static constexpr std::size_t kMostInputs = 12;
  static constexpr std::size_t kMostInWord = 6;  ///< inputs whose truth table fits into a word

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
    std::uint32_t function = 0;  ///< where its coefficients begin; above six inputs, its truth table
    PerEdge<Femtoseconds> delay{};
  };
  /// An input of a gate: where it comes from, and whether the gate is the last that reads it.
  struct Input {
    std::uint32_t slot : 31;
    bool last : 1;
  };
  void add_gate(const GateNetlist& netlist, const GateInstance& gate, std::size_t pin,
                const PerEdge<Femtoseconds>& delay);
  std::uint32_t function_of(const std::string& text, const std::vector<std::string>& names);
  void find_longest(const GateDelays& delays);
  void find_last_readers();

  // Slots are sources first, and then gate outputs in topological order, where a gate follows what it reads closely.
  std::size_t sources_ = 0;
  std::vector<Net> nets_;                             ///< by slot
  std::vector<std::uint32_t> slots_;                  ///< by net
  std::vector<bool> read_;                            ///< by slot: whether a gate reads it
  std::vector<PerEdge<Femtoseconds>> source_delays_;  ///< by slot
  std::vector<Gate> gates_;
  std::vector<Input> inputs_;
  /// Functions of up to six inputs as exclusive sums of products (Reed-Muller): coefficient c belongs to the product of
  /// the inputs that are bits of c, and is all ones or zero. Others as truth tables, 64 entries in a word.
  std::vector<std::uint64_t> functions_;
  std::map<std::pair<std::string, std::vector<std::string>>, std::uint32_t> known_functions_;
  Femtoseconds longest_ = 0;
};

/// Runs 64 stimuli, or those of them that `lanes` has, cycle by cycle. Every cycle begins settled, and it is as long as
/// everything needs to settle.
class TimedSimulator {
 public:
  /// `prices` are what a transition of each net costs, for LaneEnergies.
  explicit TimedSimulator(const TimedNetlist& netlist, std::uint64_t lanes = ~std::uint64_t{0},
                          std::span<const double> prices = {});

  /// Starts from these settled values; the counts stay.
  void load(const NetValues& settled);
  /// Makes one clock edge at time 0, with which input ports change; sources take their values of `settled`. Throws
  /// std::runtime_error that names a net that settles at another value than `settled` has.
  void cycle(const NetValues& settled);

  /// Returns the transitions of all lanes together.
  std::uint64_t transitions(Net net) const { return timed_[netlist_.slots_[net]]; }
  /// The transitions that a simulator without delays sees, of which there is at most one per cycle and lane.
  std::uint64_t settled_transitions(Net net) const { return settled_[netlist_.slots_[net]]; }
  /// The prices of each lane's transitions, with delays and without.
  struct LaneEnergies {
    std::array<double, 64> timed{}, settled{};
  };
  const LaneEnergies& energies() const { return energies_; }
  std::uint64_t evaluations() const { return evaluations_; }  ///< events that gates saw at their inputs
  std::uint64_t events() const { return events_; }            ///< of waveforms, each of all lanes that change together

 private:
  template <unsigned kInputs>
  struct MovingInputs;
  void start_sources(const NetValues& settled);
  template <unsigned kInputs>
  void run_gate(std::size_t gate);
  void run_gate_of(std::size_t gate);
  void keep(std::size_t slot);
  void charge(std::size_t slot);
  void check(const NetValues& settled) const;

  const TimedNetlist& netlist_;
  std::uint64_t lanes_;
  WaveformPool pool_;
  std::vector<WaveformPool::Waveform> waveforms_;  ///< by slot, of this cycle
  InertialOutput output_;                          ///< of the gate that runs
  std::vector<std::uint64_t> values_, next_;       ///< by slot: before the cycle and after it
  std::vector<std::uint64_t> timed_, settled_;     ///< by slot
  std::vector<double> prices_;                     ///< by slot
  LaneEnergies energies_;
  std::uint64_t evaluations_ = 0, events_ = 0;
};

}  // namespace subbyte::sim
