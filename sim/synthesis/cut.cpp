#include "sim/synthesis/cut.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sim/cells/liberty_function.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

/// Returns the rows of a cover over (a, b) that say where a step is 1.
const char* cover(LogicStep::Kind kind) {
  switch (kind) {
    case LogicStep::Kind::kLow:
      return "";
    case LogicStep::Kind::kHigh:
      return "1\n";
    case LogicStep::Kind::kCopy:
      return "1 1\n";
    case LogicStep::Kind::kNot:
      return "0 1\n";
    case LogicStep::Kind::kAnd:
      return "11 1\n";
    case LogicStep::Kind::kNand:
      return "0- 1\n-0 1\n";
    case LogicStep::Kind::kOr:
      return "1- 1\n-1 1\n";
    case LogicStep::Kind::kNor:
      return "00 1\n";
    case LogicStep::Kind::kXor:
      return "10 1\n01 1\n";
    case LogicStep::Kind::kXnor:
      return "11 1\n00 1\n";
  }
  throw std::logic_error("no such step");
}

unsigned operands(LogicStep::Kind kind) {
  if (kind == LogicStep::Kind::kLow || kind == LogicStep::Kind::kHigh) return 0;
  return kind == LogicStep::Kind::kCopy || kind == LogicStep::Kind::kNot ? 1 : 2;
}

}  // namespace

std::string bit_name(const std::string& port, std::size_t bit) { return fmt::format("{}[{}]", port, bit); }

std::string child_pin(const std::string& part, std::size_t index, const std::string& pin, std::size_t bit) {
  return fmt::format("{}@{}.{}[{}]", part, index, pin, bit);
}

void CutLogic::input(const std::string& name, const std::string& signal) {
  inputs_.insert(name);
  copy(signal, "in:" + name, false);
}
void CutLogic::output(const std::string& name, const std::string& signal) {
  outputs_.insert(name);
  copy("out:" + name, signal, false);
}
void CutLogic::add_register(const std::string& name, const std::string& signal, const std::string& data,
                            const std::string& clock) {
  registers_.insert(name);
  input(name, signal);
  output(name + ".next", data);
  output(name + ".clock", clock);
}
void CutLogic::constant(const std::string& signal, bool value) {
  text_ += fmt::format(".names {}\n{}", signal, value ? "1\n" : "");
}
void CutLogic::copy(const std::string& signal, const std::string& from, bool inverted) {
  text_ += fmt::format(".names {} {}\n{}", from, signal, inverted ? "0 1\n" : "1 1\n");
}
void CutLogic::gate_and(const std::string& signal, const std::string& a, const std::string& b) {
  text_ += fmt::format(".names {} {} {}\n11 1\n", a, b, signal);
}
void CutLogic::function(const std::string& signal, const std::string& expression, const std::vector<std::string>& names,
                        const std::vector<std::string>& signals) {
  const std::vector<LogicStep> steps = logic_steps(expression, names);
  std::vector<std::string> values = signals;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    values.push_back(i + 1 == steps.size() ? signal : fmt::format("t:{}", temporaries_++));
    const unsigned count = operands(steps[i].kind);
    text_ += fmt::format(".names {}{}{}\n{}", count > 0 ? values[steps[i].a] + " " : "",
                         count > 1 ? values[steps[i].b] + " " : "", values.back(), cover(steps[i].kind));
  }
}

std::string CutLogic::blif(const std::set<std::string>& inputs, const std::set<std::string>& outputs) const {
  std::string text = ".model part\n.inputs";
  for (const std::string& name : inputs) text += " \\\n in:" + name;
  text += "\n.outputs";
  for (const std::string& name : outputs) text += " \\\n out:" + name;
  return text + "\n" + text_ + ".end\n";
}

namespace {

/// Returns the names of parts by their names in yosys' netlists.
std::map<std::string, std::string> names_of_children(const Part& part, const std::vector<Part>& parts) {
  std::map<std::string, std::string> names;
  for (const Part& other : parts) {
    if (part.children.contains(other.name)) names[other.derived] = other.name;
  }
  return names;
}

const Json& top_module(const Json& design, const Part& part) {
  for (const auto& [name, module] : design.at("modules").items()) {
    if (module.at("attributes").contains("top")) return module;
  }
  throw std::runtime_error("yosys wrote no top module of " + part.name);
}

class RtlCut {
 public:
  RtlCut(const Json& design, const Part& part, const std::vector<Part>& parts, const std::set<std::string>& registers)
      : module_(top_module(design, part)),
        children_(names_of_children(part, parts)),
        ports_(child_ports(design, part, parts)),
        wanted_(registers) {
    name_bits();
  }

  CutLogic run() {
    logic_.constant("g0", false);
    logic_.constant("g1", true);
    for (const auto& [port, info] : module_.at("ports").items()) {
      const Json& bits = info.at("bits");
      for (std::size_t i = 0; i < bits.size(); ++i) {
        if (info.at("direction") == "input")
          logic_.input(bit_name(port, i), signal(bits[i]));
        else
          logic_.output(bit_name(port, i), signal(bits[i]));
      }
    }
    for (const auto& [name, cell] : module_.at("cells").items()) add_cell(name, cell);
    return std::move(logic_);
  }

 private:
  static std::string signal(const Json& bit) {
    if (bit.is_string()) return bit == "1" ? "g1" : "g0";
    return fmt::format("n{}", bit.get<long>());
  }

  // Names every bit. A bit may have several names, of which the netlist kept one.
  void name_bits() {
    for (const auto& [name, info] : module_.at("netnames").items()) {
      if (info.at("hide_name") != 0) continue;
      std::string plain = name;
      std::ranges::replace_if(
          plain, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      const Json& bits = info.at("bits");
      for (std::size_t i = 0; i < bits.size(); ++i) {
        const std::string each = fmt::format("{}_{}", plain, i);
        if (!bits[i].is_number()) continue;
        const auto [known, fresh] = names_.try_emplace(bits[i].get<long>(), each);
        if (!fresh && wanted_.contains(each)) known->second = each;
      }
    }
  }

  void add_cell(const std::string& name, const Json& cell) {
    const std::string type = cell.at("type").get<std::string>();
    const Json& pins = cell.at("connections");
    const auto pin = [&](const char* which) { return signal(pins.at(which).at(0)); };
    if (children_.contains(type)) return add_child(children_.at(type), pins);
    if (type == "$_NOT_") return logic_.copy(pin("Y"), pin("A"), true);
    if (type == "$_AND_") return logic_.gate_and(pin("Y"), pin("A"), pin("B"));
    if (type != "$_DFF_P_") throw std::runtime_error(fmt::format("the RTL has a {} ({})", type, name));
    const Json& bit = pins.at("Q").at(0);
    const auto known = names_.find(bit.get<long>());
    logic_.add_register(known == names_.end() ? name : known->second, signal(bit), pin("D"), pin("C"));
  }

  void add_child(const std::string& child, const Json& pins) {
    const std::size_t index = counts_[child]++;
    for (const auto& [pin, bits] : pins.items()) {
      for (std::size_t i = 0; i < bits.size(); ++i) {
        if (ports_.at(child).at(pin))
          logic_.output(child_pin(child, index, pin, i), signal(bits[i]));
        else
          logic_.input(child_pin(child, index, pin, i), signal(bits[i]));
      }
    }
  }

  const Json& module_;
  std::map<std::string, std::string> children_;
  ChildPorts ports_;
  const std::set<std::string>& wanted_;
  std::map<long, std::string> names_;
  std::map<std::string, std::size_t> counts_;
  CutLogic logic_;
};

}  // namespace

ChildPorts child_ports(const Json& design, const Part& part, const std::vector<Part>& parts) {
  ChildPorts ports;
  for (const auto& [derived, name] : names_of_children(part, parts)) {
    for (const auto& [port, info] : design.at("modules").at(derived).at("ports").items())
      ports[name][port] = info.at("direction") == "input";
  }
  return ports;
}

CutLogic cut_rtl(const Json& design, const Part& part, const std::vector<Part>& parts,
                 const std::set<std::string>& registers) {
  return RtlCut(design, part, parts, registers).run();
}

}  // namespace subbyte::sim
