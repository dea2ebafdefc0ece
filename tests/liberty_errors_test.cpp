// A cell library that cannot tell an area, a delay or an energy: an error on the command line that names what
// is missing, never a zero.
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/byte_files.hpp"

namespace subbyte::tests {
namespace {

std::string table(const std::string& kind, const std::string& first, const std::string& second) {
  return kind + " { values (\"" + first + ", " + second + "\", \"" + second + ", 0.3\"); } ";
}

std::string timing(const std::string& pin, const std::string& sense) {
  return "timing () { related_pin : \"" + pin + "\"; timing_sense : " + sense + "; " +
         table("cell_rise (t)", "0.1", "0.2") + table("cell_fall (t)", "0.1", "0.2") +
         table("rise_transition (t)", "0.05", "0.1") + table("fall_transition (t)", "0.05", "0.1") + "}\n";
}

std::string power(const std::string& pin) {
  return "internal_power () { related_pin : \"" + pin + "\"; " + table("rise_power (t)", "0.01", "0.02") +
         table("fall_power (t)", "0.01", "0.02") + "}\n";
}

std::string gate(const std::string& name, const std::string& function, const std::vector<std::string>& pins,
                 const std::string& sense) {
  std::string text =
      "  cell (" + name + ") { area : " + std::to_string(pins.size() + 1) + "; cell_leakage_power : 2;\n";
  std::string arcs;
  for (const std::string& pin : pins) {
    text += "    pin (" + pin + ") { direction : input; capacitance : 2; }\n";
    arcs += timing(pin, sense) + power(pin);
  }
  return text + "    pin (Y) { direction : output; max_capacitance : 100; function : \"" + function +
         "\";\n" + arcs + "} }\n";
}

/// Two templates of one name: delays stand on the one, energies on the other.
std::string whole_library() {
  return R"(library (handmade) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  nom_voltage : 1; nom_temperature : 25; nom_process : 1;
  lu_table_template (t) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 10"); }
  power_lut_template (t) { variable_1 : input_transition_time; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 10"); }
)" + gate("INV", "!A", {"A"}, "negative_unate") +
         gate("BUF", "A", {"A"}, "positive_unate") + gate("NAND", "!(A & B)", {"A", "B"}, "negative_unate") +
         "}\n";
}

std::string without(std::string text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  EXPECT_NE(at, std::string::npos) << begin;
  return text.erase(at, text.find(end, at) + end.size() - at);
}

std::string everywhere(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

class LibertyErrors : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) {
    const std::string command = "cd '" + directory.path().string() +
                                "' && '" SUBBYTE_BINARY_DIR "/subbyte' " + arguments + " >out.txt 2>err.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_bytes(directory / "out.txt"),
            read_bytes(directory / "err.txt")};
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / name, std::ios::binary) << text;
  }

  /// Refused with every one of the texts, with nothing on stdout and no file.
  void expect_refused(const std::string& arguments, const std::vector<std::string>& texts) {
    SCOPED_TRACE(arguments);
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    for (const std::string& text : texts)
      EXPECT_NE(outcome.err.find(text), std::string::npos) << text << " in: " << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(directory / "written"));
  }
  TemporaryDirectory directory;
};

constexpr const char* kEnergy =
    "energy --unit ternary34_unpack --format ternary --glitches no --json --record written --liberty ";
constexpr const char* kSynth = "synth --unit ternary34_unpack --json --out written --liberty ";

TEST_F(LibertyErrors, TheWholeLibraryIsGood) {
  write("good.lib", whole_library());
  const Outcome outcome = run(std::string(kEnergy) + "good.lib");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  double energy = 0;
  for (const auto& metric : nlohmann::json::parse(outcome.out)["metrics"]) {
    if (metric["name"].get<std::string>().find("energy") != std::string::npos && metric["value"].is_number())
      energy = std::max(energy, metric["value"].get<double>());
  }
  EXPECT_GT(energy, 0) << outcome.out;
  EXPECT_EQ(run(std::string(kSynth) + "good.lib").status, 0);
}

TEST_F(LibertyErrors, AFileThatIsNoLibrary) {
  write("text.lib", "this is no library\n");
  write("empty.lib", "");
  write("open.lib", whole_library().substr(0, 700));
  write("cut.lib.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", 12));
  write("none.lib", "library (none) { nom_voltage : 1; }\n");
  std::filesystem::create_directory(directory / "folder.lib");
  struct Case {
    const char* file;
    std::vector<std::string> texts;
  };
  const std::vector<Case> cases{
      {"absent.lib", {"absent.lib: ", "cannot be read, expected a Liberty cell library"}},
      {"folder.lib", {"folder.lib: ", "cannot be read, expected a Liberty cell library"}},
      {"text.lib", {"text.lib: line 1: found 'this', expected 'library (NAME) {'"}},
      {"empty.lib", {"empty.lib: line 1: found '', expected 'library (NAME) {'"}},
      {"open.lib", {"open.lib: line ", "expected"}},
      {"cut.lib.gz", {"cut.lib.gz: gzip cannot unpack it: ", "unexpected end of file"}},
      {"none.lib", {"none.lib: library 'none': has no cells"}},
  };
  for (const Case& each : cases) {
    expect_refused(std::string(kEnergy) + each.file, each.texts);
    expect_refused(std::string(kSynth) + each.file, each.texts);
  }
}

TEST_F(LibertyErrors, ALibraryThatCannotTellAnArea) {
  const std::string good = whole_library();
  struct Case {
    std::string text;
    std::vector<std::string> texts;
  };
  const std::vector<Case> cases{
      {without(good, "nom_voltage", ";"), {"names no voltage, temperature and process"}},
      {everywhere(good, "nom_voltage : 1", "nom_voltage : high"),
       {"line ", "library: nom_voltage is 'high', expected a finite number"}},
      {without(good, "time_unit", ";"), {"time_unit"}},
      {everywhere(good, "area : 3", "area : nan"),
       {"line ", "cell NAND: area is 'nan', expected a finite number"}},
      {everywhere(good, "area : 3;", ""), {"has no two-input NAND"}},
      {everywhere(good, "cell (NAND)", "cell (INV)"), {"cell INV: is defined twice"}},
      {everywhere(good, "pin (B)", "pin (A)"), {"cell NAND has pin A twice"}},
      {everywhere(good, "capacitance : 2;", "capacitance : two;"),
       {"line ", "cell INV pin A: capacitance is 'two'"}},
  };
  for (const Case& each : cases) {
    write("bad.lib", each.text);
    expect_refused(std::string(kEnergy) + "bad.lib", each.texts);
    expect_refused(std::string(kSynth) + "bad.lib", each.texts);
  }
}

TEST_F(LibertyErrors, ALibraryThatCannotTellAnEnergy) {
  const std::string good = whole_library();
  const std::string nand = good.substr(good.find("  cell (NAND)"));
  const auto with_nand = [&](const std::string& text) {
    return good.substr(0, good.find("  cell (NAND)")) + text;
  };
  struct Case {
    std::string text;
    std::vector<std::string> texts;
  };
  const std::vector<Case> cases{
      {everywhere(good, "internal_power", "other_power"), {"has no internal_power tables"}},
      {with_nand(everywhere(nand, "internal_power", "other_power")), {"cell NAND has no internal_power"}},
      {with_nand(without(nand, "cell_leakage_power", ";")),
       {"cell NAND has no leakage, expected cell_leakage_power or leakage_power"}},
      {without(good, "leakage_power_unit", ";"),
       {"cell INV: has leakage, but the library no leakage_power_unit"}},
      {everywhere(good, "voltage_unit : \"1V\"", "voltage_unit : \"0V\""), {"voltage"}},
      {with_nand(everywhere(nand, "rise_power (t)", "rise_power (u)")), {"cell NAND: no table template 'u'"}},
      {with_nand(everywhere(nand, "\"0.01, 0.02\"", "\"0.01\"")),
       {"cell NAND: rise_power has 3 values, expected 2 x 2"}},
      {with_nand(everywhere(nand, "0.01", "inf")), {"cell NAND: 'inf' is no finite number"}},
      {everywhere(good, "capacitance : 2;", ""), {"cell INV: pin A has no capacitance"}},
  };
  for (const Case& each : cases) {
    write("bad.lib", each.text);
    expect_refused(std::string(kEnergy) + "bad.lib", each.texts);
  }
}

TEST_F(LibertyErrors, AUnitThatTheLibraryCannotHold) {
  write("gates.lib", whole_library());  // no flip-flop
  for (const char* command : {"energy --unit term_encoder --record written --liberty ",
                              "synth --unit term_encoder --out written --liberty "})
    expect_refused(std::string(command) + "gates.lib",
                   {"library 'handmade': has no cell for ", "flip-flop", "its flip-flops: none"});
  expect_refused("simulate --design configs --synth --technology absent.lib --record written", {});
}

// Tables of one number, as some libraries have for tied or unloaded pins, count with that number.
TEST_F(LibertyErrors, ScalarEnergiesCount) {
  std::string text = everywhere(whole_library(), "rise_power (t)", "rise_power (scalar)");
  text = everywhere(text, "fall_power (t)", "fall_power (scalar)");
  write("scalar.lib", everywhere(text, "\"0.01, 0.02\", \"0.02, 0.3\"", "\"5\""));
  write("table.lib", everywhere(whole_library(), "\"0.01, 0.02\", \"0.02, 0.3\"", "\"5, 5\", \"5, 5\""));
  const Outcome scalar = run(std::string(kEnergy) + "scalar.lib");
  std::filesystem::remove_all(directory / "written");
  const Outcome table = run(std::string(kEnergy) + "table.lib");
  ASSERT_EQ(scalar.status, 0) << scalar.err;
  ASSERT_EQ(table.status, 0) << table.err;
  const auto metrics = [](const Outcome& outcome) {
    std::vector<double> values;
    for (const auto& metric : nlohmann::json::parse(outcome.out)["metrics"])
      if (metric["value"].is_number()) values.push_back(metric["value"].get<double>());
    return values;
  };
  EXPECT_EQ(metrics(scalar), metrics(table));
  EXPECT_FALSE(metrics(scalar).empty());
}

}  // namespace
}  // namespace subbyte::tests
