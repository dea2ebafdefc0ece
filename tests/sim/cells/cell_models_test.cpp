// Tests models of library cells against the vendor's own Verilog models in Icarus, and that what has no model is
// refused.
#include "sim/cells/cell_models.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/liberty_function.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
constexpr const char* kLiberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr const char* kVendorModels = "/usr/share/qflow/tech/osu018/osu018_stdcells.v";

LibertyPin pin(const std::string& name, bool input, const std::string& function = "") {
  LibertyPin made;
  made.name = name;
  made.input = input;
  made.output = !input;
  made.function = function;
  return made;
}

/// Returns what a simulator prints for a bench.
ProgramOutcome simulated(const std::string& bench, const std::vector<std::string>& files = {}) {
  const ScratchFolder scratch(fs::temp_directory_path());
  write_atomically(scratch.path() / "bench.v", bench);
  const std::string program = (scratch.path() / "bench.vvp").string();
  std::vector<std::string> words{
      "iverilog", "-g2001", "-s", "bench", "-o", program, (scratch.path() / "bench.v").string()};
  words.insert(words.end(), files.begin(), files.end());
  const ProgramOutcome built = run_program(words);
  if (built.status != 0) return built;
  return run_program({"vvp", "-n", program});
}

std::set<std::string> modelled_cells(const CellLibrary& library) {
  std::set<std::string> names;
  for (const LibertyCell& cell : library.cells) {
    bool tristate = false;
    for (const LibertyPin& pin : cell.pins) tristate |= !pin.three_state.empty();
    if (!cell.latch && !tristate) names.insert(cell.name);
  }
  return names;
}

/// One input changes per step, at random, so every transition of every cell occurs, and none depends on an order of
/// events. Nothing is compared before every flip-flop was loaded, because models may differ on whether unknown to known
/// is an edge.
std::string comparison_bench(const CellLibrary& library, const std::set<std::string>& cells) {
  std::string instances, checks;
  for (const std::string& name : cells) {
    std::string pins;
    unsigned input = 0;
    for (const LibertyPin& pin : library.find(name)->pins)
      pins += fmt::format(", .{}({})", pin.name,
                          pin.input ? fmt::format("v[{}]", input++) : fmt::format("{{}}_{}", pin.name));
    for (const char* side : {"ours", "theirs"}) {
      std::string connected = pins.substr(2);
      const std::string wire = fmt::format("{}_{}", side, name);
      for (const LibertyPin& pin : library.find(name)->pins)
        if (pin.output) instances += fmt::format("  wire {}_{};\n", wire, pin.name);
      for (std::size_t at; (at = connected.find("{}")) != std::string::npos;) connected.replace(at, 2, wire);
      instances +=
          fmt::format("  {}{} i_{} ({});\n", side == std::string("ours") ? "ours_" : "", name, wire, connected);
    }
    for (const LibertyPin& pin : library.find(name)->pins) {
      if (pin.output)
        checks += fmt::format(
            "      if (ours_{0}_{1} !== theirs_{0}_{1}) $display(\"{0} {1}: %b, %b with %b\", ours_{0}_{1}, "
            "theirs_{0}_{1}, v);\n",
            name, pin.name);
    }
  }
  return fmt::format(
      "module bench;\n  reg [3:0] v;\n{}  integer i;\n  initial begin\n    v = 0;\n"
      "    for (i = 0; i < 4000; i = i + 1) begin\n"
      "      #1 v[$random & 3] = $random;\n      #1;\n      if (i > 100) begin\n{}      end\n    end\n"
      "    $display(\"done\");\n  end\nendmodule\n",
      instances, checks);
}

std::string renamed(std::string models) {
  for (std::size_t at = 0; (at = models.find("module ", at)) != std::string::npos; at += 7)
    if (at == 0 || models[at - 1] == '\n') models.insert(at + 7, "ours_");
  return models;
}

TEST(CellModels, EqualTheVendorsModels) {
  const CellLibrary library = read_cell_library(kLiberty);
  const std::set<std::string> cells = modelled_cells(library);
  EXPECT_GE(cells.size(), 29U);
  EXPECT_TRUE(cells.contains("DFFSR"));
  EXPECT_TRUE(cells.contains("FAX1"));
  const std::string bench = comparison_bench(library, cells);
  const std::string models = cell_models(library, cells);
  const ProgramOutcome outcome = simulated(bench + renamed(models), {kVendorModels});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_EQ(outcome.output, "done\n") << outcome.error;

  // The comparison finds another function and another edge.
  CellLibrary wrong = library;
  for (LibertyCell& cell : wrong.cells) {
    if (cell.name == "AOI21X1") cell.pins.back().function = "(!((A+B)+C))";
    if (cell.name == "DFFPOSX1") cell.clocked_on = "(!CLK)";
  }
  const ProgramOutcome found = simulated(bench + renamed(cell_models(wrong, cells)), {kVendorModels});
  EXPECT_NE(found.output.find("AOI21X1 Y:"), std::string::npos) << found.output.substr(0, 500) << found.error;
  EXPECT_NE(found.output.find("DFFPOSX1 Q:"), std::string::npos) << found.output.substr(0, 500) << found.error;
}

TEST(CellModels, FlipFlopWithEnableClearPresetAndBothOutputs) {
  CellLibrary library;
  LibertyCell cell;
  cell.name = "FLOP";
  cell.flip_flop = true;
  cell.state = {"IQ", "IQN"};
  cell.next_state = "E D + E' IQ";
  cell.clocked_on = "CK & G";
  cell.clear = "!R";
  cell.preset = "S";
  cell.clear_preset = "HL";
  for (const char* name : {"CK", "G", "D", "E", "R", "S"}) cell.pins.push_back(pin(name, true));
  cell.pins.push_back(pin("Q", false, "IQ"));
  cell.pins.push_back(pin("QN", false, "IQN"));
  library.cells.push_back(cell);
  const std::string bench = R"V(module bench;
  reg ck, g, d, e, r, s;
  wire q, qn;
  FLOP dut (.CK(ck), .G(g), .D(d), .E(e), .R(r), .S(s), .Q(q), .QN(qn));
  initial begin
    {ck, g, d, e, r, s} = 6'b001110;
    #1 g = 1; #1 ck = 1; #1 $write("%b%b ", q, qn);              // loads 1
    ck = 0; d = 0; e = 0; #1 ck = 1; #1 $write("%b%b ", q, qn);  // not enabled: stays 1
    ck = 0; e = 1; g = 0; #1 ck = 1; #1 $write("%b%b ", q, qn);  // not clocked: stays 1
    #1 g = 1; #1 $write("%b%b ", q, qn);                         // the gate's edge loads 0
    s = 1; #1 $write("%b%b ", q, qn);                            // preset: 1
    r = 0; #1 $write("%b%b ", q, qn);                            // both: H and L
    s = 0; #1 $write("%b%b ", q, qn);                            // clear alone: 0
    s = 1; #1 r = 1; #1 $write("%b%b ", q, qn);                  // from both to preset alone: 1
    ck = 0; #1 ck = 1; #1 $write("%b%b ", q, qn);                // an edge under preset: stays 1
    s = 0; #1 $write("%b%b\n", q, qn);                           // released: keeps 1
  end
endmodule
)V";
  const ProgramOutcome outcome = simulated(bench + cell_models(library, {"FLOP"}));
  EXPECT_EQ(outcome.output, "10 10 10 01 10 10 01 10 10 10\n") << outcome.error;
}

std::string refusal(const CellLibrary& library, const std::string& cell) {
  try {
    cell_models(library, {cell});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CellModels, RefuseWhatTheyCannotModel) {
  CellLibrary library = read_cell_library(kLiberty);
  const std::string file = kLiberty;
  EXPECT_EQ(refusal(library, "NAND9"), file + ": cell 'NAND9': is not in library 'osu018_stdcells'");
  const std::string expected = "; expected functions of its pins or one flip-flop";
  EXPECT_EQ(refusal(library, "LATCH"), file + ": cell 'LATCH': cannot be modelled: it is a latch" + expected);
  EXPECT_EQ(refusal(library, "TBUFX1"),
            file + ": cell 'TBUFX1': cannot be modelled: its output Y has three states" + expected);
  for (LibertyCell& cell : library.cells) {
    if (cell.name == "INVX1") cell.pins.back().function = "(!Z)";
    if (cell.name == "INVX2") cell.pins.back().function.clear();
    if (cell.name == "DFFSR") cell.clear = "R +";
    if (cell.name == "DFFPOSX1") cell.next_state.clear();
    if (cell.name == "INVX4") cell.pins.front().input = false;
  }
  EXPECT_EQ(refusal(library, "INVX1"),
            file + ": cell 'INVX1': cannot be modelled: cannot read the function '(!Z)'" + expected);
  EXPECT_EQ(refusal(library, "INVX2"),
            file + ": cell 'INVX2': cannot be modelled: its output Y has no function" + expected);
  EXPECT_EQ(refusal(library, "DFFSR"),
            file + ": cell 'DFFSR': cannot be modelled: cannot read the function 'R +'" + expected);
  EXPECT_EQ(refusal(library, "DFFPOSX1"),
            file + ": cell 'DFFPOSX1': cannot be modelled: it is not one flip-flop with next_state and clocked_on" +
                expected);
  EXPECT_EQ(refusal(library, "INVX4"),
            file + ": cell 'INVX4': cannot be modelled: its pin A is neither input nor output" + expected);
}

TEST(CellModels, AFunctionOfManyPinsIsNoTable) {
  EXPECT_EQ(verilog_expression("A1 B1+!(C1^D1)'", {"A1", "B1", "C1", "D1"}), "((A1 & B1) | (~(~(C1 ^ D1))))");
  EXPECT_EQ(verilog_expression("a*b*c*d*e*f*g + 1", {"a", "b", "c", "d", "e", "f", "g"}),
            "(((((((a & b) & c) & d) & e) & f) & g) | 1'b1)");
}

}  // namespace
}  // namespace subbyte::sim
