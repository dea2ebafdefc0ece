#include <string>

#include "testbenches/rtl_library.hpp"

namespace subbyte::testbenches {
namespace {

std::string range(unsigned bits) { return "[" + std::to_string(bits - 1) + ":0]"; }

/// One wire per element of every field, named in_<field>_<element> or out_<field>_<element>.
std::string field_wires(const kernels::BeatShape& shape, const std::string& side, const std::string& bus) {
  std::string text;
  unsigned at = 0;
  for (const auto& field : shape.fields()) {
    for (unsigned i = 0; i < field.count; ++i) {
      const std::string name = side + "_" + field.name + (field.count > 1 ? "_" + std::to_string(i) : "");
      text += "  wire " + range(field.bits) + " " + name + " = " + bus + "[" + std::to_string(at) + " +: " +
              std::to_string(field.bits) + "];\n";
      at += field.bits;
    }
  }
  return text;
}

}  // namespace

std::string wave_top(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  const auto in = unit.input_shape(parameters);
  const auto out = unit.output_shape(parameters);
  std::string passed;
  std::string instance;
  for (const auto& spec : unit.parameters) {
    passed += std::string(passed.empty() ? "" : ",\n") + "  parameter int unsigned " + spec.rtl_name + " = " +
              std::to_string(parameters.at(spec.name));
    instance += (instance.empty() ? "." : ", .") + spec.rtl_name + "(" + spec.rtl_name + ")";
  }
  std::string text = "module " + unit.name + "_waves #(\n" + passed + "\n) (\n  input logic clk_i,\n  input logic rst_ni,\n";
  if (unit.has_config)
    text += "  input logic cfg_valid_i,\n  input logic [7:0] cfg_addr_i,\n  input logic [31:0] cfg_data_i,\n";
  text += "  input logic in_valid_i,\n  output logic in_ready_o,\n  input logic " + range(in.bits()) +
          " in_data_i,\n  output logic out_valid_o,\n  input logic out_ready_i,\n  output logic " + range(out.bits()) +
          " out_data_o\n);\n";
  text += "  " + unit.name + " #(" + instance + ") dut (.*);\n";
  text += field_wires(in, "in", "in_data_i") + field_wires(out, "out", "out_data_o");
  return text + "endmodule\n";
}

}  // namespace subbyte::testbenches
