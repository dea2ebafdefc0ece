// Measures vectors per second of the netlist simulator on one core, with transitions counted, beside a plain
// interpreter of the same netlist (64 lanes in a word). A vector is one stimulus in one lane, of which a settling has
// 512. Both take turns on the same inputs, and their counts are compared; rates are of the best turn in CPU time. It
// runs once with the machine's best instructions and once with AVX2 at most. The `timed` benchmarks set the simulator
// with delays, 64 or 8 lanes in a word, against one that times a lane after the other.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "quant/base/simd_targets.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/gate_simulator.hpp"
#include "sim/netlist/gate_timed.hpp"
#include "sim/reproduce/operations.hpp"
#include "tests/support/gates/lane_timed.hpp"
#include "tests/support/gates/naive_gates.hpp"

namespace subbyte {
namespace {

using namespace sim;

constexpr std::size_t kSteps = 64;   ///< different inputs, which are taken in turn
constexpr std::size_t kRounds = 16;  ///< rounds of all of them per turn

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Inputs {
  std::vector<Net> nets;
  std::vector<LaneBlock> blocks;  ///< [step][net]
};

/// Draws uniformly random inputs but for reset and handshakes, which let everything pass.
Inputs random_inputs(const GateNetlist& netlist) {
  Inputs inputs;
  std::vector<bool> high;
  for (const GatePort& port : netlist.ports) {
    if (!port.input || port.name == "clk_i") continue;
    const bool fixed = port.name == "rst_ni" || port.name == "in_valid_i" || port.name == "out_ready_i";
    for (const Net net : port.bits) {
      inputs.nets.push_back(net);
      high.push_back(fixed);
    }
  }
  std::mt19937_64 random(1);
  for (std::size_t step = 0; step < kSteps; ++step) {
    for (std::size_t i = 0; i < inputs.nets.size(); ++i) {
      LaneBlock& block = inputs.blocks.emplace_back();
      for (std::uint64_t& word : block) word = high[i] ? ~std::uint64_t{0} : random();
    }
  }
  return inputs;
}

template <class Simulator, class Value>
double turn(Simulator& simulator, const Inputs& inputs, std::size_t rounds, const Value& value) {
  const double start = cpu_seconds();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t step = 0; step < kSteps; ++step) {
      const LaneBlock* blocks = inputs.blocks.data() + step * inputs.nets.size();
      for (std::size_t i = 0; i < inputs.nets.size(); ++i) simulator.set_input(inputs.nets[i], value(blocks[i]));
      simulator.settle();
      simulator.clock();
    }
  }
  return cpu_seconds() - start;
}

void rate(benchmark::State& state, const GateNetlist& netlist, std::int64_t target) {
  if (target != 0) hwy::GetChosenTarget().Update(target);
  const Inputs inputs = random_inputs(netlist);
  GateSimulator simulator(netlist);
  simulator.count(true);
  tests::NaiveGates naive(netlist);
  double best = std::numeric_limits<double>::infinity(), naive_best = best;
  for (auto _ : state) {
    best = std::min(best,
                    turn(simulator, inputs, kRounds, [](const LaneBlock& block) -> const LaneBlock& { return block; }));
    naive_best = std::min(naive_best, turn(naive, inputs, kRounds, [](const LaneBlock& block) { return block[0]; }));
    for (Net net = 0; net < netlist.nets; ++net) {
      if (simulator.transitions()[net][0] != naive.transitions(net)) state.SkipWithError("the counts differ");
    }
  }
  hwy::GetChosenTarget().DeInit();
  state.counters["vectors/s"] = kRounds * kSteps * kGateLanes / best;
  state.counters["naive_vectors/s"] = kRounds * kSteps * 64 / naive_best;
  state.counters["ratio"] = static_cast<double>(kGateWords) * naive_best / best;
  state.counters["cells"] = static_cast<double>(netlist.instances.size());
  state.counters["steps"] = static_cast<double>(simulator.steps());
}

void fp16_multiplier(benchmark::State& state, std::int64_t target) {
  const auto technology = read_technology("osu018");
  rate(state, map_operation(reference_operation("FP16 multiplier"), open_flow(technology.library, {})), target);
}

void bitserial_pe(benchmark::State& state, std::int64_t target) {
  const auto technology = read_technology("osu018");
  const auto parameters = kernels::resolve(kernels::unit("bitserial_pe"), {{"lanes", 4}});
  const MappedNetlist mapped = map_netlist(kernels::unit("bitserial_pe"), parameters, technology.library);
  rate(state, flatten_netlist(mapped.verilog, "bitserial_pe", technology.library), target);
}

/// Settled values of the first 64 lanes of two successive random inputs.
std::array<NetValues, 2> random_edge(const GateNetlist& netlist) {
  const Inputs inputs = random_inputs(netlist);
  GateSimulator simulator(netlist);
  std::array<NetValues, 2> edge;
  for (std::size_t step = 0; step < kSteps; ++step) {
    const LaneBlock* blocks = inputs.blocks.data() + step * inputs.nets.size();
    simulator.clock();
    for (std::size_t i = 0; i < inputs.nets.size(); ++i) simulator.set_input(inputs.nets[i], blocks[i]);
    simulator.settle();
    if (step + edge.size() < kSteps) continue;
    NetValues& values = edge[step + edge.size() - kSteps];
    for (Net net = 0; net < netlist.nets; ++net) values.push_back(simulator.value(net)[0]);
  }
  return edge;
}

template <class Run>
double timed_turn(const Run& run) {
  const double start = cpu_seconds();
  run();
  return cpu_seconds() - start;
}

void timed(benchmark::State& state, const char* unit, const kernels::Parameters& point) {
  const auto technology = read_technology("osu018");
  const auto parameters = kernels::resolve(kernels::unit(unit), point);
  const MappedNetlist mapped = map_netlist(kernels::unit(unit), parameters, technology.library);
  const GateNetlist netlist = flatten_netlist(mapped.verilog, unit, technology.library);
  const LibraryTables& tables = technology.library.tables();
  const GateDelays delays = gate_delays(netlist, tables, static_timing(netlist, tables, {}));
  const TimedNetlist timed(netlist, delays);
  const auto edge = random_edge(netlist);
  const unsigned distance = 64 / static_cast<unsigned>(state.range(0));
  std::uint64_t mask = 0;
  for (unsigned lane = 0; lane < 64; lane += distance) mask |= std::uint64_t{1} << lane;
  TimedSimulator words(timed, mask);
  tests::LaneTimed lanes(netlist, delays);
  double best = std::numeric_limits<double>::infinity(), lane_best = best;
  for (auto _ : state) {
    best = std::min(best, timed_turn([&] {
                      words.load(edge[0]);
                      words.cycle(edge[1]);
                    }));
    lane_best = std::min(lane_best, timed_turn([&] {
                           for (unsigned lane = 0; lane < 64; lane += distance) {
                             lanes.load(edge[0], lane);
                             lanes.cycle(edge[1], lane);
                           }
                         }));
    for (Net net = 0; net < netlist.nets; ++net) {
      if (words.transitions(net) != lanes.transitions(net)) state.SkipWithError("the counts differ");
    }
  }
  state.counters["lane_cycles/s"] = static_cast<double>(state.range(0)) / best;
  state.counters["single_lane_cycles/s"] = static_cast<double>(state.range(0)) / lane_best;
  state.counters["ratio"] = lane_best / best;
  state.counters["cells"] = static_cast<double>(netlist.instances.size());
}

BENCHMARK_CAPTURE(timed, bitserial_pe, "bitserial_pe", {{"lanes", 4}})->Arg(64)->Arg(8)->Iterations(15);
BENCHMARK_CAPTURE(timed, int8_mac_tile, "int8_mac_tile", {{"rows", 1}, {"cols", 2}})->Arg(64)->Arg(8)->Iterations(15);
BENCHMARK_CAPTURE(timed, fp16_mac_tile, "fp16_mac_tile", {{"rows", 1}, {"cols", 2}})->Arg(64)->Arg(8)->Iterations(15);
BENCHMARK_CAPTURE(fp16_multiplier, best, 0)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK_CAPTURE(bitserial_pe, best, 0)->Unit(benchmark::kMillisecond)->Iterations(7);
#if HWY_ARCH_X86
BENCHMARK_CAPTURE(fp16_multiplier, avx2, HWY_AVX2)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK_CAPTURE(bitserial_pe, avx2, HWY_AVX2)->Unit(benchmark::kMillisecond)->Iterations(7);
#endif

}  // namespace
}  // namespace subbyte
