// Simulates a mapped netlist bit-parallel: 512 independent stimuli run side by side, one per bit, without delays, and
// the transitions of every net are counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/cells/liberty_function.hpp"
#include "sim/netlist/gate_netlist.hpp"

namespace subbyte::sim {

inline constexpr std::size_t kGateWords = 8;
inline constexpr std::size_t kGateLanes = 64 * kGateWords;
/// A net's value in every lane. Lane l is bit l % 64 of word l / 64.
using LaneBlock = std::array<std::uint64_t, kGateWords>;

/// One step on blocks. Slots are nets first, and then temporaries.
struct GateStep {
  LogicStep::Kind kind = LogicStep::Kind::kLow;
  bool counted = false;  ///< the target is a net, and its changes are counted
  std::uint32_t target = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

/// Registers are rising-edge flip-flops of one clock, which is not simulated: clock() is its edge.
class GateSimulator {
 public:
  /// Throws std::invalid_argument for a latch, a flip-flop with asynchronous clear or preset that is in use, a function
  /// that cannot be read, and a combinational cycle.
  explicit GateSimulator(const GateNetlist& netlist);

  /// Drives an input net from now on.
  void set_input(Net net, const LaneBlock& value);
  /// Lets the combinational logic follow inputs and registers.
  void settle();
  /// Makes the edge of the clock, at which registers take their next state. Call settle() after it.
  void clock();
  const LaneBlock& value(Net net) const { return slots_[net]; }
  /// Sets the state of the flip-flop at `instance`.
  void set_state(std::uint32_t instance, const LaneBlock& value);

  /// Counting starts off. Every change of a net between two calls of settle() is one transition, so glitches are not
  /// simulated.
  void count(bool on) { counting_ = on; }
  /// Returns the transitions per net, by word of lanes.
  std::span<const LaneBlock> transitions() const { return counts_; }
  /// Adds the present state of every instance to its histogram. The index is the values of its inputs in the order of
  /// LibertyCell::pins, pin 0 lowest, and above them the state of a flip-flop. Cells of more than six such variables
  /// have no histogram.
  void sample_states();
  std::span<const std::uint64_t> states(std::uint32_t instance) const { return histograms_[instance]; }
  std::uint64_t samples() const { return samples_; }  ///< lanes times calls
  std::size_t steps() const { return steps_.size(); }

 private:
  struct Register {
    std::uint32_t instance, state, next;
  };
  void add_function(const std::string& function, const std::vector<std::string>& names,
                    const std::vector<std::uint32_t>& slots, std::uint32_t target, bool counted);
  void add_register(std::uint32_t instance);
  void add_outputs(std::uint32_t instance, std::uint32_t state);
  void add_next(const Register& flip_flop);
  std::uint32_t temporary();

  const GateNetlist& netlist_;
  std::vector<GateStep> steps_;
  std::vector<Register> registers_;
  std::vector<LaneBlock> slots_;
  std::vector<LaneBlock> counts_;
  std::vector<std::vector<std::uint64_t>> histograms_;
  std::vector<std::vector<std::uint32_t>> variables_;  ///< slots of an instance's histogram
  std::uint64_t samples_ = 0;
  bool counting_ = false;
};

/// Runs the steps on `slots`, and with `counts` adds the changes of counted targets. It is compiled for several
/// instruction sets, and the best of the machine's runs.
void run_gate_steps(std::span<const GateStep> steps, LaneBlock* slots, LaneBlock* counts);

}  // namespace subbyte::sim
