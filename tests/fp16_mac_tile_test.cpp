// The FP16 baseline tile: its Verilated RTL against the machine's own IEEE arithmetic, bit for bit and edge
// for edge.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "sim/output_file.hpp"
#include "sim/synthesis.hpp"
#include "sim/synthesis_process.hpp"
#include "sim/synthesis_sources.hpp"

namespace subbyte {
namespace {

namespace fs = std::filesystem;

/// The bench is SystemVerilog alone, so that it runs on the RTL and on a mapped netlist alike.
std::string bench_text() {
  return sim::read_text(fs::path(SUBBYTE_SOURCE_DIR) / "tests" / "fp16_mac_tile_bench.sv");
}

double fp16_value(std::uint16_t bits) {
  const int field = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (field == 31)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  return sign * std::ldexp(field == 0 ? fraction : fraction + 1024, (field == 0 ? 1 : field) - 25);
}

std::uint32_t canonical(float value) {
  return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(value);
}

struct Tile {
  std::size_t depth = 0;
  std::vector<std::uint16_t> operands;  // [depth][rows + cols]
};

/// One random kind per tile: well scaled, any bits, subnormal products, few operands that are not finite,
/// large.
Tile random_tile(std::mt19937& random, std::size_t lanes, unsigned kind) {
  Tile tile;
  tile.depth = 1 + random() % 24;
  for (std::size_t i = 0; i < tile.depth * lanes; ++i) {
    auto bits = static_cast<std::uint16_t>(random());
    if (kind % 5 == 0) bits = static_cast<std::uint16_t>((bits & 0x83FF) | ((12 + random() % 6) << 10));
    if (kind % 5 == 2) bits = static_cast<std::uint16_t>((bits & 0x83FF) | ((random() % 3) << 10));
    if (kind % 5 == 3 && random() % 64 != 0) bits = static_cast<std::uint16_t>(bits & ~(1U << 14));
    if (kind % 5 == 4) bits = static_cast<std::uint16_t>((bits & 0x83FF) | ((random() % 31) << 10));
    if (random() % 16 == 0) bits = static_cast<std::uint16_t>(bits & 0x8000);
    tile.operands.push_back(bits);
  }
  return tile;
}

std::vector<std::vector<std::uint32_t>> expected_rows(const Tile& tile, std::size_t rows, std::size_t cols) {
  std::vector<std::vector<std::uint32_t>> values(rows, std::vector<std::uint32_t>(cols));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < tile.depth; ++k) {
        const std::uint16_t* beat = &tile.operands[k * (rows + cols)];
        // The product of two FP16 numbers has 22 bits and is exact in double; as float it is exact too.
        sum += static_cast<float>(fp16_value(beat[r]) * fp16_value(beat[rows + c]));
        if (std::isnan(sum)) sum = std::numeric_limits<float>::quiet_NaN();
      }
      values[r][c] = canonical(sum);
    }
  }
  return values;
}

struct Observed {
  std::vector<std::int64_t> last_edges;
  std::vector<std::int64_t> output_edges;
  std::vector<std::string> rows;
};

class BuiltBench {
 public:
  BuiltBench(std::size_t rows, std::size_t cols)
      : BuiltBench(rows, cols, sim::rtl_sources(fs::path(SUBBYTE_SOURCE_DIR) / "rtl", "fp16_mac_tile").files,
                   bench_text()) {}

  BuiltBench(std::size_t rows, std::size_t cols, const std::vector<fs::path>& files, const std::string& bench)
      : scratch_(fs::temp_directory_path()), rows_(rows), cols_(cols) {
    sim::write_atomically(folder() / "bench.sv", bench);
    std::vector<std::string> words = {"verilator",
                                      "--binary",
                                      "--timing",
                                      "-Wno-fatal",
                                      "-Wno-lint",
                                      "-O3",
                                      "-j",
                                      "2",
                                      "--top-module",
                                      "bench",
                                      "--Mdir",
                                      (folder() / "obj").string(),
                                      fmt::format("-GRows={}", rows),
                                      fmt::format("-GCols={}", cols)};
    for (const fs::path& file : files) words.push_back(file.string());
    words.push_back((folder() / "bench.sv").string());
    const sim::ProgramOutcome built = sim::run_program(words);
    EXPECT_EQ(built.status, 0) << built.error << built.output;
  }

  fs::path folder() const { return scratch_.path(); }

  Observed run(const std::vector<Tile>& tiles, unsigned input_gap, unsigned output_percent,
               std::mt19937& random) const {
    const std::size_t lanes = rows_ + cols_;
    std::string stimulus;
    for (const Tile& tile : tiles) {
      for (std::size_t k = 0; k < tile.depth; ++k) {
        std::string digits;
        for (std::size_t lane = lanes; lane-- > 0;)
          digits += fmt::format("{:04x}", tile.operands[k * lanes + lane]);
        stimulus += fmt::format("{} {}{}\n", input_gap == 0 ? 0 : random() % (input_gap + 1),
                                k + 1 == tile.depth ? 1 : 0, digits);
      }
    }
    sim::write_atomically(folder() / "stimulus.txt", stimulus);
    const sim::ProgramOutcome ran = sim::run_program(
        {"sh", "-c", fmt::format("cd {} && exec obj/Vbench +percent={}", folder().string(), output_percent)});
    EXPECT_EQ(ran.status, 0) << ran.error;
    return read_result();
  }

 private:
  Observed read_result() const {
    Observed observed;
    std::ifstream in(folder() / "result.txt");
    std::string kind;
    std::int64_t cycle = 0;
    while (in >> kind >> cycle) {
      if (kind == "i") {
        observed.last_edges.push_back(cycle);
      } else {
        observed.output_edges.push_back(cycle);
        in >> observed.rows.emplace_back();
      }
    }
    return observed;
  }

  sim::ScratchFolder scratch_;
  std::size_t rows_;
  std::size_t cols_;
};

std::string row_text(const std::vector<std::uint32_t>& row) {
  std::string text;
  for (std::size_t c = row.size(); c-- > 0;) text += fmt::format("{:08x}", row[c]);
  return text;
}

void expect_equal(const std::vector<Tile>& tiles, const Observed& observed, std::size_t rows,
                  std::size_t cols) {
  ASSERT_EQ(observed.last_edges.size(), tiles.size());
  ASSERT_EQ(observed.rows.size(), tiles.size() * rows);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const auto expected = expected_rows(tiles[t], rows, cols);
    for (std::size_t r = 0; r < rows; ++r) {
      ASSERT_EQ(observed.rows[t * rows + r], row_text(expected[r]))
          << "tile " << t << " row " << r << " depth " << tiles[t].depth;
    }
  }
}

/// Without stalls a tile of K beats takes K + rows cycles, and its rows leave in consecutive cycles.
void expect_timing(const BuiltBench& bench, std::size_t rows, std::size_t cols) {
  std::mt19937 random(5);
  std::vector<Tile> tiles;
  for (unsigned i = 0; i < 50; ++i) tiles.push_back(random_tile(random, rows + cols, 0));
  const Observed observed = bench.run(tiles, 0, 0, random);
  ASSERT_EQ(observed.output_edges.size(), tiles.size() * rows);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const std::int64_t first = observed.output_edges[t * rows];
    for (std::size_t r = 0; r < rows; ++r)
      EXPECT_EQ(observed.output_edges[t * rows + r], first + static_cast<std::int64_t>(r));
    if (t == 0) {
      EXPECT_EQ(first, observed.last_edges[0] + 3);
      continue;
    }
    EXPECT_EQ(first - observed.output_edges[(t - 1) * rows], static_cast<std::int64_t>(tiles[t].depth + rows))
        << "tile " << t;
  }
}

class Fp16MacTile : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(Fp16MacTile, EqualsIeeeArithmeticAndKeepsItsTiming) {
  const auto [rows, cols] = GetParam();
  const BuiltBench bench(rows, cols);
  ASSERT_FALSE(testing::Test::HasFailure());
  std::mt19937 random(17);
  std::vector<Tile> tiles;
  for (unsigned kind = 0; kind < 1500; ++kind) tiles.push_back(random_tile(random, rows + cols, kind));
  const Observed free = bench.run(tiles, 0, 0, random);
  expect_equal(tiles, free, rows, cols);
  const Observed stalled = bench.run(tiles, 2, 40, random);
  expect_equal(tiles, stalled, rows, cols);
  expect_timing(bench, rows, cols);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Fp16MacTile,
                         testing::Values(std::pair<std::size_t, std::size_t>{1, 1},
                                         std::pair<std::size_t, std::size_t>{3, 2}),
                         [](const auto& info) {
                           return fmt::format("{}x{}", info.param.first, info.param.second);
                         });

/// What synthesis measures is the circuit that was verified: the mapped netlist, with the library's own
/// functions as models.
TEST(Fp16MacTileNetlist, MappedToOsu018EqualsIeeeArithmetic) {
  const char* liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  const sim::ScratchFolder scratch(fs::temp_directory_path());
  sim::SynthesisOptions options;
  options.cache = scratch.path() / "cache";
  const sim::SynthesisResult result =
      sim::synthesize("fp16_mac_tile", {{"rows", 2}, {"cols", 1}}, sim::read_library(liberty), options);
  const fs::path cells = scratch.path() / "cells.v";
  const sim::ProgramOutcome modelled = sim::run_program(
      {"yosys", "-p",
       fmt::format("read_liberty -ignore_miss_func {}; write_verilog {}", liberty, cells.string())});
  ASSERT_EQ(modelled.status, 0) << modelled.error;
  std::vector<fs::path> files{cells};
  for (const sim::SynthesizedModule& module : result.modules) {
    files.push_back(scratch.path() / (module.name + ".v"));
    sim::write_atomically(files.back(), module.verilog);
  }
  std::string bench = bench_text();
  const std::string parameters = "#(.Rows(Rows), .Cols(Cols)) dut";
  bench.replace(bench.find(parameters), parameters.size(), "dut");
  const BuiltBench built(2, 1, files, bench);
  ASSERT_FALSE(testing::Test::HasFailure());
  std::mt19937 random(23);
  std::vector<Tile> tiles;
  for (unsigned kind = 0; kind < 400; ++kind) tiles.push_back(random_tile(random, 3, kind));
  expect_equal(tiles, built.run(tiles, 1, 30, random), 2, 1);
}

TEST(Fp16MacTileLint, IsCleanAtSeveralShapes) {
  const auto sources = sim::rtl_sources(fs::path(SUBBYTE_SOURCE_DIR) / "rtl", "fp16_mac_tile");
  for (const auto& [rows, cols] : {std::pair{8, 8}, {1, 1}, {3, 5}, {16, 4}}) {
    std::vector<std::string> words = {"verilator",
                                      "--lint-only",
                                      "-Wall",
                                      "--top-module",
                                      "fp16_mac_tile",
                                      fmt::format("-GRows={}", rows),
                                      fmt::format("-GCols={}", cols)};
    for (const fs::path& file : sources.files) words.push_back(file.string());
    const sim::ProgramOutcome outcome = sim::run_program(words);
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(outcome.error, "") << rows << "x" << cols;
  }
}

}  // namespace
}  // namespace subbyte
