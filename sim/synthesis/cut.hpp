// A part with everything that holds state taken out. Registers and instances of other parts become inputs and outputs
// of combinational logic, named alike in the RTL and in the netlist, so that an equivalence checker of circuits is
// enough.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/cells/cell_library.hpp"
#include "sim/netlist/structural_verilog.hpp"
#include "sim/synthesis/yosys_json.hpp"

namespace subbyte::sim {

/// The ends of the names of outputs that say when a netlist's register is cleared or preset, which the RTL never does.
inline constexpr const char* kClear = ".clear";
inline constexpr const char* kPreset = ".preset";

/// Collects combinational logic and writes it in BLIF.
class CutLogic {
 public:
  void input(const std::string& name, const std::string& signal);
  void output(const std::string& name, const std::string& signal);
  /// Adds a register: `signal` is what it gives, and its data and clock become outputs.
  void add_register(const std::string& name, const std::string& signal, const std::string& data,
                    const std::string& clock);
  void constant(const std::string& signal, bool value);
  void copy(const std::string& signal, const std::string& from, bool inverted);
  /// Adds the steps of a Liberty function; the value of the last one is `signal`.
  void function(const std::string& signal, const std::string& expression, const std::vector<std::string>& names,
                const std::vector<std::string>& signals);
  void gate_and(const std::string& signal, const std::string& a, const std::string& b);

  const std::set<std::string>& inputs() const { return inputs_; }
  const std::set<std::string>& outputs() const { return outputs_; }
  const std::set<std::string>& registers() const { return registers_; }
  /// Writes BLIF. `inputs` and `outputs` are the names that the model gets; an input that this logic lacks is unused.
  std::string blif(const std::set<std::string>& inputs, const std::set<std::string>& outputs) const;

 private:
  std::set<std::string> inputs_, outputs_, registers_;
  std::string text_;
  std::size_t temporaries_ = 0;
};

// These are the names of cut points that both sides form alike.
std::string bit_name(const std::string& port, std::size_t bit);
std::string child_pin(const std::string& part, std::size_t index, const std::string& pin, std::size_t bit);

/// Gives the direction of each child's ports by the name of the part; true stands for an input.
using ChildPorts = std::map<std::string, std::map<std::string, bool>>;
/// Returns the ports of the black boxes in a design that yosys wrote.
ChildPorts child_ports(const nlohmann::json& design, const Part& part, const std::vector<Part>& parts);

/// Cuts the RTL of a part, as yosys writes it in $_AND_, $_NOT_ and $_DFF_P_ cells. A register that has a name among
/// `registers` gets that name. Throws std::runtime_error for another cell.
CutLogic cut_rtl(const nlohmann::json& design, const Part& part, const std::vector<Part>& parts,
                 const std::set<std::string>& registers);

/// Cuts the mapped netlist of a part. A register is named after what it stores. Throws std::invalid_argument for a
/// latch.
CutLogic cut_netlist(const VerilogModule& module, const CellLibrary& library, const ChildPorts& children);

}  // namespace subbyte::sim
