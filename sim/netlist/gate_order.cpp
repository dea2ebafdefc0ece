// Finds the order in which the gates of a netlist can be evaluated.
#include <deque>
#include <stdexcept>

#include "sim/netlist/gate_netlist.hpp"

namespace subbyte::sim {
namespace {

/// Which combinational gates wait for which nets.
class Readiness {
 public:
  explicit Readiness(const GateNetlist& netlist)
      : netlist_(netlist), readers_(netlist.nets), waits_(netlist.instances.size(), 0) {
    std::vector<bool> from_gate(netlist.nets, false);
    for (const GateInstance& gate : netlist.instances) {
      if (!combinational(gate)) continue;
      ++total_;
      each_pin(gate, true, [&](Net net) { from_gate[net] = true; });
    }
    for (std::uint32_t i = 0; i < netlist.instances.size(); ++i) {
      if (!combinational(netlist.instances[i])) continue;
      each_pin(netlist.instances[i], false, [&](Net net) {
        if (!from_gate[net]) return;
        readers_[net].push_back(i);
        ++waits_[i];
      });
      if (waits_[i] == 0) ready_.push_back(i);
    }
  }

  std::vector<std::uint32_t> order() {
    std::vector<std::uint32_t> order;
    while (!ready_.empty()) {
      const std::uint32_t i = ready_.front();
      ready_.pop_front();
      order.push_back(i);
      each_pin(netlist_.instances[i], true, [&](Net net) {
        for (const std::uint32_t reader : readers_[net])
          if (--waits_[reader] == 0) ready_.push_back(reader);
      });
    }
    if (order.size() != total_) refuse_cycle();
    return order;
  }

 private:
  bool combinational(const GateInstance& gate) const { return !netlist_.cells[gate.cell]->sequential(); }

  template <typename Visit>
  void each_pin(const GateInstance& gate, bool output, const Visit& visit) const {
    const auto& pins = netlist_.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p) {
      if (gate.pins[p] != kNoNet && (output ? pins[p].output : pins[p].input)) visit(gate.pins[p]);
    }
  }

  void refuse_cycle() const {
    for (std::uint32_t i = 0; i < waits_.size(); ++i) {
      if (waits_[i] > 0)
        throw std::invalid_argument("netlist: " + netlist_.instances[i].name + " is part of a combinational cycle");
    }
  }

  const GateNetlist& netlist_;
  std::vector<std::vector<std::uint32_t>> readers_;  ///< by net
  std::vector<std::uint32_t> waits_;                 ///< by instance: its input pins whose drivers come later
  std::deque<std::uint32_t> ready_;
  std::size_t total_ = 0;
};

}  // namespace

std::vector<std::uint32_t> combinational_order(const GateNetlist& netlist) { return Readiness(netlist).order(); }

}  // namespace subbyte::sim
