// Tests every unit of the catalogue, mapped to library cells: the netlist gives the golden function's bits and the
// RTL's cycles, and a netlist with one wrong cell does not. Yosys 0.23 mistranslates some constructs in silence, and
// this is what finds them. Small netlists run Verilated and in the netlist simulator, those of tiles in the latter
// alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "models/catalogue.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/technology.hpp"
#include "sim/engines/engine.hpp"
#include "sim/engines/netlist_engine.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/engines/verify.hpp"
#include "sim/netlist/gate_netlist.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/catalogue_sample.hpp"
#include "tests/support/hardware_formats.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte::sim {
namespace {

// The number is per unit and stall percentage, over all its formats; it is smaller where nothing is compiled.
constexpr std::size_t kCases = 900, kLargeCases = 48, kLargeFormats = 8;

const Technology& osu018() {
  static const Technology technology = read_technology("osu018");
  return technology;
}

/// Returns the formats that the unit tells apart and runs at this point.
std::vector<quant::Format> formats_at(const kernels::UnitInfo& unit, const kernels::Parameters& point) {
  std::vector<quant::Format> formats = tested_formats(unit);
  std::erase_if(formats, [&](const quant::Format& format) { return unit.unsupported(point, format).has_value(); });
  return formats;
}

/// Returns at most `most` of them, evenly spread.
std::vector<quant::Format> some_of(const std::vector<quant::Format>& formats, std::size_t most) {
  std::vector<quant::Format> some;
  const std::size_t count = std::min(formats.size(), most);
  for (std::size_t i = 0; i < count; ++i) some.push_back(formats[i * formats.size() / count]);
  return some;
}

class Netlist : public testing::TestWithParam<std::string> {};
class VerilatedNetlist : public testing::TestWithParam<std::string> {};

TEST_P(VerilatedNetlist, EqualsGoldenInBitsAndRtlInCycles) {
  const kernels::UnitInfo& unit = kernels::unit(GetParam());
  const kernels::Parameters point = netlist_point(unit);
  const std::string verilog = map_netlist(unit, point, osu018().library).verilog;
  const bool large = flatten_netlist(verilog, unit.name, osu018().library).instances.size() > kVerilatedCells;
  const auto formats = some_of(formats_at(unit, point), large ? kLargeFormats : SIZE_MAX);
  ASSERT_FALSE(formats.empty());
  const std::size_t cases = (large ? kLargeCases : kCases) / formats.size() + 1;
  std::uint64_t beats = 0;
  for (const unsigned percent : {0U, 40U}) {
    for (const quant::Format& format : formats) {
      SCOPED_TRACE(format.id() + " stalls " + std::to_string(percent));
      const std::uint64_t seed = 71 + percent;
      const auto stimulus = unit.random(point, {format, cases, seed, {seed, percent, percent}, true});
      const auto netlist = run_netlist(unit, point, stimulus, {}, verilog, osu018().library);
      const auto bits = kernels::compare(unit.golden(point, stimulus, {}), netlist);
      ASSERT_TRUE(bits.equal()) << bits.bit_mismatches << " of " << bits.beats << " beats differ from golden, first "
                                << bits.first_bit_mismatch.value_or(0);
      const auto rtl = kernels::compare(sim::run_rtl(unit, point, stimulus), netlist);
      ASSERT_TRUE(rtl.cycles_compared);
      ASSERT_TRUE(rtl.equal()) << rtl.cycle_mismatches << " of " << rtl.beats
                               << " beats differ from RTL in cycles, first " << rtl.first_cycle_mismatch.value_or(0);
      if (!large) {
        const auto gates = run_netlist_gates(unit, point, stimulus, {}, verilog, osu018().library);
        ASSERT_TRUE(kernels::compare(gates, netlist).equal());
      }
      beats += bits.beats;
    }
  }
  EXPECT_GE(beats, 90U);
  RecordProperty("beats", std::to_string(beats));
}

/// Nothing is Verilated here, so that every netlist of the catalogue is run in seconds.
TEST_P(Netlist, EqualsGoldenAndSystemCInTheNetlistSimulator) {
  const kernels::UnitInfo& unit = kernels::unit(GetParam());
  const kernels::Parameters point = netlist_point(unit);
  const std::string verilog = map_netlist(unit, point, osu018().library).verilog;
  const auto formats = some_of(formats_at(unit, point), 6);
  ASSERT_FALSE(formats.empty());
  for (const unsigned percent : {0U, 30U}) {
    for (const quant::Format& format : formats) {
      SCOPED_TRACE(format.id() + " stalls " + std::to_string(percent));
      const auto stimulus = unit.random(point, {format, 12, 9 + percent, {3, percent, percent}, true});
      const auto netlist = run_netlist_gates(unit, point, stimulus, {}, verilog, osu018().library);
      const auto bits = kernels::compare(unit.golden(point, stimulus, {}), netlist);
      ASSERT_TRUE(bits.equal()) << bits.bit_mismatches << " of " << bits.beats << " beats differ from golden, first "
                                << bits.first_bit_mismatch.value_or(0);
      const auto model = kernels::compare(models::run_systemc(unit, point, stimulus), netlist);
      ASSERT_TRUE(model.cycles_compared && model.equal())
          << model.cycle_mismatches << " cycles differ from SystemC, first " << model.first_cycle_mismatch.value_or(0);
    }
  }
}

const auto kName = [](const auto& info) { return info.param; };
INSTANTIATE_TEST_SUITE_P(Catalogue, Netlist, testing::ValuesIn(catalogue()), kName);
INSTANTIATE_TEST_SUITE_P(
    Catalogue, VerilatedNetlist,
    testing::ValuesIn(catalogue_sample({"term_encoder", "group_dequant", "ternary34_pack", "nvfp4_dot"})), kName);

/// Returns the netlist with the middle one of its `from` cells replaced by `to`, which has the same pins.
std::string with_swapped_cell(const kernels::UnitInfo& unit, const kernels::Parameters& point, const std::string& from,
                              const std::string& to) {
  MappedNetlist netlist = map_netlist(unit, point, osu018().library);
  std::vector<std::size_t> places;
  const std::string line = "\n  " + from + " ";
  for (std::size_t at = 0; (at = netlist.verilog.find(line, at)) != std::string::npos; ++at) places.push_back(at);
  if (places.empty()) throw std::logic_error(unit.name + " has no " + from);
  netlist.verilog.replace(places[places.size() / 2] + 3, from.size(), to);
  return netlist.verilog;
}

TEST(BrokenNetlist, OneSwappedCellIsFound) {
  for (const char* name : {"ternary34_pack", "group_dequant"}) {
    const kernels::UnitInfo& unit = kernels::unit(name);
    const kernels::Parameters point = netlist_point(unit);
    const auto stimulus = unit.random(point, {formats_at(unit, point)[0], 500, 5, {5, 30, 30}, true});
    const std::string broken = with_swapped_cell(unit, point, "NAND2X1", "NOR2X1");
    for (const auto run : {run_netlist_verilated, run_netlist_gates}) {
      try {
        const auto trace = run(unit, point, stimulus, {}, broken, osu018().library);
        EXPECT_FALSE(kernels::compare(unit.golden(point, stimulus, {}), trace).equal()) << name;
      } catch (const kernels::RunFailure& error) {
        SUCCEED() << name << " does not finish: " << error.what();
      }
    }
  }
}

/// These are arrays of packed structs, which Verilator reads right, while Yosys 0.23 accepts them and gives them no
/// driver.
TEST(BrokenNetlist, ASilentMistranslationIsFound) {
  const std::string loop = "  for (genvar i = 0; i < Codes; i++) begin : gen_code\n    assign out_data_o[2*i +: 2] = ";
  const BrokenRtl rtl("ternary2_unpack.sv", loop + "{~(in_data_i[2*i+1] | in_data_i[2*i]), ~in_data_i[2*i]};",
                      "  typedef struct packed {\n    logic high;\n    logic low;\n  } code_t;\n"
                      "  code_t [Codes-1:0] codes;\n  assign codes = in_data_i;\n" +
                          loop + "{~(codes[i].high | codes[i].low), ~codes[i].low};");
  const kernels::UnitInfo& unit = kernels::unit("ternary2_unpack");
  const kernels::Parameters point = netlist_point(unit);
  const auto stimulus = unit.random(point, {formats_at(unit, point)[0], 200, 3, {}, true});
  EXPECT_TRUE(compare_broken(unit.name, point, stimulus, rtl).equal());
  EngineOptions options;
  options.rtl_dir = rtl.directory();
  const auto netlist = OpenEngine(engine("netlist"), options).run(unit, point, stimulus);
  EXPECT_GT(kernels::compare(unit.golden(point, stimulus, {}), netlist).bit_mismatches, 0U);
}

/// Makes a folder before PATH with a yosys that counts how often it is asked for its version.
class CountingYosys {
 public:
  CountingYosys() : scratch_(std::filesystem::temp_directory_path()), path_(std::getenv("PATH")) {
    const std::filesystem::path script = scratch_.path() / "yosys";
    write_atomically(script, "#!/bin/sh\n[ \"$1\" = -V ] && echo asked >> \"" + count().string() + "\"\nPATH=\"" +
                                 path_ + "\"\nexec yosys \"$@\"\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    setenv("PATH", (scratch_.path().string() + ":" + path_).c_str(), 1);
  }
  ~CountingYosys() { setenv("PATH", path_.c_str(), 1); }
  std::ptrdiff_t asked() const { return std::ranges::count(read_text(count()), '\n'); }

 private:
  std::filesystem::path count() const { return scratch_.path() / "count"; }
  ScratchFolder scratch_;
  std::string path_;
};

TEST(NetlistEngine, IsOpenedOnceForAllStimuliAndUnits) {
  const CountingYosys yosys;
  VerifyRequest request;
  request.units = {&kernels::unit("ternary2_unpack"), &kernels::unit("ternary34_unpack")};
  request.formats = {quant::parse_format("ternary"), quant::parse_format("sherry")};
  request.skip_unsupported = true;
  request.cases = 30;
  request.engines = open_engines(parse_engines("golden,netlist"));
  const VerifyResult result = verify(request);
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.runs.size(), 6U);  // two that go together, three stalls
  EXPECT_EQ(yosys.asked(), 1);
}

TEST(NetlistEngine, WrongLibrariesAndParametersAreNamed) {
  const kernels::UnitInfo& unit = kernels::unit("ternary2_unpack");
  EngineOptions options;
  options.technology = "osu018x";
  const auto error = [&](const kernels::Parameters& parameters) -> std::string {
    try {
      OpenEngine(engine("netlist"), options).run(unit, parameters, {});
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return "no error";
  };
  EXPECT_EQ(error({}),
            "--technology: 'osu018x' is not a technology, expected one of asap7, gt2n, ihp130, nangate45, osu018, "
            "sky130hd, or the path of a Liberty file; did you mean 'osu018'?");
  options.technology = "osu018";
  EXPECT_NE(error({{"code", 4}}).find("did you mean 'codes'?"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
