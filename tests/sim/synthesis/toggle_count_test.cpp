// Tests toggles counted twice, net by net: by the netlist simulators here and by Icarus Verilog, with and without
// delays.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/cell_models.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/catalogue_sample.hpp"
#include "tests/support/gates/toggle_bench.hpp"

namespace subbyte::sim {
namespace {

using Counts = std::vector<std::uint64_t>;  // by net

struct Subject {
  const kernels::UnitInfo& unit;
  Technology technology;
  MappedNetlist mapped;
  GateNetlist netlist;
  kernels::Stimulus stimulus;

  Subject(const std::string& name, const std::string& format, const std::string& library)
      : unit(kernels::unit(name)),
        technology(read_technology(library)),
        mapped(map_netlist(unit, kernels::resolve(unit, unit.small_point), technology.library)),
        netlist(flatten_netlist(mapped.verilog, name, technology.library)),
        stimulus(unit.random(mapped.parameters, {quant::parse_format(format), 512, 3, {}, true})) {}
};

struct Case {
  const char* unit;
  const char* format;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.unit; }

constexpr std::size_t kLanes = 64;  // a word of lanes: what GateSimulator's counts are kept by

/// Runs the bit-parallel simulator under the stream; `frame` is called before every edge and after the last.
StreamCounts stream(const Subject& subject, GateSimulator& simulator, unsigned counted,
                    const std::function<void(bool)>& frame) {
  StreamWindows windows;
  windows.discarded_cycles = 5;
  windows.counted_cycles = counted;
  windows.settled = frame;
  return run_stream(subject.unit, subject.netlist, simulator, subject.stimulus, windows);
}

std::string frame_of(const std::vector<Net>& inputs, const GateSimulator& simulator, std::size_t lane) {
  std::string bits;
  for (std::size_t i = inputs.size(); i-- > 0;)
    bits += (simulator.value(inputs[i])[lane / 64] >> lane % 64 & 1) != 0 ? '1' : '0';
  return bits;
}

struct ZeroDelay {
  Counts counts;  // of the first word of lanes
  std::vector<PortFrames> lanes{kLanes};
  std::size_t first_counted = 0;  // frame before whose edge counting starts
};

ZeroDelay run_zero_delay(const Subject& subject) {
  ZeroDelay run;
  GateSimulator simulator(subject.netlist);
  const std::vector<Net> inputs = input_nets(subject.netlist);
  stream(subject, simulator, 10, [&](bool counted) {
    if (!counted) run.first_counted = run.lanes[0].size() + 1;
    for (std::size_t lane = 0; lane < kLanes; ++lane) run.lanes[lane].push_back(frame_of(inputs, simulator, lane));
  });
  for (const LaneBlock& net : simulator.transitions()) run.counts.push_back(net[0]);
  return run;
}

/// Returns a pin that shows each net, as the path of the VCD below bench/dut. Nets without pins are not shown.
std::vector<std::string> pins_of_nets(const GateNetlist& netlist) {
  std::vector<std::string> paths(netlist.nets);
  for (const GateInstance& gate : netlist.instances) {
    const auto& pins = netlist.cells[gate.cell]->pins;
    for (std::size_t p = 0; p < pins.size(); ++p) {
      std::string name = gate.name;
      std::erase(name, '\\');
      if (gate.pins[p] != kNoNet && (paths[gate.pins[p]].empty() || pins[p].output))
        paths[gate.pins[p]] = name + "/" + pins[p].name;
    }
  }
  return paths;
}

/// Returns the changes of settled values between the frames first .. last of every run of `frames`, by variable of the
/// waves.
Counts settled_changes(const Waves& waves, std::size_t frames, std::size_t first, std::size_t last) {
  Counts counts(waves.variables.size(), 0);
  std::vector<char> now(counts.size(), 'x'), sampled = now;
  std::size_t frame = 0;
  std::vector<std::size_t> moved;
  const auto sample = [&] {
    const std::size_t at = frame++ % frames;
    for (const std::size_t v : moved) {
      if (at > first && at <= last && now[v] != sampled[v]) ++counts[v];
      if (at > first && now[v] != '0' && now[v] != '1') throw std::runtime_error("an unknown value in a counted cycle");
      sampled[v] = now[v];
    }
    moved.clear();
  };
  for (const Waves::Change& change : waves.changes) {
    while (change.time >= kPeriod * (frame + 1)) sample();
    now[change.variable] = change.value;
    moved.push_back(change.variable);
  }
  sample();
  return counts;
}

/// Runs the structural netlist that synthesis wrote, with models of the library's cells, in Icarus, one lane after the
/// other.
Waves structural_waves(const Subject& subject, const std::vector<PortFrames>& lanes) {
  std::string models = cell_models(subject.technology.library, subject.mapped.cells, true);
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = models.find(from, at)) != std::string::npos; at += to.size())
      models.replace(at, from.size(), to);
  };
  replace("initial ",
          "initial begin end\n  always @(bench.restart) ");  // every lane starts with registers that are low
  replace("$random", "1'b0");
  PortFrames all;
  for (const PortFrames& lane : lanes) all.insert(all.end(), lane.begin(), lane.end());
  return run_icarus("`define RANDOM_STATE\n`timescale 1ns/1ns\n" + models + subject.mapped.verilog +
                        zero_delay_bench(subject.netlist, lanes.size(), lanes[0].size()),
                    all);
}

/// Returns the toggles of all lanes by net. An input port's change after a counted edge counts, and what gates make of
/// it counts in the next cycle.
Counts icarus_zero_delay(const Subject& subject, const ZeroDelay& run) {
  const Waves waves = structural_waves(subject, run.lanes);
  const std::size_t frames = run.lanes[0].size();
  const Counts gates = settled_changes(waves, frames, run.first_counted - 1, frames - 2);
  const Counts ports = settled_changes(waves, frames, run.first_counted, frames - 1);
  const std::vector<Net> inputs = input_nets(subject.netlist);
  const std::set<Net> from_ports(inputs.begin(), inputs.end());
  const std::vector<std::string> pins = pins_of_nets(subject.netlist);
  Counts counts(subject.netlist.nets, 0);
  for (Net net = 2; net < subject.netlist.nets; ++net) {
    if (pins[net].empty()) continue;
    const auto found = waves.variables.find("bench/dut/" + pins[net]);
    if (found == waves.variables.end()) throw std::runtime_error("no wave of " + pins[net]);
    counts[net] = (from_ports.contains(net) ? ports : gates)[found->second];
  }
  return counts;
}

/// Returns nets that differ, but for the clock, which the netlist simulator does not toggle, and nets without pins.
std::size_t differences(const Subject& subject, const Counts& ours, const Counts& theirs) {
  const std::vector<std::string> pins = pins_of_nets(subject.netlist);
  const GatePort* clock = subject.netlist.port("clk_i");
  std::size_t different = 0;
  for (Net net = 2; net < subject.netlist.nets; ++net) {
    if (pins[net].empty() || (clock != nullptr && net == clock->bits[0])) continue;
    if (ours[net] != theirs[net]) ++different;
  }
  return different;
}

std::uint64_t sum(const Counts& counts) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  return total;
}

class ToggleCount : public ::testing::TestWithParam<Case> {};

TEST_P(ToggleCount, WithoutDelaysIsThatOfIcarusOnEveryNet) {
  const Subject subject(GetParam().unit, GetParam().format, "osu018");
  ZeroDelay run = run_zero_delay(subject);
  const Counts icarus = icarus_zero_delay(subject, run);
  std::cout << fmt::format("{} nets, {} transitions\n", subject.netlist.nets, sum(icarus));
  EXPECT_GT(sum(icarus), subject.netlist.nets);
  EXPECT_EQ(differences(subject, run.counts, icarus), 0U);
  // One more transition, or one less, would be seen.
  Counts planted = run.counts;
  const auto moving = std::ranges::find_if(icarus, [](std::uint64_t count) { return count > 0; });
  --planted[static_cast<std::size_t>(moving - icarus.begin())];
  EXPECT_EQ(differences(subject, planted, icarus), 1U);
}

struct Timed {
  Counts counts, settled;
  PortFrames ports;
  std::uint64_t longest = 0;
};

/// The ports of the first lane, and all nets of the first 64.
std::vector<NetValues> frames_of_lanes(const Subject& subject, PortFrames& ports) {
  GateSimulator simulator(subject.netlist);
  const std::vector<Net> inputs = input_nets(subject.netlist);
  std::vector<NetValues> frames;
  stream(subject, simulator, 64, [&](bool) {
    ports.push_back(frame_of(inputs, simulator, 0));
    NetValues& frame = frames.emplace_back(subject.netlist.nets);
    for (Net net = 0; net < subject.netlist.nets; ++net) frame[net] = simulator.value(net)[0];
  });
  return frames;
}

GateDelays delays_of(const Subject& subject) {
  const LibraryTables& tables = subject.technology.library.tables();
  TimingOptions options;
  options.driving_cell = smallest_buffer(subject.technology.library).name;
  return gate_delays(subject.netlist, tables, static_timing(subject.netlist, tables, options));
}

Timed run_timed(const Subject& subject, const GateDelays& delays) {
  Timed run;
  const std::vector<NetValues> frames = frames_of_lanes(subject, run.ports);
  const TimedNetlist netlist(subject.netlist, delays);
  TimedSimulator simulator(netlist, 1);
  simulator.load(frames[0]);
  for (std::size_t f = 1; f < frames.size(); ++f) simulator.cycle(frames[f]);
  for (Net net = 0; net < subject.netlist.nets; ++net) {
    run.counts.push_back(simulator.transitions(net));
    run.settled.push_back(simulator.settled_transitions(net));
  }
  run.longest = netlist.longest();
  return run;
}

Counts icarus_timed(const Subject& subject, const GateDelays& delays, const Timed& run) {
  const std::uint64_t period = run.longest + 10;
  const Waves waves = run_icarus(TimedVerilog(subject.netlist, delays, run.ports.size(), period).text(), run.ports);
  Counts by_variable(waves.variables.size(), 0);
  for (const Waves::Change& change : waves.changes) {
    if (change.time >= period) ++by_variable[change.variable];
  }
  Counts counts;
  for (Net net = 0; net < subject.netlist.nets; ++net)
    counts.push_back(by_variable[waves.variables.at(fmt::format("bench/n{}", net))]);
  return counts;
}

void check_timed(const Case& subject_case, const std::string& library) {
  const Subject subject(subject_case.unit, subject_case.format, library);
  const GateDelays delays = delays_of(subject);
  const Timed run = run_timed(subject, delays);
  EXPECT_GT(sum(run.counts), sum(run.settled)) << "nothing glitches";
  const Counts icarus = icarus_timed(subject, delays, run);
  std::cout << fmt::format("{} nets, {} transitions with delays, {} without\n", subject.netlist.nets, sum(run.counts),
                           sum(run.settled));
  EXPECT_EQ(differences(subject, run.counts, icarus), 0U);
  // Another delay makes other glitches, which the comparison sees.
  GateDelays planted = delays;
  for (Net net = 2; net < planted.nets.size(); net += 7)
    planted.nets[net] = {3 * delays.nets[net][0] + 1, delays.nets[net][1] + 1};
  EXPECT_GT(differences(subject, run_timed(subject, planted).counts, icarus), 0U);
}

TEST_P(ToggleCount, WithDelaysIsThatOfIcarusOnEveryNet) { check_timed(GetParam(), "osu018"); }

// These libraries have delays of a hundredth of those, and cells of two outputs.
TEST(ToggleCountOtherLibraries, WithDelaysIsThatOfIcarusOnEveryNet) {
  for (const char* library : {"nangate45", "asap7"}) {
    try {
      read_technology(library);
    } catch (const InputError& error) {
      GTEST_SKIP() << error.what();
    }
    SCOPED_TRACE(library);
    check_timed({"nvfp4_dot", "nvfp4"}, library);
  }
}

INSTANTIATE_TEST_SUITE_P(Units, ToggleCount,
                         ::testing::Values(Case{"ternary34_unpack", "sherry"}, Case{"fp4_dequant", "mxfp4"},
                                           Case{"term_encoder", "int8"}, Case{"nvfp4_dot", "nvfp4"},
                                           Case{"bitserial_pe", "int4:g32"}),
                         [](const auto& info) { return std::string(info.param.unit); });

}  // namespace
}  // namespace subbyte::sim
