#include "sim/area/area_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"
#include "sim/netlist/structural_verilog.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// Builds the JSON of one module. Its nets get numbers from 2 on, as yosys numbers them.
class ModuleJson {
 public:
  ModuleJson(const VerilogModule& module, const std::map<std::string, VerilogModule>& modules,
             const CellLibrary& library)
      : module_(module), modules_(modules), library_(library) {
    for (const auto& [target, source] : module.assigns) source_[target] = source;
  }

  Json run(bool top) {
    Json ports = Json::object(), cells = Json::object(), nets = Json::object();
    for (const VerilogPort& port : module_.ports) {
      Json bits = Json::array();
      for (unsigned i = 0; i < port.width; ++i) bits.push_back(bit(port.bit(i)));
      ports[port.name] = {{"direction", port.input ? "input" : "output"}, {"bits", bits}};
      nets[port.name] = {{"hide_name", 0}, {"bits", bits}, {"attributes", Json::object()}};
    }
    for (const VerilogInstance& instance : module_.instances) cells[instance.name] = cell(instance);
    for (const auto& [name, number] : numbers_) {
      if (name.find('[') == std::string::npos && !nets.contains(name))
        nets[name] = {{"hide_name", 0}, {"bits", {number}}, {"attributes", Json::object()}};
    }
    Json attributes = Json::object();
    if (top) attributes["top"] = "00000000000000000000000000000001";
    return {{"attributes", attributes}, {"ports", ports}, {"cells", cells}, {"netnames", nets}};
  }

 private:
  Json bit(std::string name) {
    for (auto from = source_.find(name); from != source_.end(); from = source_.find(name)) name = from->second;
    if (name == "1'b0") return "0";
    if (name == "1'b1") return "1";
    return numbers_.try_emplace(name, numbers_.size() + 2).first->second;
  }

  Json cell(const VerilogInstance& instance) {
    Json directions = Json::object(), connections = Json::object();
    for (const VerilogConnection& pin : instance.connections) {
      Json bits = Json::array();
      for (const std::string& name : pin.bits) bits.push_back(bit(name));
      connections[pin.pin] = bits;
      if (const std::string direction = direction_of(instance.type, pin.pin); !direction.empty())
        directions[pin.pin] = direction;
    }
    Json cell{
        {"hide_name", 0}, {"type", instance.type}, {"parameters", Json::object()}, {"attributes", Json::object()}};
    if (!directions.empty()) cell["port_directions"] = directions;
    cell["connections"] = connections;
    return cell;
  }

  std::string direction_of(const std::string& type, const std::string& pin) const {
    if (const LibertyCell* cell = library_.find(type)) {
      const auto found = std::ranges::find(cell->pins, pin, &LibertyPin::name);
      return found == cell->pins.end() ? "" : found->input ? "input" : "output";
    }
    const auto child = modules_.find(type);
    if (child == modules_.end()) return "";
    const auto found = std::ranges::find(child->second.ports, pin, &VerilogPort::name);
    return found == child->second.ports.end() ? "" : found->input ? "input" : "output";
  }

  const VerilogModule& module_;
  const std::map<std::string, VerilogModule>& modules_;
  const CellLibrary& library_;
  std::map<std::string, std::string> source_;
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

Json netlist_json(const std::string& verilog, const std::string& top, const CellLibrary& library) {
  const auto modules = parse_structural_verilog(verilog);
  Json all = Json::object();
  for (const auto& [name, module] : modules) all[name] = ModuleJson(module, modules, library).run(name == top);
  return {{"creator", "subbyte synth"}, {"modules", all}};
}

void write_tables(const fs::path& folder, const reports::Record& record) {
  reports::Record stamped = record;
  stamped.provenance["made_by"] = made_by();
  write_atomically(folder / "record.json", reports::to_json(stamped).dump(1) + "\n");
  for (std::size_t i = 0; i < record.tables.size(); ++i)
    write_atomically(folder / fmt::format("table{}.csv", i + 1), reports::csv(record.tables[i]));
}

void write_results(const fs::path& folder, const Json& json, const reports::Record& record,
                   std::span<const SynthesisResult> results, const std::vector<std::string>& netlist_folders,
                   const CellLibrary& library) {
  write_atomically(folder / "synth.json", json.dump(1) + "\n");
  write_tables(folder, record);
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const SynthesizedModule& module : results[i].modules) {
      const fs::path stem = folder / netlist_folders[i] / module.name;
      write_atomically(stem.string() + ".v", module.verilog);
      write_atomically(stem.string() + ".json", netlist_json(module.verilog, module.name, library).dump(1) + "\n");
    }
  }
}

}  // namespace subbyte::sim
