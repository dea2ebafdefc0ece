// Tests a cell library that cannot tell an area, a delay or an energy: it is an error on the command line that names
// what is missing, and never a zero.
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>

#include "sim/cells/liberty_file.hpp"
#include "sim/cells/technology.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/run_subbyte.hpp"

namespace subbyte::tests {
namespace {

/// These are three cells of Debian's library, real enough for abc: an inverter, a buffer and a NAND.
std::string whole_library() {
  const std::string all = sim::liberty_text(sim::read_technology("osu018").library.path);
  std::string text = all.substr(0, all.find("\ncell (") + 1);
  for (const char* name : {"INVX1", "BUFX2", "NAND2X1"}) {
    const std::size_t at = all.find(std::string("\ncell (") + name + ")");
    EXPECT_NE(at, std::string::npos) << name;
    text += all.substr(at + 1, all.find("\n}", at) + 2 - at);
  }
  return text + "}\n";
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

class LibertyErrors : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_subbyte(directory, arguments); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / name, std::ios::binary) << text;
  }

  /// Checks that it is refused with every one of the texts, with no result on stdout and no file.
  void expect_refused(const std::string& arguments, const std::vector<std::string>& texts) {
    SCOPED_TRACE(arguments);
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_TRUE(outcome.out.empty() || outcome.out.starts_with(R"({"error":)")) << outcome.out;
    for (const std::string& text : texts)
      EXPECT_NE(outcome.err.find(text), std::string::npos) << text << " in: " << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(directory / "written"));
  }
  TemporaryDirectory directory;
};

constexpr const char* kEnergy =
    "energy --unit ternary34_unpack --format sherry --zero-delay --json --record written --liberty ";
constexpr const char* kSynth = "synth --unit ternary34_unpack --json --out written --liberty ";

/// Returns the largest energy among the metrics of a record.
double most_energy(const std::string& record) {
  const nlohmann::json json = nlohmann::json::parse(record);
  double most = 0;
  for (const auto& metric : json["metrics"]) {
    if (metric["quantity"] == "energy" && metric["value"].is_number())
      most = std::max(most, metric["value"].get<double>());
  }
  return most;
}

TEST_F(LibertyErrors, TheWholeLibraryIsGood) {
  write("good.lib", whole_library());
  const Outcome outcome = run(std::string(kEnergy) + "good.lib");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_GT(most_energy(outcome.out), 0) << outcome.out;
  std::filesystem::remove_all(directory / "written");
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
      {"absent.lib", {"absent.lib: cannot be read: No such file or directory, expected a Liberty cell library"}},
      {"folder.lib", {"folder.lib: is a directory, expected a Liberty cell library"}},
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

/// Returns the library with its NAND's text changed.
std::string with_nand(const std::string& good, const std::function<std::string(std::string)>& change) {
  const std::size_t at = good.find("cell (NAND2X1)");
  return good.substr(0, at) + change(good.substr(at));
}

struct BadLibrary {
  std::string text;
  std::vector<std::string> texts;  ///< of the error
};

TEST_F(LibertyErrors, ALibraryThatCannotTellAnArea) {
  const std::string good = whole_library();
  const auto nand = [&](const std::string& from, const std::string& to) {
    return with_nand(good, [&](const std::string& text) { return everywhere(text, from, to); });
  };
  std::string no_voltage = without(good, "nom_voltage", ";");
  no_voltage = without(no_voltage, "voltage : 1.8", ";");
  const std::vector<BadLibrary> cases{
      {no_voltage, {"names no voltage, temperature and process"}},
      {everywhere(good, "nom_voltage : 1.8", "nom_voltage : high"),
       {"line ", "library: nom_voltage is 'high', expected a finite number"}},
      {without(good, "time_unit", ";"), {"time_unit"}},
      {nand("area : 24", "area : nan"), {"line ", "cell NAND2X1: area is 'nan', expected a finite number"}},
      {nand("area : 24;", ""), {"bad.lib: "}},  // abc does not take it
      {nand("cell (NAND2X1)", "cell (INVX1)"), {"cell INVX1: is defined twice"}},
      {nand("pin(B)", "pin(A)"), {"cell NAND2X1 has pin A twice"}},
      {nand("capacitance : 0.0125;", "capacitance : two;"), {"line ", "cell NAND2X1 pin A: capacitance is 'two'"}},
  };
  for (const BadLibrary& each : cases) {
    write("bad.lib", each.text);
    expect_refused(std::string(kEnergy) + "bad.lib", each.texts);
    expect_refused(std::string(kSynth) + "bad.lib", each.texts);
  }
}

TEST_F(LibertyErrors, ALibraryThatCannotTellAnEnergy) {
  const std::string good = whole_library();
  const auto nand = [&](const std::string& from, const std::string& to) {
    return with_nand(good, [&](const std::string& text) { return everywhere(text, from, to); });
  };
  const std::string no_leakage =
      with_nand(good, [](const std::string& text) { return without(text, "cell_leakage_power", ";"); });
  const std::vector<BadLibrary> cases{
      {everywhere(good, "internal_power", "other_power"), {"has no internal_power tables"}},
      {nand("internal_power", "other_power"), {"cell NAND2X1 has no internal_power"}},
      {no_leakage, {"cell NAND2X1 has no leakage, expected cell_leakage_power or leakage_power"}},
      {without(good, "leakage_power_unit", ";"), {"has leakage, but the library no leakage_power_unit"}},
      {everywhere(good, "voltage_unit : \"1V\"", "voltage_unit : \"0V\""), {"voltage"}},
      {nand("rise_power(energy_template_5x5)", "rise_power(u)"), {"cell NAND2X1: no table template 'u'"}},
      {nand("rise_power(energy_template_5x5)", "rise_power(energy_template_5x5) { values (\"1\"); } x()"),
       {"cell NAND2X1: rise_power has 1 values, expected 5 x 5"}},
      {nand("0.005, 0.0125", "0.005, inf"), {"cell NAND2X1: 'inf' is no finite number"}},
      {without(without(without(good, "capacitance : ", ";"), "rise_capacitance : ", ";"), "fall_capacitance : ", ";"),
       {"cell INVX1: pin A has no capacitance"}},
  };
  for (const BadLibrary& each : cases) {
    write("bad.lib", each.text);
    expect_refused(std::string(kEnergy) + "bad.lib", each.texts);
  }
}

TEST_F(LibertyErrors, AUnitThatTheLibraryCannotHold) {
  write("gates.lib", whole_library());  // no flip-flop
  for (const char* command : {"energy --unit group_dequant --record written --liberty ",
                              "synth --unit group_dequant --out written --liberty "}) {
    expect_refused(std::string(command) + "gates.lib",
                   {"library 'osu018_stdcells': has no cell for ", "flip-flop", "its flip-flops: none"});
  }
  for (const char* command : {"--synth", "--energy"}) {
    expect_refused(std::string("simulate --design bitmod-4x4 --format int4 --engine fast --record written ") + command +
                       " --technology absent.lib",
                   {"absent.lib: cannot be read: No such file or directory, expected a Liberty cell library"});
  }
}

// A table of one number, as some libraries have for tied or unloaded pins, counts with that number.
TEST_F(LibertyErrors, ScalarEnergiesCount) {
  const std::regex table(R"((rise_power|fall_power)\([^)]*\)\s*\{[^}]*\})");
  std::vector<double> energies;
  for (const char* value : {"0.1", "0.2", "0.3"}) {
    const std::string to = std::string("$1(scalar) { values (\"") + value + "\"); }";
    write("scalar.lib",
          with_nand(whole_library(), [&](const std::string& text) { return std::regex_replace(text, table, to); }));
    std::filesystem::remove_all(directory / "written");
    const Outcome outcome = run(std::string(kEnergy) + "scalar.lib");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    energies.push_back(most_energy(outcome.out));
  }
  EXPECT_GT(energies[1], energies[0]);
  EXPECT_NEAR(energies[2] - energies[1], energies[1] - energies[0], 1e-3 * energies[2]);
}

}  // namespace
}  // namespace subbyte::tests
