#include "sim/synthesis/yosys_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

/// Returns the module's name in the RTL: "$paramod$0123
/// e", "$paramod
/// e\Lanes=..." and "pe" are all the module pe.
std::string module_name(const std::string& derived, const Json& module) {
  const Json& attributes = module.at("attributes");
  if (attributes.contains("hdlname")) {
    const std::string name = attributes["hdlname"].get<std::string>();
    return name.substr(name.find_first_not_of('\\'));
  }
  const std::size_t begin = derived.find('\\');
  if (begin == std::string::npos) return derived;
  return derived.substr(begin + 1, derived.find('\\', begin + 1) - begin - 1);
}

std::string top_name(const Json& design) {
  for (const auto& [name, module] : design.at("modules").items()) {
    if (module.at("attributes").contains("top")) return name;
  }
  throw std::runtime_error("yosys wrote a design without a top module");
}

std::vector<PartPort> ports_of(const Json& module) {
  std::vector<PartPort> ports;
  for (const auto& [name, info] : module.at("ports").items())
    ports.push_back({name, info.at("direction") == "input", static_cast<unsigned>(info.at("bits").size())});
  return ports;
}

class Walk {
 public:
  Walk(const Json& design, const std::function<bool(std::string_view)>& is_unit)
      : modules_(design.at("modules")), is_unit_(is_unit) {}

  std::vector<Part> run(const std::string& top) {
    add(top);
    parts_[0].instances = 1;
    for (const std::size_t parent : parents_first()) {
      for (const auto& [child, count] : parts_[parent].children)
        part(child).instances += count * parts_[parent].instances;
    }
    return parts_;
  }

 private:
  Part& part(const std::string& name) {
    return *std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.name == name; });
  }

  bool has_own_area(const std::string& derived) const {
    const Json& module = modules_.at(derived);
    return module.at("attributes").contains("keep_hierarchy") || is_unit_(module_name(derived, module));
  }

  std::string unused_name(const std::string& module) const {
    const auto taken = [&](const std::string& name) {
      return std::any_of(parts_.begin(), parts_.end(), [&](const Part& p) { return p.name == name; });
    };
    if (!taken(module)) return module;
    unsigned serial = 2;
    while (taken(fmt::format("{}_{}", module, serial))) ++serial;
    return fmt::format("{}_{}", module, serial);
  }

  std::string add(const std::string& derived) {
    const auto known = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.derived == derived; });
    if (known != parts_.end()) return known->name;
    const Json& module = modules_.at(derived);
    Part part;
    part.derived = derived;
    part.module = module_name(derived, module);
    part.name = unused_name(part.module);
    if (module.contains("parameter_default_values")) {
      for (const auto& [name, value] : module["parameter_default_values"].items()) {
        const std::string bits = value.get<std::string>();
        part.parameters[name] = fmt::format("{}'b{}", bits.size(), bits);
      }
    }
    if (module.at("attributes").contains("memory_macro")) {
      part.macro = true;
      part.ports = ports_of(module);
    }
    const std::size_t index = parts_.size();
    parts_.push_back(part);
    std::map<std::string, std::size_t> children;
    collect(derived, children);
    parts_[index].children = std::move(children);
    return part.name;
  }

  void collect(const std::string& derived, std::map<std::string, std::size_t>& children) {
    for (const auto& cell : modules_.at(derived).at("cells")) {
      const std::string type = cell.at("type").get<std::string>();
      if (!modules_.contains(type)) continue;
      if (has_own_area(type))
        ++children[add(type)];
      else
        collect(type, children);
    }
  }

  std::vector<std::size_t> parents_first() {
    std::vector<std::size_t> order;
    std::set<std::string> seen;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
      if (!seen.insert(name).second) return;
      for (const auto& [child, count] : part(name).children) visit(child);
      order.push_back(static_cast<std::size_t>(&part(name) - parts_.data()));
    };
    visit(parts_[0].name);
    std::reverse(order.begin(), order.end());
    return order;
  }

  const Json& modules_;
  const std::function<bool(std::string_view)>& is_unit_;
  std::vector<Part> parts_;
};

/// Names nets by bit number, ports first, so that a port is used under its own name.
class NetNames {
 public:
  explicit NetNames(const Json& module) {
    for (const std::string_view direction : {"input", "output"}) {
      for (const auto& [port, info] : module.at("ports").items()) {
        if (info.at("direction") == direction) add_port(port, info.at("bits"), direction == "output");
      }
    }
  }
  std::string of(const Json& bit) {
    if (bit.is_string()) return bit == "1" ? "1'b1" : "1'b0";
    const auto [found, fresh] = names_.try_emplace(bit.get<long>(), fmt::format("n{}", bit.get<long>()));
    if (fresh) wires_.push_back(found->second);
    return found->second;
  }
  const std::vector<std::string>& wires() const { return wires_; }
  const std::string& assigns() const { return assigns_; }

 private:
  void add_port(const std::string& port, const Json& bits, bool output) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const std::string name = bits.size() == 1 ? port : fmt::format("{}[{}]", port, i);
      if (bits[i].is_string()) {
        assigns_ += fmt::format("  assign {} = {};\n", name, bits[i] == "1" ? "1'b1" : "1'b0");
      } else {
        const auto [found, fresh] = names_.try_emplace(bits[i].get<long>(), name);
        if (!fresh && output) assigns_ += fmt::format("  assign {} = {};\n", name, found->second);
      }
    }
  }
  std::map<long, std::string> names_;
  std::vector<std::string> wires_;
  std::string assigns_;
};

/// Returns public names of bits, so that a path report can name registers: bit number to "name_index".
std::map<long, std::string> register_names(const Json& module) {
  std::map<long, std::string> names;
  for (const auto& [name, info] : module.at("netnames").items()) {
    if (info.at("hide_name") != 0) continue;
    std::string plain = name;
    std::replace_if(
        plain.begin(), plain.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    const Json& bits = info.at("bits");
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i].is_number()) names.try_emplace(bits[i].get<long>(), fmt::format("{}_{}", plain, i));
    }
  }
  return names;
}

/// Makes a name that is unique by its serial number and starts with the name of what a flip-flop stores, or of the
/// part.
std::string instance_name(const Json& cell, const std::string& part, const std::map<long, std::string>& registers,
                          std::size_t serial) {
  if (!part.empty()) return fmt::format("{}_u{}", part, serial);
  for (const char* pin : {"Q", "QN"}) {
    const Json& connections = cell.at("connections");
    if (!connections.contains(pin) || connections[pin].empty() || !connections[pin][0].is_number()) continue;
    const auto found = registers.find(connections[pin][0].get<long>());
    if (found != registers.end()) return fmt::format("{}_u{}", found->second, serial);
  }
  return fmt::format("u{}", serial);
}

std::string connection(const Json& bits, NetNames& nets) {
  if (bits.size() == 1) return nets.of(bits[0]);
  std::string text = "{";
  for (std::size_t i = bits.size(); i-- > 0;) text += nets.of(bits[i]) + (i == 0 ? "}" : ", ");
  return text;
}

}  // namespace

std::vector<Part> parts_of(const Json& design, const std::function<bool(std::string_view)>& is_unit) {
  return Walk(design, is_unit).run(top_name(design));
}

long long literal_value(const std::string& literal) {
  return std::stoll(literal.substr(literal.find('b') + 1), nullptr, 2);
}

std::map<std::string, std::size_t> cell_counts(const Json& design) {
  std::map<std::string, std::size_t> counts;
  for (const auto& cell : design.at("modules").at(top_name(design)).at("cells"))
    ++counts[cell.at("type").get<std::string>()];
  return counts;
}

std::string structural_verilog(const Json& design, const std::string& name,
                               const std::function<std::string(const std::string&)>& rename) {
  const Json& module = design.at("modules").at(top_name(design));
  NetNames nets(module);
  const std::map<long, std::string> registers = register_names(module);
  std::string instances;
  std::size_t serial = 0;
  for (const auto& cell : module.at("cells")) {
    std::string pins;
    for (const auto& [pin, bits] : cell.at("connections").items()) {
      pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", pin, connection(bits, nets));
    }
    const bool is_part = design.at("modules").contains(cell.at("type").get<std::string>());
    const std::string type = rename(cell.at("type").get<std::string>());
    instances +=
        fmt::format("  {} {} ({});\n", type, instance_name(cell, is_part ? type : "", registers, serial++), pins);
  }
  std::string header;
  std::string ports;
  for (const auto& [port, info] : module.at("ports").items()) {
    const std::size_t width = info.at("bits").size();
    header += (header.empty() ? "" : ", ") + port;
    ports += width == 1 ? fmt::format("  {} {};\n", info.at("direction").get<std::string>(), port)
                        : fmt::format("  {} [{}:0] {};\n", info.at("direction").get<std::string>(), width - 1, port);
  }
  std::string wires;
  for (const std::string& wire : nets.wires()) wires += fmt::format("  wire {};\n", wire);
  return fmt::format("module {} ({});\n{}{}{}{}endmodule\n", name, header, ports, wires, nets.assigns(), instances);
}

}  // namespace subbyte::sim
