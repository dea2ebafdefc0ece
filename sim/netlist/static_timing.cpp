#include "sim/netlist/static_timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace subbyte::sim {
namespace {

constexpr Edge kEdges[] = {Edge::kRise, Edge::kFall};

std::size_t index(Edge edge) { return static_cast<std::size_t>(edge); }

/// Where an edge's arrival came from.
struct Cause {
  std::uint32_t instance = UINT32_MAX;
  Net from = kNoNet;
  Edge edge = Edge::kRise;
};

const CellTables& tables_of(const LibraryTables& tables, const std::string& cell) {
  const CellTables* found = tables.find(cell);
  if (found == nullptr) throw std::invalid_argument("cell " + cell + " has no tables in the library");
  return *found;
}

class Propagation {
 public:
  Propagation(const GateNetlist& netlist, const LibraryTables& library, const TimingOptions& options)
      : netlist_(netlist),
        options_(options),
        order_(combinational_order(netlist)),
        loads_(netlist.nets),
        most_loads_(netlist.nets),
        names_(netlist.nets) {
    for (const LibertyCell* cell : netlist.cells) tables_.push_back(&tables_of(library, cell->name));
    if (!options.driving_cell.empty()) driver_ = &tables_of(library, options.driving_cell);
    check_clock(netlist, options.clock_port);
    find_loads();
  }

  const std::vector<PerEdge<double>>& loads() const { return loads_; }
  const std::vector<PerEdge<TimedEdge>>& nets() const { return nets_; }

  void run(bool from_inputs) {
    nets_.assign(netlist_.nets, {});
    causes_.assign(netlist_.nets, {});
    if (from_inputs) start_inputs();
    start_registers();
    for (const std::uint32_t i : order_) propagate(i);
  }

  std::optional<TimingEndpoint> worst(bool at_outputs, std::string* path) {
    std::optional<TimingEndpoint> best;
    const auto consider = [&](double delay, Net net, Edge edge, const std::string& to) {
      if (best && best->delay_ns >= delay) return;
      best = TimingEndpoint{delay, start_of(net, edge), to};
      if (path != nullptr) *path = path_to(net, edge, to, delay);
    };
    if (at_outputs) {
      for (const GatePort& port : netlist_.ports) {
        if (!port.input) outputs(port, consider);
      }
    }
    for (std::uint32_t i = 0; i < netlist_.instances.size(); ++i) setups(i, consider);
    return best;
  }

  std::vector<std::optional<TimingEndpoint>> ends_in_module() {
    std::vector<std::optional<TimingEndpoint>> ends(netlist_.modules.size());
    for (std::uint32_t i = 0; i < netlist_.instances.size(); ++i) {
      std::optional<TimingEndpoint>& best = ends[netlist_.instances[i].module];
      setups(i, [&](double delay, Net net, Edge edge, const std::string& to) {
        if (!best || delay > best->delay_ns) best = TimingEndpoint{delay, start_of(net, edge), to};
      });
    }
    return ends;
  }

 private:
  const TimedEdge& at(Net net, Edge edge) const { return nets_[net][index(edge)]; }

  void find_loads() {
    const auto add = [&](Net net, const PerEdge<double>& ff, const PerEdge<double>& most_ff) {
      for (const Edge e : kEdges) {
        loads_[net][index(e)] += ff[index(e)] + options_.wire_ff_per_sink;
        most_loads_[net][index(e)] += most_ff[index(e)] + options_.wire_ff_per_sink;
      }
    };
    for (const GateInstance& gate : netlist_.instances) {
      const auto& pins = netlist_.cells[gate.cell]->pins;
      for (std::size_t p = 0; p < pins.size(); ++p) {
        const PinTables* pin = tables_[gate.cell]->pin(pins[p].name);
        if (!pins[p].input || gate.pins[p] == kNoNet) continue;
        if (pin == nullptr)
          throw std::invalid_argument("cell " + netlist_.cells[gate.cell]->name + " has no tables of pin " +
                                      pins[p].name);
        add(gate.pins[p], pin->edge_capacitance_ff, pin->most_capacitance_ff);
      }
    }
    for (const GatePort& port : netlist_.ports) {
      for (std::size_t b = 0; b < port.bits.size(); ++b) {
        const PerEdge<double> load{options_.output_load_ff, options_.output_load_ff};
        if (!port.input) add(port.bits[b], load, load);
        std::string& name = names_[port.bits[b]];
        if (port.input) name = port.bits.size() == 1 ? port.name : fmt::format("{}[{}]", port.name, b);
      }
    }
  }

  void arrive(Net net, Edge edge, double arrival, double slew, const Cause& cause) {
    TimedEdge& timed = nets_[net][index(edge)];
    if (!timed.reached || arrival > timed.arrival_ns) {
      timed.arrival_ns = arrival;
      causes_[net][index(edge)] = cause;
    }
    timed.slew_ns = timed.reached ? std::max(timed.slew_ns, slew) : slew;
    timed.reached = true;
  }

  // Inputs start at the driving cell, which an ideal edge drives: they get its delay beyond the one without load, and
  // its slew.
  void start_inputs() {
    for (const GatePort& port : netlist_.ports) {
      if (!port.input || port.name == options_.clock_port) continue;
      for (const Net net : port.bits) {
        for (const Edge edge : kEdges) start_input(net, edge);
      }
    }
  }
  void start_input(Net net, Edge edge) {
    if (driver_ == nullptr) return arrive(net, edge, 0, 0, {});
    double delay = 0, slew = 0;
    for (const PinTables& pin : driver_->pins) {
      for (const TimingArc& arc : pin.timing) {
        if (arc.kind != TimingArc::Kind::kCombinational) continue;
        const LookupTable& table = arc.delay[index(edge)];
        const double load = most_loads_[net][index(edge)];
        delay = std::max(delay, table.at(0, load) - table.at(0, 0));
        slew = std::max(slew, arc.transition[index(edge)].at(0, load));
      }
    }
    arrive(net, edge, delay, slew, {});
  }

  void start_registers() {
    for (std::uint32_t i = 0; i < netlist_.instances.size(); ++i) {
      if (netlist_.cells[netlist_.instances[i].cell]->sequential()) drive(i, TimingArc::Kind::kClockToOutput);
    }
  }

  void propagate(std::uint32_t i) { drive(i, TimingArc::Kind::kCombinational); }

  /// Follows every arc of one kind into the outputs of an instance.
  void drive(std::uint32_t i, TimingArc::Kind kind) {
    const GateInstance& gate = netlist_.instances[i];
    const LibertyCell& cell = *netlist_.cells[gate.cell];
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].output || gate.pins[p] == kNoNet) continue;
      const PinTables* pin = tables_[gate.cell]->pin(cell.pins[p].name);
      if (pin == nullptr)
        throw std::invalid_argument("cell " + cell.name + " has no tables of pin " + cell.pins[p].name);
      bool any = false;
      for (const TimingArc& arc : pin->timing) {
        if (arc.kind != kind) continue;
        any = true;
        for (const Edge edge : kEdges) follow(i, arc, gate.pins[p], edge);
      }
      if (!any && has_input(cell))
        throw std::invalid_argument("cell " + cell.name + " has no timing of pin " + cell.pins[p].name);
    }
  }
  static bool has_input(const LibertyCell& cell) {
    return std::ranges::any_of(cell.pins, [](const LibertyPin& pin) { return pin.input; });
  }

  void follow(std::uint32_t i, const TimingArc& arc, Net to, Edge edge) {
    const GateInstance& gate = netlist_.instances[i];
    const double load = most_loads_[to][index(edge)];
    const LookupTable& delay = arc.delay[index(edge)];
    if (delay.absent()) return;
    if (arc.transition[index(edge)].absent()) {
      throw std::invalid_argument("cell " + netlist_.cells[gate.cell]->name + " has a delay but no transition from " +
                                  arc.related_pin + " in the library");
    }
    if (arc.kind == TimingArc::Kind::kClockToOutput) {  // the clock is ideal: it comes at 0, without transition
      return arrive(to, edge, delay.at(0, load), arc.transition[index(edge)].at(0, load), {i, kNoNet, Edge::kRise});
    }
    const Net from = gate.pins[pin_index(*netlist_.cells[gate.cell], arc.related_pin)];
    if (from == kNoNet) return;
    for (const Edge cause : kEdges) {
      if (!(cause == edge ? arc.positive : arc.negative) || !at(from, cause).reached) continue;
      const double slew = at(from, cause).slew_ns;
      arrive(to, edge, at(from, cause).arrival_ns + delay.at(slew, load), arc.transition[index(edge)].at(slew, load),
             {i, from, cause});
    }
  }

  template <typename Consider>
  void outputs(const GatePort& port, const Consider& consider) {
    for (std::size_t b = 0; b < port.bits.size(); ++b) {
      for (const Edge edge : kEdges) {
        if (!at(port.bits[b], edge).reached) continue;
        const std::string name = port.bits.size() == 1 ? port.name : fmt::format("{}[{}]", port.name, b);
        consider(at(port.bits[b], edge).arrival_ns, port.bits[b], edge, name);
      }
    }
  }

  template <typename Consider>
  void setups(std::uint32_t i, const Consider& consider) {
    const GateInstance& gate = netlist_.instances[i];
    const LibertyCell& cell = *netlist_.cells[gate.cell];
    if (!cell.sequential()) return;
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      const PinTables* pin = tables_[gate.cell]->pin(cell.pins[p].name);
      if (pin == nullptr || gate.pins[p] == kNoNet) continue;
      for (const TimingArc& arc : pin->timing) {
        if (arc.kind != TimingArc::Kind::kSetup) continue;
        for (const Edge edge : kEdges) {
          const TimedEdge& timed = at(gate.pins[p], edge);
          if (!timed.reached) continue;
          const double setup = arc.delay[index(edge)].at(timed.slew_ns, 0);
          consider(timed.arrival_ns + setup, gate.pins[p], edge, gate.name + "/" + cell.pins[p].name);
        }
      }
    }
  }

  const Cause& cause_of(Net net, Edge edge) const { return causes_[net][index(edge)]; }

  std::string start_of(Net net, Edge edge) const {
    for (;;) {
      const Cause& cause = cause_of(net, edge);
      if (cause.instance == UINT32_MAX) return names_[net];
      if (cause.from == kNoNet) return netlist_.instances[cause.instance].name;
      net = cause.from;
      edge = cause.edge;
    }
  }

  std::string path_to(Net net, Edge edge, const std::string& to, double delay) const {
    std::vector<std::string> lines{fmt::format("{:10.4f}    {}", delay, to)};
    for (;;) {
      const Cause& cause = cause_of(net, edge);
      const std::string who = cause.instance == UINT32_MAX
                                  ? names_[net]
                                  : fmt::format("{} ({})", netlist_.instances[cause.instance].name,
                                                netlist_.cells[netlist_.instances[cause.instance].cell]->name);
      lines.push_back(fmt::format("{:10.4f} {}  {}", at(net, edge).arrival_ns, edge == Edge::kRise ? '^' : 'v', who));
      if (cause.instance == UINT32_MAX || cause.from == kNoNet) break;
      net = cause.from;
      edge = cause.edge;
    }
    std::ranges::reverse(lines);
    return fmt::format("{}\n", fmt::join(lines, "\n"));
  }

  const GateNetlist& netlist_;
  const TimingOptions& options_;
  std::vector<std::uint32_t> order_;
  std::vector<const CellTables*> tables_;  ///< by GateInstance::cell
  const CellTables* driver_ = nullptr;
  std::vector<PerEdge<double>> loads_;
  std::vector<PerEdge<double>> most_loads_;  ///< the loads that delays are taken at
  std::vector<std::string> names_;           ///< names of input ports
  std::vector<PerEdge<TimedEdge>> nets_;
  std::vector<PerEdge<Cause>> causes_;
};

}  // namespace

StaticTiming static_timing(const GateNetlist& netlist, const LibraryTables& tables, const TimingOptions& options) {
  Propagation propagation(netlist, tables, options);
  StaticTiming timing;
  propagation.run(false);
  timing.registers = propagation.worst(false, nullptr);
  propagation.run(true);
  std::string path;
  timing.worst = propagation.worst(true, &path);
  if (timing.worst) timing.worst_path = path;
  timing.ends_in_module = propagation.ends_in_module();
  timing.load_ff = propagation.loads();
  timing.nets = propagation.nets();
  return timing;
}

}  // namespace subbyte::sim
