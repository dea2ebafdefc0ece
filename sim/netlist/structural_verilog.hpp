// Reads the subset of structural Verilog that sim/synthesis/yosys_json.hpp writes: modules of ports, single-bit wires
// and assigns, and instances connected by name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace subbyte::sim {

struct VerilogConnection {
  std::string pin;
  std::vector<std::string> bits;  ///< bit 0 first: "net", "net[3]", "1'b0"; empty when unconnected
};

struct VerilogInstance {
  std::string type, name;
  std::vector<VerilogConnection> connections;
};

struct VerilogPort {
  std::string name;
  bool input = false;
  unsigned width = 1;

  /// Returns "name", or "name[i]" for a wider port.
  std::string bit(unsigned i) const { return width == 1 ? name : name + "[" + std::to_string(i) + "]"; }
};

struct VerilogModule {
  std::vector<VerilogPort> ports;
  std::vector<std::pair<std::string, std::string>> assigns;  ///< target, source
  std::vector<VerilogInstance> instances;
};

/// Throws std::invalid_argument with what was found and what was expected, also for a module or port that is named
/// twice.
std::map<std::string, VerilogModule> parse_structural_verilog(std::string_view text);

}  // namespace subbyte::sim
