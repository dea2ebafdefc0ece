// The netlist as the timed simulator wants it: gates in an order that keeps waveforms for a short time, and functions
// as exclusive sums of products.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/netlist/gate_conditions.hpp"
#include "sim/netlist/gate_timed.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint32_t kNoSlot = UINT32_MAX;
constexpr std::size_t kMostInWord = TimedNetlist::kMostInWord;

/// Returns the truth table over all inputs of a cell of more than six, where input 0 is the lowest bit of the index and
/// a word holds 64 entries.
std::vector<std::uint64_t> full_table(const std::string& function, const std::vector<std::string>& names) {
  const std::vector<LogicStep> steps = logic_steps(function, names);
  const std::vector<std::string> low(names.begin(), names.begin() + kMostInWord);
  std::vector<std::uint64_t> inputs(names.size());
  for (std::size_t v = 0; v < kMostInWord; ++v) inputs[v] = truth_table(names[v], low);
  std::vector<std::uint64_t> table(std::size_t{1} << (names.size() - kMostInWord));
  for (std::size_t word = 0; word < table.size(); ++word) {
    for (std::size_t v = kMostInWord; v < names.size(); ++v)
      inputs[v] = (word >> (v - kMostInWord) & 1) != 0 ? ~std::uint64_t{0} : 0;
    table[word] = value_of(steps, inputs);
  }
  return table;
}

/// Returns the coefficients of the exclusive sum of products that a truth table stands for.
std::vector<std::uint64_t> coefficients_of(std::uint64_t table, std::size_t inputs) {
  std::vector<std::uint64_t> coefficients(std::size_t{1} << inputs);
  for (std::size_t i = 0; i < coefficients.size(); ++i) coefficients[i] = (table >> i & 1) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t v = 0; v < inputs; ++v)
    for (std::size_t i = 0; i < coefficients.size(); ++i)
      if ((i >> v & 1) != 0) coefficients[i] ^= coefficients[i ^ std::size_t{1} << v];
  return coefficients;
}

/// Orders the combinational instances so that each stands closely behind what it reads: depth first from every one in
/// turn. The netlist has no combinational cycle.
class NearOrder {
 public:
  explicit NearOrder(const GateNetlist& netlist)
      : netlist_(netlist), drivers_(netlist.nets, kNoSlot), seen_(netlist.instances.size(), false) {
    each_instance([&](std::uint32_t i) { each_net(i, true, [&](Net net) { drivers_[net] = i; }); });
  }
  std::vector<std::uint32_t> order() {
    each_instance([&](std::uint32_t i) { add(i); });
    return std::move(order_);
  }

 private:
  template <typename Visit>
  void each_instance(const Visit& visit) const {
    for (std::uint32_t i = 0; i < netlist_.instances.size(); ++i)
      if (!netlist_.cells[netlist_.instances[i].cell]->sequential()) visit(i);
  }
  template <typename Visit>
  void each_net(std::uint32_t instance, bool output, const Visit& visit) const {
    const GateInstance& gate = netlist_.instances[instance];
    const auto& pins = netlist_.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p)
      if (gate.pins[p] != kNoNet && (output ? pins[p].output : pins[p].input)) visit(gate.pins[p]);
  }
  void add(std::uint32_t instance) {
    std::vector<std::pair<std::uint32_t, bool>> stack{{instance, false}};  // whether what it reads has been added
    while (!stack.empty()) {
      const auto [i, ready] = stack.back();
      stack.pop_back();
      if (ready) order_.push_back(i);
      if (ready || seen_[i]) continue;
      seen_[i] = true;
      stack.emplace_back(i, true);
      each_net(i, false, [&](Net net) {
        if (drivers_[net] != kNoSlot && !seen_[drivers_[net]]) stack.emplace_back(drivers_[net], false);
      });
    }
  }

  const GateNetlist& netlist_;
  std::vector<std::uint32_t> drivers_;  ///< by net: the combinational instance that drives it
  std::vector<bool> seen_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

TimedNetlist::TimedNetlist(const GateNetlist& netlist, const GateDelays& delays) : slots_(netlist.nets, kNoSlot) {
  combinational_order(netlist);  // throws for a cycle
  const std::vector<std::uint32_t> order = NearOrder(netlist).order();
  std::vector<bool> from_gate(netlist.nets, false);
  const auto each_output = [&](std::uint32_t i, const auto& visit) {
    const GateInstance& gate = netlist.instances[i];
    const auto& pins = netlist.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p) {
      if (pins[p].output && gate.pins[p] != kNoNet) visit(gate, p);
    }
  };
  for (const std::uint32_t i : order)
    each_output(i, [&](const GateInstance& g, std::size_t p) { from_gate[g.pins[p]] = true; });
  for (Net net = 0; net < netlist.nets; ++net) {
    if (from_gate[net]) continue;
    slots_[net] = static_cast<std::uint32_t>(nets_.size());
    nets_.push_back(net);
    source_delays_.push_back(delays.nets[net]);
  }
  sources_ = nets_.size();
  for (const std::uint32_t i : order) {
    each_output(i, [&](const GateInstance& gate, std::size_t p) {
      slots_[gate.pins[p]] = static_cast<std::uint32_t>(nets_.size());
      nets_.push_back(gate.pins[p]);
      add_gate(netlist, gate, p, delays.nets[gate.pins[p]]);
    });
  }
  find_longest(delays);
  find_last_readers();
}

void TimedNetlist::add_gate(const GateNetlist& netlist, const GateInstance& gate, std::size_t pin,
                            const PerEdge<Femtoseconds>& delay) {
  const LibertyCell& cell = *netlist.cells[gate.cell];
  std::vector<std::string> names;
  Gate added{static_cast<std::uint32_t>(inputs_.size()), 0, 0, delay};
  for (std::size_t p = 0; p < cell.pins.size(); ++p) {
    if (!cell.pins[p].input) continue;
    names.push_back(cell.pins[p].name);
    inputs_.push_back({slots_[gate.pins[p] == kNoNet ? kNetLow : gate.pins[p]], false});
  }
  if (names.size() > kMostInputs)
    throw std::invalid_argument(
        fmt::format("cell {} has {} inputs, expected at most {}", cell.name, names.size(), kMostInputs));
  added.inputs = static_cast<std::uint32_t>(names.size());
  added.function = function_of(cell.pins[pin].function, names);
  gates_.push_back(added);
}

std::uint32_t TimedNetlist::function_of(const std::string& text, const std::vector<std::string>& names) {
  const auto [known, fresh] =
      known_functions_.try_emplace({text, names}, static_cast<std::uint32_t>(functions_.size()));
  if (!fresh) return known->second;
  const std::vector<std::uint64_t> words =
      names.size() <= kMostInWord ? coefficients_of(truth_table(text, names), names.size()) : full_table(text, names);
  functions_.insert(functions_.end(), words.begin(), words.end());
  return known->second;
}

/// Notes for every input whether its slot is read again: a waveform is kept until then.
void TimedNetlist::find_last_readers() {
  read_.assign(nets_.size(), false);
  for (std::size_t i = inputs_.size(); i-- > 0;) {
    inputs_[i].last = !read_[inputs_[i].slot];
    read_[inputs_[i].slot] = true;
  }
}

void TimedNetlist::find_longest(const GateDelays& delays) {
  std::vector<std::uint64_t> latest(nets_.size(), 0);
  const auto largest = [&](std::size_t slot) { return std::uint64_t{std::ranges::max(delays.nets[nets_[slot]])}; };
  std::uint64_t longest = 0;
  for (std::size_t slot = 0; slot < nets_.size(); ++slot) {
    if (slot >= sources_) {
      const Gate& gate = gates_[slot - sources_];
      for (std::uint32_t i = 0; i < gate.inputs; ++i)
        latest[slot] = std::max(latest[slot], latest[inputs_[gate.first_input + i].slot]);
    }
    latest[slot] += largest(slot);
    longest = std::max(longest, latest[slot]);
  }
  if (longest >= kNever) throw std::invalid_argument("netlist: a path takes longer than 4 us");
  longest_ = static_cast<Femtoseconds>(longest);
}

}  // namespace subbyte::sim
