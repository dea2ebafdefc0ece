#include "sim/netlist/gate_netlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "sim/cells/liberty_function.hpp"
#include "sim/netlist/structural_verilog.hpp"

namespace subbyte::sim {
namespace {

// A small text can name any number of cells, because each level of modules may double them.
constexpr double kMostInstances = 1 << 24;

/// Counts the cells and wires of each module with all it contains, before any of them is made.
class Counter {
 public:
  explicit Counter(const std::map<std::string, VerilogModule>& modules) : modules_(modules) {}

  double of(const std::string& name) {
    const auto [found, fresh] = counts_.try_emplace(name, -1);
    if (!fresh) {
      if (found->second < 0) throw std::invalid_argument("netlist: module '" + name + "' contains itself");
      return found->second;
    }
    if (++depth_ > kDeepest) throw std::invalid_argument("netlist: modules are nested deeper than 100");
    const VerilogModule& module = modules_.at(name);
    double count = 1 + static_cast<double>(module.assigns.size());
    for (const VerilogInstance& instance : module.instances)
      count += modules_.contains(instance.type) ? of(instance.type) : 1;
    --depth_;
    return counts_[name] = count;
  }

 private:
  static constexpr unsigned kDeepest = 100;
  const std::map<std::string, VerilogModule>& modules_;
  std::map<std::string, double> counts_;  ///< below 0 while a module is being counted
  unsigned depth_ = 0;
};

// Nets are joined by assigns and ports, so they are numbered by union and find.
class Flattener {
 public:
  Flattener(const std::map<std::string, VerilogModule>& modules, const CellLibrary& library)
      : modules_(modules), library_(library) {
    for (const LibertyCell& cell : library.cells) cells_.emplace(cell.name, &cell);
  }

  GateNetlist run(const std::string& top) {
    const auto found = modules_.find(top);
    if (found == modules_.end()) throw std::invalid_argument("netlist: no module '" + top + "'");
    if (Counter(modules_).of(top) > kMostInstances)
      throw std::invalid_argument("netlist: more than 2^24 cells and assigns");
    netlist_.top = top;
    parent_ = {kNetLow, kNetHigh};
    std::map<std::string, Net> nets;
    for (const VerilogPort& port : found->second.ports) {
      GatePort flat{port.name, port.input, {}};
      for (unsigned i = 0; i < port.width; ++i) flat.bits.push_back(net_of(port.bit(i), nets));
      netlist_.ports.push_back(std::move(flat));
    }
    place(top, found->second, nets, "");
    number();
    return std::move(netlist_);
  }

 private:
  Net fresh() {
    parent_.push_back(static_cast<Net>(parent_.size()));
    return parent_.back();
  }
  Net root(Net net) {
    while (parent_[net] != net) net = parent_[net] = parent_[parent_[net]];
    return net;
  }
  // Constants stay roots.
  void join(Net a, Net b) {
    a = root(a);
    b = root(b);
    if (std::max(a, b) == kNetHigh && a != b) throw std::invalid_argument("netlist: an assign joins 1'b0 and 1'b1");
    parent_[std::max(a, b)] = std::min(a, b);
  }
  Net net_of(const std::string& name, std::map<std::string, Net>& nets) {
    if (name == "1'b0") return kNetLow;
    if (name == "1'b1") return kNetHigh;
    const auto [found, isnew] = nets.try_emplace(name, 0);
    if (isnew) found->second = fresh();
    return found->second;
  }

  void place(const std::string& name, const VerilogModule& module, std::map<std::string, Net>& nets,
             const std::string& path) {
    const std::uint32_t where = index_of(netlist_.modules, module_index_, name);
    for (const auto& [target, source] : module.assigns) join(net_of(target, nets), net_of(source, nets));
    for (const VerilogInstance& instance : module.instances) {
      const std::string full = path.empty() ? instance.name : path + "/" + instance.name;
      const auto child = modules_.find(instance.type);
      if (child != modules_.end()) {
        std::map<std::string, Net> inner = connect(child->second, instance, nets);
        place(instance.type, child->second, inner, full);
        continue;
      }
      const auto known = cells_.find(instance.type);
      if (known == cells_.end()) {
        throw std::invalid_argument("netlist: " + full + " is a '" + instance.type + "', which is no cell of " +
                                    library_.name + " (not mapped)");
      }
      const LibertyCell* cell = known->second;
      GateInstance gate{index_of(netlist_.cells, cell_index_, cell), where, std::vector<Net>(cell->pins.size(), kNoNet),
                        full};
      for (const VerilogConnection& pin : instance.connections) {
        if (pin.bits.size() > 1) throw std::invalid_argument("netlist: " + full + "." + pin.pin + " has several bits");
        Net& net = gate.pins[pin_index(*cell, pin.pin)];
        if (net != kNoNet) throw std::invalid_argument("netlist: " + full + "." + pin.pin + " is connected twice");
        if (!pin.bits.empty()) net = net_of(pin.bits[0], nets);
      }
      netlist_.instances.push_back(std::move(gate));
    }
  }

  std::map<std::string, Net> connect(const VerilogModule& child, const VerilogInstance& instance,
                                     std::map<std::string, Net>& nets) {
    std::map<std::string_view, const VerilogConnection*> connections;
    for (const VerilogConnection& connection : instance.connections) connections.emplace(connection.pin, &connection);
    std::map<std::string, Net> inner;
    std::size_t fitting = 0;
    for (const VerilogPort& port : child.ports) {
      const auto found = connections.find(port.name);
      if (found == connections.end()) continue;
      const std::vector<std::string>& bits = found->second->bits;
      if (bits.size() != port.width)
        throw std::invalid_argument("netlist: " + instance.name + "." + port.name + " does not fit " + instance.type);
      for (unsigned i = 0; i < port.width; ++i) inner[port.bit(i)] = net_of(bits[i], nets);
      ++fitting;
    }
    if (fitting != instance.connections.size())
      throw std::invalid_argument("netlist: " + instance.name + " connects a port twice or one that " + instance.type +
                                  " does not have");
    return inner;
  }

  template <typename T>
  static std::uint32_t index_of(std::vector<T>& list, std::map<T, std::uint32_t>& indices, const T& item) {
    const auto [found, fresh] = indices.try_emplace(item, static_cast<std::uint32_t>(list.size()));
    if (fresh) list.push_back(item);
    return found->second;
  }

  void number() {
    std::vector<Net> numbers(parent_.size(), kNoNet);
    numbers[kNetLow] = kNetLow;
    numbers[kNetHigh] = kNetHigh;
    const auto number_of = [&](Net net) {
      if (net == kNoNet) return net;
      Net& number = numbers[root(net)];
      if (number == kNoNet) number = static_cast<Net>(netlist_.nets++);
      return number;
    };
    for (GatePort& port : netlist_.ports)
      for (Net& net : port.bits) net = number_of(net);
    for (GateInstance& gate : netlist_.instances)
      for (Net& net : gate.pins) net = number_of(net);
  }

  const std::map<std::string, VerilogModule>& modules_;
  const CellLibrary& library_;
  std::map<std::string_view, const LibertyCell*> cells_;
  std::map<std::string, std::uint32_t> module_index_;
  std::map<const LibertyCell*, std::uint32_t> cell_index_;
  GateNetlist netlist_;
  std::vector<Net> parent_;
};

void check_drivers(const GateNetlist& netlist) {
  std::vector<bool> driven(netlist.nets, false);
  driven[kNetLow] = driven[kNetHigh] = true;
  const auto drive = [&](Net net, const std::string& who) {
    if (net == kNoNet) return;
    if (driven[net]) throw std::invalid_argument("netlist: " + who + " drives a net that is driven already");
    driven[net] = true;
  };
  for (const GatePort& port : netlist.ports) {
    if (!port.input) continue;
    for (const Net net : port.bits) drive(net, "port " + port.name);
  }
  for (const GateInstance& gate : netlist.instances) {
    const auto& pins = netlist.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p) {
      if (pins[p].output) drive(gate.pins[p], gate.name);
    }
  }
}

/// Returns the pin whose rising edge loads a flip-flop. It is empty where the falling edge or a function of several
/// pins loads it.
std::string clock_pin(const LibertyCell& cell) {
  std::vector<std::string> inputs;
  for (const LibertyPin& pin : cell.pins) {
    if (pin.input) inputs.push_back(pin.name);
  }
  try {
    const std::vector<LogicStep> steps = logic_steps(cell.clocked_on, inputs);
    if (steps.size() == 1 && steps[0].kind == LogicStep::Kind::kCopy) return inputs.at(steps[0].a);
  } catch (const std::invalid_argument&) {
  }
  return {};
}

}  // namespace

const GatePort* GateNetlist::port(std::string_view name) const {
  const auto found = std::ranges::find(ports, name, &GatePort::name);
  return found == ports.end() ? nullptr : &*found;
}

std::size_t pin_index(const LibertyCell& cell, std::string_view pin) {
  const auto found = std::ranges::find(cell.pins, pin, &LibertyPin::name);
  if (found == cell.pins.end())
    throw std::invalid_argument("cell " + cell.name + " has no pin '" + std::string(pin) + "'");
  return static_cast<std::size_t>(found - cell.pins.begin());
}

GateNetlist flatten_netlist(std::string_view verilog, const std::string& top, const CellLibrary& library) {
  const std::map<std::string, VerilogModule> modules = parse_structural_verilog(verilog);
  GateNetlist netlist = Flattener(modules, library).run(top);
  check_drivers(netlist);
  return netlist;
}

void check_clock(const GateNetlist& netlist, std::string_view clock_port) {
  const GatePort* port = netlist.port(clock_port);
  const Net clock = port != nullptr && port->input && port->bits.size() == 1 ? port->bits[0] : kNoNet;
  std::vector<std::string> clock_pins;
  for (const LibertyCell* cell : netlist.cells) clock_pins.push_back(cell->flip_flop ? clock_pin(*cell) : "");
  const std::string expected = fmt::format(
      "expected rising-edge flip-flops on port {} itself: no buffer, inverter or gate on the clock is modelled",
      clock_port);
  for (const GateInstance& gate : netlist.instances) {
    const LibertyCell& cell = *netlist.cells[gate.cell];
    const std::string& by = clock_pins[gate.cell];
    const auto refuse = [&](const std::string& what) {
      throw std::invalid_argument(fmt::format("netlist: {} ({}) {}; {}", gate.name, cell.name, what, expected));
    };
    if (cell.flip_flop && by.empty()) refuse("loads at '" + cell.clocked_on + "'");
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      const bool clocks = cell.flip_flop && cell.pins[p].name == by;
      if (clocks && (gate.pins[p] != clock || clock == kNoNet)) refuse("has another clock");
      if (!clocks && cell.pins[p].input && gate.pins[p] == clock && clock != kNoNet)
        refuse("reads the clock at " + cell.pins[p].name);
    }
  }
}

}  // namespace subbyte::sim
