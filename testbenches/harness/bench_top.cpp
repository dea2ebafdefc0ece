#include "testbenches/harness/bench_top.hpp"

#include <vector>

namespace subbyte::testbenches {
namespace {

std::string range(unsigned bits) { return bits == 1 ? "" : "[" + std::to_string(bits - 1) + ":0]"; }

/// Makes one wire per element of every field, named in_<field>_<element> or out_<field>_<element>.
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

/// There is one instance for every unit, so that none can go without.
std::string stream_assertions(const BenchTop& top, unsigned in_bits, unsigned out_bits) {
  if (top.mutants) return "";
  return "  stream_sva #(.InWidth(" + std::to_string(in_bits) + "), .OutWidth(" + std::to_string(out_bits) +
         "), .OutFollowsInput(1'b" + (top.unit.combinational || top.unit.output_follows_input ? "1" : "0") +
         ")) u_stream_sva (.*);\n";
}

std::string expected_wires(const kernels::BeatShape& out) {
  return field_wires(out, "expected", "expected_data_i") +
         "  wire mismatch = out_valid_o && expected_valid_i && out_data_o != expected_data_i;\n";
}

}  // namespace

std::string bench_top(const BenchTop& top) {
  const kernels::UnitInfo& unit = top.unit;
  const auto in = unit.input_shape(top.parameters);
  const auto out = unit.output_shape(top.parameters);
  std::vector<Port> inputs{{"in_valid", 1}, {"in_data", in.bits()}, {"out_ready", 1}};
  if (unit.has_config) {
    inputs.push_back({"cfg_valid", 1});
    inputs.push_back({"cfg_addr", 8});
    inputs.push_back({"cfg_data", 32});
  }
  if (top.waves) {
    inputs.push_back({"expected_valid", 1});
    inputs.push_back({"expected_data", out.bits()});
  }
  std::string ports = "  input logic clk_i,\n  input logic rst_ni,\n";
  std::string registers;
  std::string loads;
  for (const auto& port : inputs) {
    ports += "  input logic " + range(port.bits) + " next_" + port.name + "_i,\n";
    registers += "  logic " + range(port.bits) + " " + port.name + "_i;\n";
    loads += "    " + port.name + "_i <= next_" + port.name + "_i;\n";
  }
  if (top.mutants) ports += "  input logic [15:0] mutant_i,\n";
  ports +=
      "  output logic in_ready_o,\n  output logic out_valid_o,\n  output logic " + range(out.bits()) + " out_data_o\n";
  const bool plain = top.mutants || top.netlist;
  return "module " + unit.name + "_bench (\n" + ports + ");\n" + registers + "  always_ff @(posedge clk_i) begin\n" +
         loads + "  end\n  " + unit.name + (plain ? std::string() : passed_parameters(unit, top.parameters)) +
         " dut (.*);\n" + stream_assertions(top, in.bits(), out.bits()) + field_wires(in, "in", "in_data_i") +
         field_wires(out, "out", "out_data_o") + (top.waves ? expected_wires(out) : "") + "endmodule\n";
}

}  // namespace subbyte::testbenches
