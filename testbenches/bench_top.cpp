#include <string>
#include <vector>

#include "testbenches/rtl_library.hpp"

namespace subbyte::testbenches {
namespace {

std::string range(unsigned bits) { return bits == 1 ? "" : "[" + std::to_string(bits - 1) + ":0]"; }

/// One wire per element of every field, named in_<field>_<element> or out_<field>_<element>.
std::string field_wires(const kernels::BeatShape& shape, const std::string& side, const std::string& bus) {
  std::string text;
  unsigned at = 0;
  for (const auto& field : shape.fields()) {
    for (unsigned i = 0; i < field.count; ++i) {
      const std::string name = side + "_" + field.name + (field.count > 1 ? "_" + std::to_string(i) : "");
      // A bus of one bit is a scalar.
      const std::string select = "[" + std::to_string(at) + " +: " + std::to_string(field.bits) + "]";
      text += "  wire " + range(field.bits) + " " + name + " = " + bus + (shape.bits() > 1 ? select : "") + ";\n";
      at += field.bits;
    }
  }
  return text;
}

std::string passed_parameters(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  std::string text;
  for (const auto& spec : unit.parameters)
    text += (text.empty() ? "." : ", .") + spec.rtl_name + "(" + std::to_string(parameters.at(spec.name)) + ")";
  return " #(" + text + ")";
}

struct Port {
  std::string name;
  unsigned bits;
};

}  // namespace

std::string bench_top(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, bool mutants,
                      bool netlist) {
  const auto in = unit.input_shape(parameters);
  const auto out = unit.output_shape(parameters);
  std::vector<Port> inputs{{"in_valid", 1}, {"in_data", in.bits()}, {"out_ready", 1}};
  if (unit.has_config) {
    inputs.push_back({"cfg_valid", 1});
    inputs.push_back({"cfg_addr", 8});
    inputs.push_back({"cfg_data", 32});
  }
  std::string ports = "  input logic clk_i,\n  input logic rst_ni,\n";
  std::string registers;
  std::string loads;
  for (const auto& port : inputs) {
    ports += "  input logic " + range(port.bits) + " next_" + port.name + "_i,\n";
    registers += "  logic " + range(port.bits) + " " + port.name + "_i;\n";
    loads += "    " + port.name + "_i <= next_" + port.name + "_i;\n";
  }
  if (mutants) ports += "  input logic [15:0] mutant_i,\n";
  ports +=
      "  output logic in_ready_o,\n  output logic out_valid_o,\n  output logic " + range(out.bits()) + " out_data_o\n";
  return "module " + unit.name + "_bench (\n" + ports + ");\n" + registers + "  always_ff @(posedge clk_i) begin\n" +
         loads + "  end\n  " + unit.name + (mutants || netlist ? std::string() : passed_parameters(unit, parameters)) +
         " dut (.*);\n" + field_wires(in, "in", "in_data_i") + field_wires(out, "out", "out_data_o") + "endmodule\n";
}

}  // namespace subbyte::testbenches
