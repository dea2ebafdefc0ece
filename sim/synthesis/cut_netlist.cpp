// Cuts the registers and children out of the mapped netlist of a part.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/cells/liberty_function.hpp"
#include "sim/synthesis/cut.hpp"

namespace subbyte::sim {
namespace {

class NetlistCut {
 public:
  NetlistCut(const VerilogModule& module, const CellLibrary& library, const ChildPorts& children)
      : module_(module), library_(library), children_(children) {}

  CutLogic run() {
    logic_.constant(signal("1'b0"), false);
    logic_.constant(signal("1'b1"), true);
    for (const VerilogPort& port : module_.ports) {
      for (unsigned i = 0; i < port.width; ++i) {
        if (port.input)
          logic_.input(bit_name(port.name, i), port.bit(i));
        else
          logic_.output(bit_name(port.name, i), port.bit(i));
      }
    }
    for (const auto& [target, source] : module_.assigns) logic_.copy(signal(target), signal(source), false);
    for (const VerilogInstance& instance : module_.instances) {
      if (children_.contains(instance.type))
        add_child(instance);
      else
        add_cell(instance);
    }
    return std::move(logic_);
  }

 private:
  // ABC takes no quotes in names.
  static std::string signal(const std::string& net) { return net == "1'b0" ? "k0" : net == "1'b1" ? "k1" : net; }

  // The netlist numbers a part's instances in the order of their names in the RTL.
  void add_child(const VerilogInstance& instance) {
    const std::size_t index = counts_[instance.type]++;
    for (const VerilogConnection& pin : instance.connections) {
      for (std::size_t i = 0; i < pin.bits.size(); ++i) {
        const std::string name = child_pin(instance.type, index, pin.pin, i);
        if (children_.at(instance.type).at(pin.pin))
          logic_.output(name, signal(pin.bits[i]));
        else
          logic_.input(name, signal(pin.bits[i]));
      }
    }
  }

  void add_cell(const VerilogInstance& instance) {
    const LibertyCell* cell = library_.find(instance.type);
    if (cell == nullptr)
      throw std::invalid_argument(fmt::format("{} is a '{}', no cell of the library", instance.name, instance.type));
    if (cell->latch) throw std::invalid_argument(fmt::format("{} is a latch ({})", instance.name, cell->name));
    std::vector<std::string> names, signals;
    for (const LibertyPin& pin : cell->pins) {
      if (!pin.input) continue;
      const std::string net = net_of(instance, pin.name);
      names.push_back(pin.name);
      signals.push_back(net.empty() ? signal("1'b0") : net);
    }
    if (cell->flip_flop) add_flip_flop(instance, *cell, names, signals);
    for (const LibertyPin& pin : cell->pins) {
      const std::string net = net_of(instance, pin.name);
      if (pin.output && !net.empty() && !pin.function.empty()) logic_.function(net, pin.function, names, signals);
    }
  }

  /// Adds the flip-flop's state to what the functions of the cell's outputs read.
  void add_flip_flop(const VerilogInstance& instance, const LibertyCell& cell, std::vector<std::string>& names,
                     std::vector<std::string>& signals) {
    const std::size_t serial = instance.name.rfind("_u");
    const std::string name = serial == std::string::npos ? instance.name : instance.name.substr(0, serial);
    const std::string state = "state:" + instance.name, next = "next:" + instance.name,
                      clock = "clock:" + instance.name;
    const std::string from = "from:" + instance.name, to = "to:" + instance.name;
    const bool inverted = stores_inverse(instance, cell);
    logic_.function(clock, cell.clocked_on, names, signals);
    for (const auto& [which, active] :
         {std::pair(std::string(kClear), cell.clear), std::pair(std::string(kPreset), cell.preset)}) {
      if (active.empty()) continue;
      logic_.function(which + (":" + instance.name), active, names, signals);
      logic_.output(name + which, which + (":" + instance.name));
    }
    names.push_back(cell.state.at(0));
    signals.push_back(state);
    if (cell.state.size() > 1) {
      logic_.copy("not:" + instance.name, state, true);
      names.push_back(cell.state[1]);
      signals.push_back("not:" + instance.name);
    }
    logic_.function(next, cell.next_state, names, signals);
    logic_.copy(state, from, inverted);
    logic_.copy(to, next, inverted);
    logic_.add_register(name, from, to, clock);
  }

  /// Tells whether a flip-flop stores the inverse of its named net, which is that of the first connected output.
  static bool stores_inverse(const VerilogInstance& instance, const LibertyCell& cell) {
    for (const char* which : {"Q", "QN"}) {
      const auto pin = std::ranges::find(cell.pins, which, &LibertyPin::name);
      if (pin == cell.pins.end() || net_of(instance, which).empty() || pin->function.empty()) continue;
      return (truth_table(pin->function, cell.state) >> 1 & 1) == 0;  // the state is 1, and its complement 0
    }
    return false;
  }

  static std::string net_of(const VerilogInstance& instance, const std::string& pin) {
    const auto found = std::ranges::find(instance.connections, pin, &VerilogConnection::pin);
    return found == instance.connections.end() || found->bits.empty() ? "" : signal(found->bits[0]);
  }

  const VerilogModule& module_;
  const CellLibrary& library_;
  const ChildPorts& children_;
  std::map<std::string, std::size_t> counts_;
  CutLogic logic_;
};

}  // namespace

CutLogic cut_netlist(const VerilogModule& module, const CellLibrary& library, const ChildPorts& children) {
  return NetlistCut(module, library, children).run();
}

}  // namespace subbyte::sim
