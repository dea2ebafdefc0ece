// Tests the memories' tables: what the committed ones hold, interpolation inside a range and none outside, damaged
// files.
#include "sim/config/memory_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"
#include "sim/config/design.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSram = "technology,word_bits,capacity_bytes,read_pj,write_pj,area_um2,leakage_nw,source\n";
constexpr const char* kDram = "name,pj_per_bit,low,high,source\n";

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}
std::string sram_error(const std::string& rows) {
  return error_of([&] { parse_sram_table(kSram + rows, "s.csv"); });
}
std::string dram_error(const std::string& rows) {
  return error_of([&] { parse_dram_table(kDram + rows, "d.csv"); });
}

TEST(MemoryTable, EveryCommittedEntryHasItsSource) {
  const SramTable sram = read_sram_table();
  const DramTable dram = read_dram_table();
  EXPECT_EQ(sram.widths("ihp130"), (std::vector<std::int64_t>{32, 64}));
  for (const SramEntry& entry : sram.entries) EXPECT_GT(entry.source.size(), 20U) << entry.technology;
  for (const DramEntry& entry : dram.entries) {
    EXPECT_GT(entry.source.size(), 10U) << entry.name;
    EXPECT_LE(entry.low, entry.pj_per_bit);
    EXPECT_GE(entry.high, entry.pj_per_bit);
  }
  ASSERT_NE(dram.find("ddr4-bitmod"), nullptr);
  EXPECT_DOUBLE_EQ(dram.find("ddr4-bitmod")->pj_per_bit, 1200.0 / 64);
}

// In RM_IHPSG13_1P_1024x64_c2_bm_bist_typ_1p20V_25C.lib these are the internal_power of A_CLK under a read and a write,
// the area and the leakage.
TEST(MemoryTable, TheMacrosAreThoseOfTheirLibertyFiles) {
  const SramEntry macro = sram_at(read_sram_table().select("ihp130", 64), 8192);
  EXPECT_DOUBLE_EQ(macro.read_pj, 91.8272);
  EXPECT_DOUBLE_EQ(macro.write_pj.value(), 110.9189);
  EXPECT_DOUBLE_EQ(macro.area_um2.value(), 263946.1408);
  EXPECT_DOUBLE_EQ(macro.leakage_nw.value(), 792.062);
}

TEST(MemoryTable, InterpolatedInLogarithmsInsideTheRange) {
  const auto entries =
      parse_sram_table(std::string(kSram) + "t,64,1024,10,20,1000,,a\nt,64,4096,40,20,4000,5,b\nt,32,9999,1,1,,,c\n",
                       "s.csv")
          .select("t", 64);
  ASSERT_EQ(entries.size(), 2U);
  const SramEntry middle = sram_at(entries, 2048);
  EXPECT_NEAR(middle.read_pj, 20, 1e-9);  // halfway in the logarithm of the capacity: the geometric mean
  EXPECT_NEAR(middle.write_pj.value(), 20, 1e-9);
  EXPECT_NEAR(middle.area_um2.value(), 2000, 1e-6);
  EXPECT_FALSE(middle.leakage_nw) << "one of two entries has no leakage: there is none between them";
  EXPECT_EQ(middle.source, "logarithms interpolated between 1 KiB and 4 KiB: a | b");
  auto alike = entries;
  alike[1].source = "a";
  EXPECT_EQ(sram_at(alike, 2048).source, "logarithms interpolated between 1 KiB and 4 KiB, both: a");
  EXPECT_EQ(sram_at(entries, 1024).source, "a");
  EXPECT_EQ(sram_at(entries, 4096).read_pj, 40);
}

TEST(MemoryTable, NothingIsExtrapolated) {
  const auto entries = read_sram_table().select("ihp130", 64);
  EXPECT_EQ(error_of([&] { sram_at(entries, 16385); }).substr(0, 111),
            "SRAM 'ihp130', words of 64 bits: a bank of 16.001 KiB is outside the table's range, "
            "expected 0.5 KiB to 16 KiB:");
  EXPECT_NE(error_of([&] { sram_at(entries, 511); }).find("expected 0.5 KiB to 16 KiB"), std::string::npos);
  EXPECT_NE(error_of([&] { sram_at(read_sram_table().select("ihp130", 32), 16384); }).find("expected 32 KiB alone"),
            std::string::npos);
  EXPECT_EQ(sram_at(read_sram_table().select("ihp130", 32), 32768).word_bits, 32);
}

TEST(MemoryTable, WrongCellsAreNamedWithTheirPlace) {
  EXPECT_EQ(sram_error("t,64,1024,cheap,1,,,s\n"),
            "s.csv: 2:11: 'read_pj' is 'cheap', expected a number above 0, at most 1e+15");
  EXPECT_EQ(sram_error("t,64,1024,-1,1,,,s\n"),
            "s.csv: 2:11: 'read_pj' is '-1', expected a number above 0, at most 1e+15");
  EXPECT_EQ(sram_error("t,64,1024,nan,1,,,s\n"),
            "s.csv: 2:11: 'read_pj' is 'nan', expected a number above 0, at most 1e+15");
  EXPECT_EQ(sram_error("t,64,10.5,1,1,,,s\n"), "s.csv: 2:6: 'capacity_bytes' is '10.5', expected an integer from 1");
  EXPECT_EQ(sram_error("t,64,1024,1,1,,,\n"), "s.csv: 2:17: 'source' is empty, expected a text");
  EXPECT_EQ(sram_error("t,64,1024,1,1,,,s\nt,64,1024,2,1,,,s\n"),
            "s.csv: 3:6: 'capacity_bytes' is there twice for t at 64 bits");
  EXPECT_EQ(sram_error("t,64,1024\n"), "s.csv: 2:1: a row of 3 cells, expected 8");
  EXPECT_EQ(sram_error(""), "s.csv: 1:1: has no entries, expected at least one");
  EXPECT_EQ(dram_error("x,5,6,7,s\n"), "d.csv: 2:5: 'low' is 6, expected 5 at most, the value");
  EXPECT_EQ(dram_error("x,5,4,4.5,s\n"), "d.csv: 2:7: 'high' is 4.5, expected 5 at least, the value");
  EXPECT_EQ(dram_error("x,5,4,6,s\nx,5,4,6,s\n"), "d.csv: 3:1: 'name' 'x' is there twice");
  EXPECT_EQ(dram_error("x,5,4,6,\"s\n"), "d.csv: 2:9: a quote without its end");
  EXPECT_EQ(dram_error("x,5,4,6,\"s\"t\n"),
            "d.csv: 2:12: text after a closing quote, expected a comma or the end of the line");
  EXPECT_EQ(dram_error("x,5,4,6,s\"t\n"),
            "d.csv: 2:10: a quote inside a cell, expected the whole cell in quotes and this quote twice");
  EXPECT_EQ(dram_error("x,5,4,6,s\x01\n"), "d.csv: 2:10: a control character, expected text");
  EXPECT_EQ(error_of([] { parse_dram_table("", "d.csv"); }),
            "d.csv: 1:1: is empty, expected the columns name,pj_per_bit,low,high,source");
  EXPECT_EQ(error_of([] { parse_dram_table("name,low\n", "d.csv"); }),
            "d.csv: 1:1: column 'pj_per_bit' is missing, expected name,pj_per_bit,low,high,source");
  EXPECT_EQ(error_of([] { parse_dram_table("name,price\n", "d.csv"); }),
            "d.csv: 1:6: column 'price' is unknown, expected name,pj_per_bit,low,high,source");
  EXPECT_EQ(error_of([] { parse_dram_table("name,name\n", "d.csv"); }),
            "d.csv: 1:6: column 'name' is there twice, expected name,pj_per_bit,low,high,source");
  EXPECT_NE(error_of([] { read_dram_table("/nowhere/d.csv"); }), "no error");
}

TEST(MemoryTable, QuotesLineEndsAndColumnOrder) {
  const DramTable table = parse_dram_table(
      "\xEF\xBB\xBFsource,high,low,pj_per_bit,name\r\n\r\n\"two\nlines, \"\"quoted\"\"\",9,7,8e0,mine\r\nplain,1,1,1,x",
      "d.csv");
  ASSERT_EQ(table.entries.size(), 2U);
  EXPECT_EQ(table.entries[0].source, "two\nlines, \"quoted\"");
  EXPECT_EQ(table.entries[0].name, "mine");
  EXPECT_DOUBLE_EQ(table.entries[0].pj_per_bit, 8);
  EXPECT_DOUBLE_EQ(table.entries[0].high, 9);
  EXPECT_EQ(table.entries[1].name, "x");
}

TEST(MemoryTable, RandomDamageIsAnInputError) {
  std::mt19937 random(7);
  const std::string good = std::string(kSram) + "t,64,1024,10,20,1000,,\"a, \"\"b\"\"\"\nt,64,4096,40,20,4000,5,b\n";
  std::size_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = good.substr(0, i % 3 == 0 ? random() % good.size() : good.size());
    for (unsigned n = random() % 4; n > 0 && !text.empty(); --n)
      text[random() % text.size()] = i % 2 == 0 ? static_cast<char>(random()) : "\",\n\r0-e.t"[random() % 10];
    try {
      const SramTable table = parse_sram_table(text, "s.csv");
      for (const SramEntry& entry : table.entries) {
        EXPECT_TRUE(std::isfinite(entry.read_pj) && entry.read_pj > 0);
        EXPECT_EQ(sram_at(table.select(entry.technology, entry.word_bits), entry.capacity_bytes).read_pj,
                  entry.read_pj);
      }
      ++accepted;
    } catch (const InputError&) {
      continue;
    }
  }
  EXPECT_GT(accepted, 1000U);
  EXPECT_LT(accepted, 19000U);
}

// Reads the fuzz target's corpus: tables of both kinds, and damaged ones.
TEST(MemoryTable, TheCorpusIsReadOrRefused) {
  std::size_t files = 0, read = 0;
  for (const auto& entry : fs::directory_iterator(tested_source() / "tests/corpus/memory_table")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    read += error_of([&] { parse_sram_table(text, "c.csv"); }) == "no error" ? 1 : 0;
    read += error_of([&] { parse_dram_table(text, "c.csv"); }) == "no error" ? 1 : 0;
    ++files;
  }
  EXPECT_GE(read, 3U);
  EXPECT_GT(files, read);
}

std::string design_text(const std::string& memory) {
  return "name: d\nsummary: s\nunit: fp16_mac_tile\nparameters: {rows: 8, cols: 8}\nclock_mhz: 50\ntechnology: osu018\n"
         "memory: {bandwidth_gb_per_s: 1, weight_buffer_kib: 1, activation_buffer_kib: 1, " +
         memory + "}\n";
}

TEST(MemoryTable, ADesignNamesItsMemories) {
  const std::string good = "dram: hbm2, sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16";
  const Design design = parse_design(design_text(good), "d.yaml");
  EXPECT_DOUBLE_EQ(design.memory.dram.pj_per_bit, 3.9);
  EXPECT_EQ(design.memory.sram.size(), 4U);
  const auto error = [](const std::string& memory) {
    return error_of([&] { parse_design(design_text(memory), "d.yaml"); });
  };
  EXPECT_NE(error("dram: lpdr4, sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16").find("did you mean 'lpddr4'?"),
            std::string::npos);
  EXPECT_NE(error("dram: LPDDR5X, sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16")
                .find("d.yaml:7:87: 'dram' is LPDDR5X: no trustworthy energy of LPDDR5 is published"),
            std::string::npos)
      << error("dram: LPDDR5X, sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16");
  EXPECT_NE(error("dram: hbm2, sram: ihp13, sram_word_bits: 64, sram_bank_kib: 16").find("did you mean 'ihp130'?"),
            std::string::npos);
  EXPECT_NE(error("dram: hbm2, sram: ihp130, sram_word_bits: 48, sram_bank_kib: 16")
                .find("'sram_word_bits' is 48, expected 32 or 64 for ihp130"),
            std::string::npos);
  EXPECT_NE(error("sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16").find("'dram' is missing"), std::string::npos);
}

TEST(MemoryTable, AUsersTablesReplaceTheCommittedOnes) {
  const fs::path folder = fs::temp_directory_path() / ("subbyte-memory-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "d.csv") << kDram << "lpddr5,5,4,8,my guess\n";
  std::ofstream(folder / "s.csv") << kSram << "mine,16,1024,1,2,,,measured\n";
  const std::string named = "dram: lpddr5, sram: mine, sram_word_bits: 16, sram_bank_kib: 1";
  const std::string d = (folder / "d.csv").string(), s = (folder / "s.csv").string();
  const std::vector<Setting> mine{{"memory.sram_file", s, "--sram"}, {"memory.dram_file", d, "--dram"}};
  EXPECT_DOUBLE_EQ(parse_design(design_text(named), "d.yaml", mine).memory.dram.high, 8);
  // The table lies beside the design, and the design itself names it.
  std::ofstream(folder / "d.yaml") << design_text(named + ", dram_file: d.csv, sram_file: s.csv");
  const Design design = read_design((folder / "d.yaml").string());
  EXPECT_EQ(design.memory.dram.source, "my guess");
  EXPECT_DOUBLE_EQ(design.memory.sram.at(0).write_pj.value(), 2);
  // A result tells whose tables it used and of which content.
  EXPECT_EQ(design.resolved["memory"]["dram_table"], to_json(design.memory.dram_file));
  EXPECT_EQ(design.memory.dram_file.name, d);
  EXPECT_EQ(design.memory.dram_file.hash.size(), 16U);
  const Design committed =
      parse_design(design_text("dram: hbm2, sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16"), "d.yaml");
  EXPECT_FALSE(committed.resolved["memory"].contains("dram_table"));
  EXPECT_FALSE(committed.memory.sram_file.own);
  EXPECT_EQ(committed.memory.sram_file.name, "configs/memories/sram.csv");
  std::ofstream(folder / "s.csv") << kSram << "mine,16,1024,1,2,,,measured again\n";
  const Design other = read_design((folder / "d.yaml").string());
  EXPECT_NE(other.hash, design.hash) << "one name, another content";
  EXPECT_NE(other.memory.sram_file.hash, design.memory.sram_file.hash);
  EXPECT_EQ(other.memory.dram_file.hash, design.memory.dram_file.hash);
  const Design by_option = parse_design(design_text(named), "d.yaml", mine);
  EXPECT_EQ(by_option.resolved["memory"]["sram_table"]["file"], s);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace subbyte::sim
