// Tests the Liberty reader: what it takes, what it refuses and where, and how it recognises cells by their function.
#include <gtest/gtest.h>

#include <string>

#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/cell_library.hpp"
#include "sim/cells/liberty_file.hpp"
#include "sim/cells/liberty_function.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kLibrary = R"LIB(/* a comment with { */
library (tiny) {
  time_unit : "10ps";
  capacitive_load_unit (0.5, pf);
  nom_process : 1; nom_voltage : 9; nom_temperature : 99;
  default_operating_conditions : slow;
  default_wire_load : "huge";
  operating_conditions (slow) { process : 1.5; voltage : 0.9; temperature : -40; }
  cell (NOT_BIG) { area : 9; pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "A'"; } }
  cell (NOT) { area : 3; pin (A) { direction : input; capacitance : 0.25;
      timing () { values ("1, 2", \
                          "3 } {, 4"); } }
    pin (Y) { direction : output; function : "(!A)"; } }
  cell (BUF) { area : 4; pin (A) { direction : input; } pin (Y) { direction : output; function : "A"; } }
  cell (OR_INV) { area : 5; pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "!A | (B)'"; } }
  cell (NOR) { area : 1; pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "!(A+B)"; } }
  cell (FLOP) { area : 20; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "!R"; }
    pin (D) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
}
)LIB";

class LibertyTest : public testing::Test {
 protected:
  LibertyTest() : scratch_(std::filesystem::temp_directory_path()) {}
  std::filesystem::path file(const std::string& text) const {
    write_atomically(scratch_.path() / "l.lib", text);
    return scratch_.path() / "l.lib";
  }
  std::string error_of(const std::string& text) const {
    try {
      read_cell_library(file(text));
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  ScratchFolder scratch_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(LibertyTest, ReadsCornerUnitsAndCells) {
  const CellLibrary library = read_cell_library(file(kLibrary));
  EXPECT_EQ(library.name, "tiny");
  EXPECT_EQ(library.corner, "slow");
  EXPECT_DOUBLE_EQ(library.voltage_v, 0.9);
  EXPECT_DOUBLE_EQ(library.temperature_c, -40);
  EXPECT_DOUBLE_EQ(library.process, 1.5);
  EXPECT_DOUBLE_EQ(library.time_unit_ns, 0.01);
  EXPECT_DOUBLE_EQ(library.capacitance_unit_ff, 500);
  ASSERT_EQ(library.cells.size(), 6U);
  EXPECT_DOUBLE_EQ(library.find("NOT")->pins[0].capacitance_ff, 125);
  EXPECT_TRUE(library.find("FLOP")->flip_flop);
  EXPECT_EQ(library.find("FLOP")->clear, "!R");
  EXPECT_EQ(library.find("MISSING"), nullptr);
}

TEST_F(LibertyTest, FindsTheSmallestCellByWhatItComputes) {
  const CellLibrary library = read_cell_library(file(kLibrary));
  EXPECT_EQ(smallest_inverter(library).name, "NOT");
  EXPECT_EQ(smallest_buffer(library).name, "BUF");
  EXPECT_EQ(smallest_nand2(library).name, "OR_INV");
  const CellLibrary without = read_cell_library(file(replaced(kLibrary, "!A | (B)'", "A B")));
  EXPECT_THROW(smallest_nand2(without), InputError);
}

TEST_F(LibertyTest, TruthTables) {
  const std::vector<std::string> abc{"A", "B", "C"};
  EXPECT_EQ(truth_table("A B + C'", abc), 0x8FU);
  EXPECT_EQ(truth_table("A ^ B & C", abc), 0x6AU);
  EXPECT_EQ(truth_table("(A+B)' | 1 & !C''", abc), 0x1FU);
  EXPECT_THROW(truth_table("A & D", abc), std::invalid_argument);
  EXPECT_THROW(truth_table("(A", abc), std::invalid_argument);
  EXPECT_THROW(truth_table("A )", abc), std::invalid_argument);
}

TEST_F(LibertyTest, PreparedTextLosesOnlyDefaultWireLoads) {
  const CellLibrary library = read_cell_library(file(kLibrary));
  EXPECT_EQ(*library.text, kLibrary);
  const std::string text = without_wire_loads(*library.text);
  EXPECT_EQ(text, replaced(kLibrary, "  default_wire_load : \"huge\";\n", ""));
}

TEST_F(LibertyTest, GzipGivesTheSameLibrary) {
  const auto path = file(kLibrary);
  const CellLibrary plain = read_cell_library(path);
  ASSERT_EQ(run_program({"gzip", "-k", path.string()}).status, 0);
  const CellLibrary packed = read_cell_library(path.string() + ".gz");
  EXPECT_EQ(packed.hash, plain.hash);
  EXPECT_EQ(packed.cells.size(), plain.cells.size());
  EXPECT_EQ(*packed.text, kLibrary);
  std::string broken = read_text(path.string() + ".gz");
  broken.resize(broken.size() / 2);
  write_atomically(path.string() + ".gz", broken);
  EXPECT_THROW(read_cell_library(path.string() + ".gz"), InputError);
}

TEST_F(LibertyTest, RefusesWhatIsNotALibraryWithItsPlace) {
  EXPECT_NE(error_of("hello world").find("line 1: found 'hello', expected 'library (NAME) {'"), std::string::npos);
  EXPECT_NE(error_of("").find("expected 'library (NAME) {'"), std::string::npos);
  const std::string text = kLibrary;
  EXPECT_NE(error_of(text.substr(0, text.rfind('}'))).find("the file ends inside a group"), std::string::npos);
  EXPECT_NE(error_of(text.substr(0, text.find("capacitance : 0.25"))).find("line 11"), std::string::npos);
  EXPECT_NE(error_of("library (x) { nom_voltage : 1; }").find("has no cells"), std::string::npos);
  EXPECT_NE(error_of(replaced(text, "time_unit : \"10ps\"", "time_unit : \"10 weeks\"")).find("time_unit"),
            std::string::npos);
  EXPECT_NE(error_of(replaced(text, "voltage : 0.9", "voltage : 0")).find("voltage, temperature and process"),
            std::string::npos);
  EXPECT_THROW(read_cell_library(scratch_.path() / "absent.lib"), InputError);
  EXPECT_THROW(read_cell_library(scratch_.path()), InputError);
}

TEST_F(LibertyTest, WrongTablesAreRefusedWhenTheyAreAskedFor) {
  const CellLibrary library = read_cell_library(file(kLibrary));  // its BUF states no capacitance
  EXPECT_EQ(library.find("BUF")->area, 4);
  try {
    library.tables();
    ADD_FAILURE() << "not refused";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), library.path.string() + ": cell BUF: pin A has no capacitance");
  }
  const CellLibrary copy = library;
  EXPECT_THROW(copy.tables(), InputError);
}

TEST_F(LibertyTest, NoPrefixOfALibraryIsAcceptedOrCrashes) {
  const std::string text = kLibrary;
  for (std::size_t length = 0; length < text.rfind('}'); length += 3) {
    EXPECT_NE(error_of(text.substr(0, length)), "no error") << length;
  }
}

}  // namespace
}  // namespace subbyte::sim
