// Runs the bench loop of testbenches/harness/stream_bench.hpp around the bit-parallel netlist simulator.
#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "kernels/contract/flow.hpp"
#include "sim/engines/netlist_engine.hpp"
#include "sim/netlist/gate_simulator.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kResetCycles = 1;  // as testbenches/harness/bench_abi.hpp has it

LaneBlock all_lanes(bool value) {
  LaneBlock block;
  block.fill(value ? ~std::uint64_t{0} : 0);
  return block;
}

class GateBench {
 public:
  GateBench(const GateNetlist& netlist, const kernels::UnitInfo& unit, const kernels::Stimulus& stimulus)
      : netlist_(netlist), unit_(unit), stimulus_(stimulus), simulator_(netlist), in_(stimulus.input.words) {
    std::mt19937_64 random(1);
    for (std::uint32_t i = 0; i < netlist.instances.size(); ++i) {
      if (!netlist.cells[netlist.instances[i].cell]->flip_flop) continue;
      LaneBlock state;
      for (std::uint64_t& word : state) word = random();
      simulator_.set_state(i, state);
    }
  }

  void drive(kernels::Trace& trace) {
    out_.resize((port("out_data_o").bits.size() + 63) / 64);
    reset();
    for (std::uint64_t cycle = 0, quiet = 0;; ++cycle) {
      cycle_ = cycle;
      present();
      simulator_.settle();
      quiet = sample(trace) ? 0 : quiet + 1;
      simulator_.clock();
      const bool taken = accepted_ == stimulus_.input.count && trace.size() >= stimulus_.least_outputs;
      if (taken && quiet >= kernels::kQuietCycles && cycle + 1 >= stimulus_.config.size()) return;
      if (!taken && quiet >= stimulus_.deadlock_cycles)
        throw kernels::RunFailure(fmt::format("netlist of {}: deadlock: no handshake for {} cycles up to cycle {}",
                                              unit_.name, stimulus_.deadlock_cycles, cycle));
    }
  }

 private:
  const GatePort& port(const std::string& name) const {
    const GatePort* found = netlist_.port(name);
    if (found == nullptr) throw std::invalid_argument(fmt::format("netlist of {}: no port {}", unit_.name, name));
    return *found;
  }
  void set(const std::string& name, std::uint64_t value) {
    const auto& bits = port(name).bits;
    for (std::size_t b = 0; b < bits.size(); ++b) simulator_.set_input(bits[b], all_lanes((value >> b & 1) != 0));
  }
  void set_data() {
    const auto& bits = port("in_data_i").bits;
    for (std::size_t b = 0; b < bits.size(); ++b)
      simulator_.set_input(bits[b], all_lanes((in_[b / 64] >> b % 64 & 1) != 0));
  }
  /// Returns what all lanes agree on.
  bool get(const std::string& name, std::size_t bit = 0) const {
    const LaneBlock& value = simulator_.value(port(name).bits[bit]);
    if (value != all_lanes(value[0] & 1))
      throw kernels::RunFailure(fmt::format("netlist of {}: at cycle {} {}[{}] depends on the state before reset",
                                            unit_.name, cycle_, name, bit));
    return (value[0] & 1) != 0;
  }

  void reset() {
    set("rst_ni", 0);
    set("in_valid_i", 0);
    set("out_ready_i", 0);
    if (unit_.has_config) set("cfg_valid_i", 0);
    for (unsigned i = 0; i < kResetCycles; ++i) {
      simulator_.settle();
      simulator_.clock();
    }
    set("rst_ni", 1);
  }

  void present() {
    const bool write = cycle_ < stimulus_.config.size();
    if (unit_.has_config) set("cfg_valid_i", write ? 1 : 0);
    if (write) {
      set("cfg_addr_i", stimulus_.config[cycle_].address);
      set("cfg_data_i", stimulus_.config[cycle_].data);
    }
    if (!pending_) {
      if (!write && accepted_ < stimulus_.input.count && flow_->offers(cycle_)) {
        stimulus_.input.fill(accepted_, in_);
        pending_ = true;
      } else {
        for (std::uint64_t& word : in_) word = ~word;  // data beside valid = 0 must not matter
      }
      set_data();
    }
    set("in_valid_i", pending_ ? 1 : 0);
    ready_ = flow_->takes(cycle_);
    set("out_ready_i", ready_ ? 1 : 0);
  }

  bool sample(kernels::Trace& trace) {
    const bool out = get("out_valid_o") && ready_;
    const bool in = pending_ && get("in_ready_o");
    if (out) {
      std::fill(out_.begin(), out_.end(), 0);
      for (std::size_t b = 0; b < port("out_data_o").bits.size(); ++b)
        out_[b / 64] |= std::uint64_t{get("out_data_o", b)} << b % 64;
      trace.append(out_, cycle_);
      flow_->taken(out_, cycle_);
    }
    if (in) {
      ++accepted_;
      pending_ = false;
    }
    return in || out;
  }

  const GateNetlist& netlist_;
  const kernels::UnitInfo& unit_;
  const kernels::Stimulus& stimulus_;
  std::unique_ptr<kernels::Flow> flow_ = kernels::flow_of(stimulus_);
  GateSimulator simulator_;
  std::vector<std::uint64_t> in_, out_;
  std::uint64_t cycle_ = 0;
  std::size_t accepted_ = 0;
  bool pending_ = false, ready_ = false;
};

}  // namespace

kernels::Trace run_netlist_gates(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                 const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                 const std::string& verilog, const CellLibrary& library) {
  const GateNetlist netlist = flatten_netlist(verilog, unit.name, library);
  kernels::Trace trace(unit.output_shape(parameters), true, window);
  GateBench(netlist, unit, stimulus).drive(trace);
  return trace;
}

}  // namespace subbyte::sim
