#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/netlist/gate_timed.hpp"

namespace subbyte::sim {
namespace {

constexpr Edge kEdges[] = {Edge::kRise, Edge::kFall};

std::size_t index(Edge edge) { return static_cast<std::size_t>(edge); }

Femtoseconds femtoseconds(double ns, const std::string& cell) {
  constexpr double kPerNs = 1e6, kMost = 4e9;
  if (!(ns * kPerNs < kMost))
    throw std::invalid_argument(fmt::format("cell {}: a delay of {:g} ns, expected less than 4000", cell, ns));
  return static_cast<Femtoseconds>(std::max(1.0, std::round(ns * kPerNs)));
}

class Delays {
 public:
  Delays(const GateNetlist& netlist, const LibraryTables& tables, const StaticTiming& timing, double clock_slew_ns)
      : netlist_(netlist), timing_(timing), clock_slew_ns_(clock_slew_ns) {
    for (const LibertyCell* cell : netlist.cells) {
      tables_.push_back(tables.find(cell->name));
      if (tables_.back() == nullptr)
        throw std::invalid_argument("cell " + cell->name + " has no tables in the library");
    }
  }

  GateDelays all() const {
    GateDelays delays;
    delays.nets.assign(netlist_.nets, {0, 0});
    for (const GateInstance& gate : netlist_.instances) {
      const LibertyCell& cell = *netlist_.cells[gate.cell];
      for (std::size_t p = 0; p < cell.pins.size(); ++p) {
        if (cell.pins[p].output && gate.pins[p] != kNoNet) delays.nets[gate.pins[p]] = of_output(gate, cell, p);
      }
    }
    return delays;
  }

 private:
  PerEdge<Femtoseconds> of_output(const GateInstance& gate, const LibertyCell& cell, std::size_t p) const {
    const PinTables* pin = tables_[gate.cell]->pin(cell.pins[p].name);
    if (pin == nullptr) throw std::invalid_argument("cell " + cell.name + " has no tables of pin " + cell.pins[p].name);
    const auto kind = cell.sequential() ? TimingArc::Kind::kClockToOutput : TimingArc::Kind::kCombinational;
    PerEdge<double> ns{};
    for (const TimingArc& arc : pin->timing) {
      if (arc.kind != kind) continue;
      for (const Edge edge : kEdges)
        ns[index(edge)] = std::max(ns[index(edge)], of_arc(gate, cell, arc, gate.pins[p], edge));
    }
    return {femtoseconds(ns[0], cell.name), femtoseconds(ns[1], cell.name)};
  }

  double of_arc(const GateInstance& gate, const LibertyCell& cell, const TimingArc& arc, Net to, Edge edge) const {
    const double load = timing_.load_ff[to][index(edge)];
    const LookupTable& table = arc.delay[index(edge)];
    if (arc.kind == TimingArc::Kind::kClockToOutput) return table.at(clock_slew_ns_, load);
    const Net from = gate.pins[pin_index(cell, arc.related_pin)];
    if (from == kNoNet) return 0;
    double worst = 0;
    for (const Edge cause : kEdges) {
      if (cause == edge ? arc.positive : arc.negative)
        worst = std::max(worst, table.at(timing_.nets[from][index(cause)].slew_ns, load));
    }
    return worst;
  }

  const GateNetlist& netlist_;
  const StaticTiming& timing_;
  double clock_slew_ns_;
  std::vector<const CellTables*> tables_;  ///< by GateInstance::cell
};

}  // namespace

GateDelays gate_delays(const GateNetlist& netlist, const LibraryTables& tables, const StaticTiming& timing,
                       double clock_slew_ns) {
  return Delays(netlist, tables, timing, clock_slew_ns).all();
}

}  // namespace subbyte::sim
