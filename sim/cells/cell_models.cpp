#include "sim/cells/cell_models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/cells/liberty_function.hpp"

namespace subbyte::sim {
namespace {

bool is_identifier(const std::string& name) {
  const auto word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && std::ranges::all_of(name, word);
}

/// The level of a state variable while clear and preset are both active.
std::string both_level(const std::string& levels, std::size_t index) {
  const char level = index < levels.size() ? levels[index] : 'X';
  return level == 'L' ? "1'b0" : level == 'H' ? "1'b1" : "1'bx";
}

class Model {
 public:
  Model(const CellLibrary& library, const LibertyCell& cell, bool random_state)
      : library_(library), cell_(cell), random_state_(random_state) {}

  std::string text() {
    check_names();
    std::string body;
    std::vector<std::string> known = inputs_;
    if (cell_.flip_flop) {
      body = flip_flop();
      known.insert(known.end(), cell_.state.begin(), cell_.state.end());
    }
    for (const LibertyPin& pin : cell_.pins) {
      if (!pin.output) continue;
      if (pin.function.empty()) refuse(fmt::format("its output {} has no function", pin.name));
      if (!pin.three_state.empty()) refuse(fmt::format("its output {} has three states", pin.name));
      body += fmt::format("  assign {} = {};\n", pin.name, expression(pin.function, known));
    }
    std::string ports, directions;
    for (const LibertyPin& pin : cell_.pins) {
      ports += (ports.empty() ? "" : ", ") + pin.name;
      directions += fmt::format("  {} {};\n", pin.input ? "input" : "output", pin.name);
    }
    return fmt::format("module {} ({});\n{}{}endmodule\n", cell_.name, ports, directions, body);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError(library_.path.string(), fmt::format("cell '{}'", cell_.name),
                     fmt::format("cannot be modelled: {}; expected functions of its pins or one flip-flop", why));
  }

  void check_names() {
    if (!is_identifier(cell_.name)) refuse("its name is not a Verilog identifier");
    if (cell_.latch) refuse("it is a latch");
    if (cell_.flip_flop && (cell_.state.size() != 2 || cell_.next_state.empty() || cell_.clocked_on.empty()))
      refuse("it is not one flip-flop with next_state and clocked_on");
    std::vector<std::string> names = cell_.state;
    for (const LibertyPin& pin : cell_.pins) {
      if (pin.input == pin.output) refuse(fmt::format("its pin {} is neither input nor output", pin.name));
      if (pin.input) inputs_.push_back(pin.name);
      names.push_back(pin.name);
    }
    for (const std::string& name : names) {
      if (!is_identifier(name)) refuse(fmt::format("'{}' is not a Verilog identifier", name));
      if (std::ranges::count(names, name) > 1) refuse(fmt::format("'{}' names two things", name));
    }
  }

  std::string expression(const std::string& function, const std::vector<std::string>& names) const {
    try {
      return verilog_expression(function, names);
    } catch (const std::invalid_argument& error) {
      refuse(error.what());
    }
  }

  /// Gives an expression a wire of its own, because an expression has no rising edge in Verilog-2001.
  std::string wire(const std::string& name, const std::string& value) const {
    return fmt::format("  wire {}_{} = {};\n", cell_.state[0], name, value);
  }

  std::string flip_flop() const {
    const std::string& state = cell_.state[0];
    const bool clear = !cell_.clear.empty(), preset = !cell_.preset.empty();
    std::string text = fmt::format("  reg {}_q;\n", state);
    if (random_state_) text += fmt::format("`ifdef RANDOM_STATE\n  initial {}_q = $random;\n`endif\n", state);
    std::string edges, branches;
    const bool plain = std::ranges::find(inputs_, cell_.clocked_on) != inputs_.end();
    const std::string clock = plain ? cell_.clocked_on : state + "_clock";
    if (!plain) text += wire("clock", expression(cell_.clocked_on, inputs_));
    // The asynchronous conditions and their levels, one at a time.
    std::vector<std::pair<std::string, std::string>> cases;
    if (clear) text += wire("clear", expression(cell_.clear, inputs_));
    if (preset) text += wire("preset", expression(cell_.preset, inputs_));
    if (clear && preset) {
      // The three conditions exclude each other, so that releasing one of two active ones is an edge as well.
      text += wire("both", fmt::format("{0}_clear & {0}_preset", state));
      text += wire("cleared", fmt::format("{0}_clear & ~{0}_preset", state));
      text += wire("set", fmt::format("{0}_preset & ~{0}_clear", state));
      cases = {{"both", both_level(cell_.clear_preset, 0)}, {"cleared", "1'b0"}, {"set", "1'b1"}};
    } else if (clear) {
      cases = {{"clear", "1'b0"}};
    } else if (preset) {
      cases = {{"preset", "1'b1"}};
    }
    for (const auto& [condition, level] : cases) {
      edges += fmt::format(" or posedge {}_{}", state, condition);
      branches += fmt::format("if ({0}_{1}) {0}_q <= {2};\n    else ", state, condition, level);
    }
    text += fmt::format("  always @(posedge {}{})\n    {}{}_q <= {};\n", clock, edges, branches, state,
                        expression(cell_.next_state, next_names()));
    std::string complement = "~" + state;
    if (clear && preset) complement = fmt::format("{0}_both ? {1} : ~{0}", state, both_level(cell_.clear_preset, 1));
    return text + fmt::format("  wire {0} = {0}_q;\n  wire {1} = {2};\n", state, cell_.state[1], complement);
  }

  /// A flip-flop with an enable names its own state in its next state.
  std::vector<std::string> next_names() const {
    std::vector<std::string> names = inputs_;
    names.insert(names.end(), cell_.state.begin(), cell_.state.end());
    return names;
  }

  const CellLibrary& library_;
  const LibertyCell& cell_;
  bool random_state_;
  std::vector<std::string> inputs_;
};

}  // namespace

std::string cell_models(const CellLibrary& library, const std::set<std::string>& cells, bool random_state) {
  std::string text;
  for (const std::string& name : cells) {
    const LibertyCell* cell = library.find(name);
    if (cell == nullptr)
      throw InputError(library.path.string(), fmt::format("cell '{}'", name),
                       fmt::format("is not in library '{}'", library.name));
    text += Model(library, *cell, random_state).text();
  }
  return text;
}

}  // namespace subbyte::sim
