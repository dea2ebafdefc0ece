// Tests netlists whose every output beat is right and that stop handing them over: the run beside the golden function
// must find them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "kernels/catalogue.hpp"
#include "sim/base/process.hpp"
#include "sim/engines/netlist_check.hpp"
#include "sim/netlist/gate_simulator.hpp"
#include "sim/netlist/structural_verilog.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;

class NetlistHangTest : public testing::Test {
 protected:
  NetlistHangTest()
      : scratch_(std::filesystem::temp_directory_path()),
        library_(read_cell_library("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")) {}
  ScratchFolder scratch_;
  CellLibrary library_;
};

/// Makes the netlist a child of a unit that holds `gate` once the bits of an output beat are all ones, until reset.
/// From then on the port stays low, and with in_ready_o the unit is offered nothing.
std::string hanging(const std::string& verilog, const std::string& unit, const std::string& gate, unsigned bits) {
  const VerilogModule module = parse_structural_verilog(verilog).at(unit);
  std::string inner = verilog, list, ports, pins;
  for (std::size_t at = inner.find("module " + unit + " "); at != std::string::npos;
       at = inner.find("module " + unit + " ", at + 9))
    inner.replace(at + 7, unit.size(), "inner");
  for (const VerilogPort& port : module.ports) {
    list += (list.empty() ? "" : ", ") + port.name;
    ports += std::string(port.input ? "  input " : "  output ") +
             (port.width > 1 ? "[" + std::to_string(port.width - 1) + ":0] " : "") + port.name + ";\n";
    std::string net;
    for (unsigned i = port.width; i-- > 0;) net += (net.empty() ? "" : ", ") + port.bit(i);
    if (port.width > 1) net = "{" + net + "}";
    if (net == gate || net == "out_valid_o") net = "given_" + net;
    if (net == "in_valid_i" && gate == "in_ready_o") net = "offered";
    pins += (pins.empty() ? "." : ", .") + port.name + "(" + net + ")";
  }
  std::string body;
  for (const char* net : {"given_out_valid_o", "given_in_ready_o", "offered", "hang", "alive", "next", "either"})
    body += std::string("  wire ") + net + ";\n";
  body += "  inner u0 (" + pins + ");\n";
  std::string last = "given_out_valid_o";
  for (unsigned i = 0; i < bits; ++i) {
    const std::string net = "all" + std::to_string(i);
    body += "  wire " + net + ";\n  AND2X2 a" + std::to_string(i) + " (.A(" + last + "), .B(out_data_o[" +
            std::to_string(i) + "]), .Y(" + net + "));\n";
    last = net;
  }
  body += "  OR2X2 u1 (.A(" + last +
          "), .B(hang), .Y(either));\n  AND2X2 u2 (.A(either), .B(rst_ni), .Y(next));\n"
          "  DFFPOSX1 u3 (.CLK(clk_i), .D(next), .Q(hang));\n  INVX1 u4 (.A(hang), .Y(alive));\n"
          "  AND2X2 u5 (.A(given_" +
          gate + "), .B(alive), .Y(" + gate + "));\n";
  if (gate == "in_ready_o")
    body +=
        "  AND2X2 u6 (.A(in_valid_i), .B(alive), .Y(offered));\n"
        "  AND2X2 u7 (.A(given_out_valid_o), .B(1'b1), .Y(out_valid_o));\n";
  return inner + "module " + unit + " (" + list + ");\n" + ports + body + "endmodule\n";
}

// Every beat that such a netlist hands over is right, so it is the beats that do not come that must be missed.
TEST_F(NetlistHangTest, AUnitThatHangsAfterRightBeatsIsFound) {
  CheckOptions options;
  options.lanes = 4 * kGateLanes;
  const std::vector<std::pair<std::string, kernels::Parameters>> cases{
      {"group_dequant", {{"mantissa_width", 12}}}, {"nvfp4_dot", {{"block", 8}}}, {"fp4_dequant", {{"lanes", 2}}}};
  for (const auto& [name, given] : cases) {
    const auto& unit = kernels::unit(name);
    const auto parameters = kernels::resolve(unit, given);
    SynthesisOptions synthesis;
    synthesis.cache = scratch_.path();
    const std::string verilog = map_netlist(kernels::unit(name), parameters, library_, synthesis).verilog;
    const SimulationCheck right = simulate_check(unit, parameters, verilog, library_, options);
    EXPECT_TRUE(right.equal()) << right.first;
    EXPECT_GT(right.timed, 8U);
    for (const char* gate : {"out_valid_o", "in_ready_o"}) {
      for (const unsigned bits : {0U, 4U}) {  // after the first beat, and in the few windows with such a beat
        SCOPED_TRACE(name + " " + gate + " " + std::to_string(bits));
        const SimulationCheck hangs =
            simulate_check(unit, parameters, hanging(verilog, name, gate, bits), library_, options);
        EXPECT_FALSE(hangs.equal());
        EXPECT_GT(hangs.compared, 0U) << "beats before it hangs are compared";
        EXPECT_THAT(hangs.first, HasSubstr("of the SystemC model")) << "the beats that came are right";
      }
    }
  }
}

TEST_F(NetlistHangTest, HandshakesThatDoNotCrossACombinationalUnitAreFound) {
  const auto& unit = kernels::unit("ternary34_pack");
  const auto parameters = kernels::resolve(unit, {{"groups", 2}});
  SynthesisOptions synthesis;
  synthesis.cache = scratch_.path();
  const std::string verilog = map_netlist(unit, parameters, library_, synthesis).verilog;
  for (const std::string line : {"  assign out_valid_o = in_valid_i;", "  assign in_ready_o = out_ready_i;"}) {
    std::string stuck = verilog;
    const std::size_t at = stuck.find(line);
    ASSERT_NE(at, std::string::npos) << verilog.substr(0, 500);
    stuck.replace(at, line.size(), line.substr(0, line.find('=')) + "= 1'b1;");
    const SimulationCheck run = simulate_check(unit, parameters, stuck, library_, {});
    EXPECT_FALSE(run.equal());
    EXPECT_THAT(run.first, HasSubstr("does not follow"));
  }
}

}  // namespace
}  // namespace subbyte::sim
