// Tests designs that are based on others and changed by settings: what carries over, whose place an error has, and that
// a result does not depend on how a design was written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"
#include "sim/config/design.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

class DesignBase : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "inner"); }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string error_of(const std::string& design, const std::vector<Setting>& settings = {}) const {
    try {
      read_design(design, settings);
      return "no error";
    } catch (const std::exception& error) {
      std::string text = error.what();
      const std::string place = folder_.string() + "/";
      for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place))
        text.erase(at, place.size());
      return text;
    }
  }
  const fs::path folder_ = fs::temp_directory_path() / ("subbyte-base-" + std::to_string(::getpid()));
};

Setting set(const std::string& key, const std::string& value) { return {key, value, "--set " + key}; }

TEST_F(DesignBase, KeysOfTheFileReplaceThoseOfTheBase) {
  const Design base = read_design("bitmod-8x8");
  const Design design =
      read_design(write("wide.yaml", "base: bitmod-8x8\nparameters: {rows: 16}\nmemory: {bandwidth_gb_per_s: 3.2}\n"));
  EXPECT_EQ(design.name, "wide");
  EXPECT_EQ(design.summary, base.summary);
  EXPECT_EQ(design.parameters.at("rows"), 16);
  EXPECT_EQ(design.parameters.at("cols"), 8);
  EXPECT_EQ(design.memory.bandwidth_gb_per_s, 3.2);
  EXPECT_EQ(design.memory.dram.name, base.memory.dram.name);
  EXPECT_FALSE(design.resolved.contains("base"));
  // A chain, across folders, with a name of its own.
  const Design third = read_design(write("inner/third.yaml", "base: ../wide.yaml\nname: mine\nclock_mhz: 200\n"));
  EXPECT_EQ(third.name, "mine");
  EXPECT_EQ(third.parameters, design.parameters);
  EXPECT_EQ(third.clock_mhz, 200);
}

TEST_F(DesignBase, AResultDoesNotDependOnHowADesignWasWritten) {
  const Design based = read_design(write("d.yaml", "base: bitmod-8x8\nsummary: s\nparameters: {rows: 16}\n"));
  const Design full = read_design(
      write("inner/d.yaml",
            "name: d\nsummary: s\nunit: bitserial_tile\nclock_mhz: 50\ntechnology: osu018\n"
            "parameters: {rows: 16, cols: 8, lanes: 4, table_bits: 4, table_terms: 2, shift_width: 3, align_bits: 6,\n"
            "  acc_width: 20, guard_bits: 3, rounding: 0, exact: 0}\n"
            "memory: {bandwidth_gb_per_s: 1.6, weight_buffer_kib: 16, activation_buffer_kib: 64, dram: lpddr4,\n"
            "  sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16}\noutput: {bits: 32, to: dram}\n"));
  EXPECT_EQ(based.resolved, full.resolved);
  EXPECT_EQ(based.hash, full.hash);
  const Design eight = read_design(write("e.yaml", "base: d.yaml\nname: d\nparameters: {rows: 8}\n"));
  EXPECT_NE(eight.hash, full.hash);
  const Design set_back = read_design((folder_ / "e.yaml").string(), {set("rows", "16")});
  EXPECT_EQ(set_back.hash, full.hash);
  EXPECT_EQ(set_back.name, "d with rows=16");
  EXPECT_EQ(set_back.resolved["name"], "d");
}

TEST_F(DesignBase, ErrorsStandWhereTheWrongValueStands) {
  write("b.yaml", "base: bitmod-8x8\nparameters:\n  rows: 99\n");
  EXPECT_EQ(error_of(write("d.yaml", "base: b.yaml\nclok_mhz: 3\nparameters: {cols: 0, row: 2}\n"))
                .find("d.yaml:2:1: unknown key 'clok_mhz', expected one of "),
            0U);
  const std::string error = error_of((folder_ / "d.yaml").string());
  EXPECT_NE(error.find("\nd.yaml:3:20: 'cols' is 0, expected 1..32\n"), std::string::npos) << error;
  EXPECT_NE(error.find("\nd.yaml:3:23: unknown key 'row', expected one of rows"), std::string::npos) << error;
  EXPECT_NE(error.find("\nb.yaml:3:9: 'rows' is 99, expected 1..32"), std::string::npos) << error;
}

TEST_F(DesignBase, ABaseThatIsNotThereOrGoesInACircle) {
  EXPECT_EQ(error_of(write("d.yaml", "base: bitmod-8x\n")).find("d.yaml:1:7: 'base' is bitmod-8x, expected one of "),
            0U);
  EXPECT_NE(error_of((folder_ / "d.yaml").string()).find(", or the path of a YAML file; did you mean 'bitmod-8x8'?"),
            std::string::npos);
  EXPECT_EQ(error_of(write("d.yaml", "base: none.yaml\n")),
            "d.yaml:1:7: 'base' is none.yaml, expected a file relative to this one: none.yaml is not there");
  EXPECT_EQ(error_of(write("d.yaml", "base: [a]\n")),
            "d.yaml:1:7: 'base' is no name, expected a name in configs/designs or a path");
  write("a.yaml", "base: b.yaml\n");
  EXPECT_EQ(error_of(write("b.yaml", "base: ./a.yaml\n")),
            "a.yaml:1:7: 'base' is b.yaml, which is a circle: b.yaml is based on a.yaml is based on b.yaml");
  EXPECT_EQ(error_of(write("s.yaml", "base: s.yaml\n")),
            "s.yaml:1:7: 'base' is s.yaml, which is a circle: s.yaml is based on s.yaml");
}

TEST_F(DesignBase, ParametersBelongToTheirUnit) {
  const Design other =
      read_design(write("u.yaml", "base: bitmod-8x8\nunit: fp16_mac_tile\nparameters: {rows: 4, cols: 2}\n"));
  EXPECT_EQ(other.parameters, (kernels::Parameters{{"rows", 4}, {"cols", 2}}));
  EXPECT_EQ(
      error_of(write("u.yaml", "base: bitmod-8x8\nunit: fp16_mac_tile\n")),
      "u.yaml:2:7: 'unit' is fp16_mac_tile, and that of its base is bitserial_tile: parameters do not carry over to "
      "another unit, expected all of its own (rows, cols)");
  EXPECT_EQ(error_of(write("u.yaml", "base: bitmod-8x8\nunit: fp16_mac_tile\nparameters: {rows: 4}\n")),
            "u.yaml:3:13: 'cols' is missing, expected an integer 1..32");
  // The same unit in other words is the same unit.
  EXPECT_EQ(read_design(write("u.yaml", "base: bitmod-8x8\nunit: bitserial_tile\n")).parameters.at("rows"), 8);
}

TEST_F(DesignBase, AUnitThatDoesNotExistIsTheOneProblem) {
  for (const char* text : {"base: bitmod-8x8\nunit: bitserial_til\n",
                           "base: bitmod-8x8\nunit: bitserial_til\nparameters: {rows: 4, anything: 3}\n"}) {
    const std::string error = error_of(write("u.yaml", text));
    EXPECT_EQ(error.find("u.yaml:2:7: 'unit' is bitserial_til, expected one of "), 0U) << error;
    EXPECT_NE(error.find("did you mean 'bitserial_tile'?"), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  const std::string error = error_of("bitmod-8x8", {set("unit", "nope"), set("rows", "4")});
  EXPECT_EQ(error.find("--set unit: 'unit' is nope, expected one of "), 0U) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST_F(DesignBase, ALibertyFileIsRelativeToTheFileThatNamesIt) {
  write("inner/own.lib", "");
  write("inner/base.yaml", "base: bitmod-8x8\ntechnology: own.lib\n");
  EXPECT_EQ(read_design(write("d.yaml", "base: inner/base.yaml\n")).technology, (folder_ / "inner/own.lib").string());
  EXPECT_EQ(read_design(write("d.yaml", "base: bitmod-8x8\ntechnology: inner/own.lib\n")).technology,
            (folder_ / "inner/own.lib").string());
  const std::string here = (folder_ / "inner/own.lib").string();  // a setting is relative to the current folder
  EXPECT_EQ(read_design("bitmod-8x8", {set("technology", here)}).technology, here);
  EXPECT_EQ(read_design("bitmod-8x8").technology, "osu018");
}

TEST_F(DesignBase, ATechnologyThatIsNotThereIsAProblemAmongTheOthers) {
  const std::string names =
      "expected one of asap7, gt2n, ihp130, nangate45, osu018, sky130hd, or the path of a Liberty "
      "file; did you mean 'nangate45'?";
  EXPECT_EQ(error_of(write("t.yaml", "base: bitmod-8x8\nclock_mhz: no\ntechnology: nangate54\n")),
            "t.yaml:2:12: 'clock_mhz' is no, expected a number 0.001..100000\n"
            "t.yaml:3:13: 'technology' is nangate54, " +
                names);
  EXPECT_EQ(error_of(write("l.yaml", "base: bitmod-8x8\ntechnology: none.lib\nclock_mhz: no\n")),
            "l.yaml:2:13: 'technology' is none.lib, expected a Liberty file: none.lib is not there\n"
            "l.yaml:3:12: 'clock_mhz' is no, expected a number 0.001..100000");
  EXPECT_EQ(error_of("bitmod-8x8", {set("technology", "nangate54")}),
            "--set technology: 'technology' is nangate54, " + names);
  EXPECT_EQ(error_of("bitmod-8x8", {set("technology", "./none")}),
            "--set technology: 'technology' is ./none, expected a Liberty file: ./none is not there");
}

TEST_F(DesignBase, ABaseThatIsNotThereIsToldInASentence) {
  const std::string error = error_of(write("n.yaml", "base: bitmod-8x9\n"));
  EXPECT_EQ(error.find("n.yaml:1:7: 'base' is bitmod-8x9, expected one of bitmod-16x8, "), 0U) << error;
  EXPECT_NE(error.find(", or the path of a YAML file; did you mean 'bitmod-8x8'?"), std::string::npos) << error;
  EXPECT_EQ(error_of(write("y.yml", "base: bitmod-8x8\n")), "no error");
  EXPECT_EQ(read_design(write("z.yaml", "base: y.yml\n")).name, "z");
}

TEST_F(DesignBase, OfAnEmptyFileTheMissingKeysAreToldAndNothingElse) {
  EXPECT_EQ(error_of(write("e.yaml", "")), "e.yaml:1:1: the document is empty, expected a mapping");
  for (const char* text : {"{}\n", "name: d\nmemory: {}\n", "name: d\nmemory: 3\n"}) {
    const std::string error = error_of(write("e.yaml", text));
    EXPECT_EQ(error.find("'sram_word_bits' is 1"), std::string::npos) << text << error;
    EXPECT_NE(error.find("'unit' is missing"), std::string::npos) << text << error;
  }
}

TEST_F(DesignBase, ErrorsOfferWhatCanBeThere) {
  const std::string error = error_of("bitmod-8x8", {set("a.b.c", "1")});
  EXPECT_EQ(error.find("--set a.b.c: unknown key 'a', expected one of "), 0U) << error;
  for (const char* key : {"name,", "base", "summary"}) EXPECT_EQ(error.find(key), std::string::npos) << error;
  EXPECT_EQ(error_of(write("o.yaml", "base: bitmod-8x8\noutput: {two: dram}\n"))
                .find("o.yaml:2:10: unknown key 'two', expected one of bits, to"),
            0U);
}

TEST_F(DesignBase, SettingsAreReadByTheSameReader) {
  const Design design =
      read_design("bitmod-8x8", {set("rows", "16"), set("clock_mhz", "200"), set("memory.bandwidth_gb_per_s", "12.8")});
  EXPECT_EQ(design.parameters.at("rows"), 16);
  EXPECT_EQ(design.clock_mhz, 200);
  EXPECT_EQ(design.memory.bandwidth_gb_per_s, 12.8);
  EXPECT_EQ(design.name, "bitmod-8x8 with rows=16 clock_mhz=200 memory.bandwidth_gb_per_s=12.8");
  EXPECT_EQ(error_of("bitmod-8x8", {set("rows", "160")}), "--set rows: 'rows' is 160, expected 1..32");
  EXPECT_NE(error_of("bitmod-8x8", {set("rows", "12")}).find("--set rows: 'parameters' parameter 'rows'"),
            std::string::npos);
  EXPECT_NE(error_of("bitmod-8x8", {set("rosw", "8")}).find("did you mean 'rows'?"), std::string::npos);
  EXPECT_EQ(
      error_of("bitmod-8x8", {set("memory.dran", "x")}).find("--set memory.dran: unknown key 'dran', expected one"),
      0U);
  EXPECT_NE(error_of("bitmod-8x8", {set("memory.dran", "x")}).find("did you mean 'dram'?"), std::string::npos);
  EXPECT_EQ(error_of("bitmod-8x8", {set("rows", "8"), set("parameters.rows", "8")}),
            "--set parameters.rows: is given twice, also as --set rows, expected once");
  EXPECT_EQ(error_of("bitmod-8x8", {set("rows", "8"), set("rows", "8")}), "--set rows: is given twice, expected once");
  for (const char* key : {"name", "base", "summary"})
    EXPECT_NE(error_of("bitmod-8x8", {set(key, "x")}).find("cannot be set"), std::string::npos) << key;
  EXPECT_EQ(error_of("bitmod-8x8", {set("parameters", "3")}),
            "--set parameters: 'parameters' is 3, expected a mapping");
}

TEST_F(DesignBase, ATableStandsBesideTheFileThatNamesIt) {
  write("inner/d.csv", "name,pj_per_bit,low,high,source\nmine,1,1,1,me\n");
  write("inner/base.yaml", "base: bitmod-8x8\nmemory: {dram: mine, dram_file: d.csv}\n");
  const Design design = read_design(write("d.yaml", "base: inner/base.yaml\n"));
  EXPECT_EQ(design.memory.dram.source, "me");
  // A path of the command line is relative to the current folder.
  EXPECT_NE(error_of((folder_ / "d.yaml").string(), {set("memory.dram_file", "d.csv")}).find("d.csv"),
            std::string::npos);
}

TEST_F(DesignBase, OutputsHaveAWidthAndAPlace) {
  const Design usual = read_design("bitmod-8x8");
  EXPECT_EQ(usual.resolved["output"], (nlohmann::json{{"bits", 32}, {"to", "dram"}}));
  const Design design = read_design(write("o.yaml", "base: bitmod-8x8\noutput: {bits: 16, to: buffer}\n"));
  EXPECT_EQ(design.output.bits, 16);
  EXPECT_TRUE(design.output.to_buffer);
  EXPECT_EQ(read_design(write("h.yaml", "base: bitmod-8x8\noutput: {to: buffer}\n")).output.bits, 32);
  EXPECT_EQ(error_of(write("o.yaml", "base: bitmod-8x8\noutput: {bits: 12, to: bufer}\n")),
            "o.yaml:2:16: 'bits' is 12, expected one of 8, 16, 32; did you mean '16'?\n"
            "o.yaml:2:24: 'to' is bufer, expected one of dram, buffer; did you mean 'buffer'?");
  EXPECT_EQ(error_of(write("o.yaml", "base: bitmod-8x8\noutput: {to: buffer}\nmemory: {activation_buffer_kib: 0}\n")),
            "o.yaml:2:14: 'to' is buffer, but activation_buffer_kib is 0: expected dram, or a buffer of activations");
}

}  // namespace
}  // namespace subbyte::sim
