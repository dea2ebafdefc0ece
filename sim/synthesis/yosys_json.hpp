// Reads what yosys writes: the hierarchy of an elaborated unit, and a mapped netlist.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct PartPort {
  std::string name;
  bool input = false;
  unsigned width = 1;
};

/// A module that is mapped on its own. There is one per distinct (module, parameters) of an elaborated unit.
struct Part {
  std::string name;     ///< the module's name; "module_2" and on when it occurs with other parameters
  std::string module;   ///< its name in the RTL
  std::string derived;  ///< its name in yosys' netlists
  std::map<std::string, std::string> parameters;  ///< sized binary literals by the parameters' names in the RTL
  /// number of instances inside one instance of this part, by part name
  std::map<std::string, std::size_t> children;
  std::size_t instances = 0;  ///< how many there are in the whole unit
  /// It carries the attribute memory_macro: it is not mapped (sim/synthesis/macros.hpp), and has its ports here.
  bool macro = false;
  std::vector<PartPort> ports = {};
};

/// Returns the parts of the design that `write_json` gave, the top first, each after its parents. A module is a part
/// when it is the top, when `is_unit` says so, or when it carries the attribute keep_hierarchy; every other module is
/// flattened into its part.
std::vector<Part> parts_of(const nlohmann::json& design, const std::function<bool(std::string_view)>& is_unit);

/// Returns the value of a sized binary literal.
long long literal_value(const std::string& literal);

/// Counts the instances by cell type in the top module of a mapped design.
std::map<std::string, std::size_t> cell_counts(const nlohmann::json& design);

/// Writes the top module as structural Verilog that Debian's sta reads, with assigns of single bits only and with
/// constants in place. The module is called `name`; `rename` gives the module name of a cell type.
std::string structural_verilog(const nlohmann::json& design, const std::string& name,
                               const std::function<std::string(const std::string&)>& rename);

}  // namespace subbyte::sim
