// Runs a whole netlist beside the golden function.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>

#include "models/catalogue.hpp"
#include "sim/engines/netlist_check.hpp"
#include "sim/netlist/gate_stream.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kMostExhaustive = 20;
constexpr unsigned kShortWindow = 64, kLongWindow = 1024;
constexpr std::size_t kCases = 2048;
constexpr std::size_t kTimedInTurn = 4,
                      kTimedOfFewest = 4;  // of kGateLanes windows, each of which is a run of the SystemC model

const std::vector<Net>& bits_of(const GateNetlist& netlist, const std::string& name) {
  const GatePort* port = netlist.port(name);
  if (port == nullptr) throw std::invalid_argument("netlist: no port " + name);
  return port->bits;
}

/// Random words of every width have zero bits above it, as beats do.
class Vectors {
 public:
  Vectors(std::size_t bits, bool exhaustive, std::uint64_t seed)
      : bits_(bits), exhaustive_(exhaustive), random_(seed) {}

  /// Returns the next kGateLanes of them.
  std::vector<std::vector<std::uint64_t>> next() {
    std::vector<std::vector<std::uint64_t>> beats(kGateLanes, std::vector<std::uint64_t>((bits_ + 63) / 64));
    for (auto& beat : beats) {
      for (std::uint64_t& word : beat) word = exhaustive_ ? count_ : random_();
      ++count_;
      if (bits_ % 64 != 0) beat.back() &= (std::uint64_t{1} << bits_ % 64) - 1;
    }
    return beats;
  }

 private:
  std::size_t bits_;
  bool exhaustive_;
  std::mt19937_64 random_;
  std::uint64_t count_ = 0;
};

void drive(GateSimulator& simulator, const std::vector<Net>& nets,
           const std::vector<std::vector<std::uint64_t>>& beats) {
  for (std::size_t b = 0; b < nets.size(); ++b) {
    LaneBlock block{};
    for (std::size_t lane = 0; lane < kGateLanes; ++lane)
      block[lane / 64] |= (beats[lane][b / 64] >> b % 64 & 1) << lane % 64;
    simulator.set_input(nets[b], block);
  }
}

void note(SimulationCheck& check, bool equal, const std::string& where) {
  ++check.compared;
  if (equal) return;
  if (check.differing++ == 0) check.first = where;
}

/// Checks that valid and ready cross a combinational unit.
void check_handshakes(SimulationCheck& check, GateSimulator& simulator, const GateNetlist& netlist,
                      std::mt19937_64& random) {
  for (const auto& [from, to] : {std::pair("in_valid_i", "out_valid_o"), std::pair("out_ready_i", "in_ready_o")}) {
    const Net in = bits_of(netlist, from)[0], out = bits_of(netlist, to)[0];
    LaneBlock block{};
    for (std::uint64_t& word : block) word = random();
    simulator.set_input(in, block);
    simulator.settle();
    if (simulator.value(out) == block) continue;
    if (check.differing++ == 0) check.first = fmt::format("{} does not follow {}", to, from);
  }
}

SimulationCheck run_combinational(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const GateNetlist& netlist, const CheckOptions& options) {
  const auto& in = bits_of(netlist, "in_data_i");
  const auto& out = bits_of(netlist, "out_data_o");
  SimulationCheck check;
  check.exhaustive = in.size() <= kMostExhaustive;
  check.lanes = check.exhaustive ? std::uint64_t{1} << in.size() : options.lanes;
  GateSimulator simulator(netlist);
  Vectors vectors(in.size(), check.exhaustive, options.seed);
  std::mt19937_64 handshakes(options.seed);
  for (std::uint64_t done = 0; done < check.lanes; done += kGateLanes) {
    const auto beats = vectors.next();
    drive(simulator, in, beats);
    check_handshakes(check, simulator, netlist, handshakes);  // it settles the logic
    kernels::Beats inputs((in.size() + 63) / 64);
    for (const auto& beat : beats) inputs.append(beat);
    const auto golden = unit.golden(parameters, {{}, kernels::source_of(std::move(inputs)), {}, 0}, {});
    for (std::size_t lane = 0; lane < std::min<std::uint64_t>(kGateLanes, check.lanes - done); ++lane) {
      bool equal = true;
      for (std::size_t b = 0; b < out.size(); ++b)
        equal &= (simulator.value(out[b])[lane / 64] >> lane % 64 & 1) == (golden.beat(lane)[b / 64] >> b % 64 & 1);
      note(check, equal, fmt::format("vector {}", done + lane));
    }
  }
  return check;
}

std::vector<quant::Format> formats_at(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  std::vector<quant::Format> formats;
  for (const char* suffix : {"", ":g32"}) {
    for (const auto& row : quant::format_table()) {
      try {
        const quant::Format format = quant::parse_format(row.name + suffix);
        if (!unit.unsupported(parameters, format)) formats.push_back(format);
      } catch (const quant::FormatError&) {
        continue;  // the row has no such group
      }
    }
  }
  return formats;
}

/// Returns what a lane is given: the stimulus from its first beat on, and no more than one beat per cycle.
kernels::Stimulus lane_stimulus(const kernels::Stimulus& stimulus, std::size_t first, std::size_t most) {
  return {stimulus.config,
          {most, stimulus.input.words,
           [&stimulus, first](std::size_t i, std::span<std::uint64_t> beat) {
             stimulus.input.fill((first + i) % stimulus.input.count, beat);
           }},
          {},
          0};
}

void compare_lanes(SimulationCheck& check, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                   const kernels::Stimulus& stimulus, const StreamCounts& counts, const std::string& format) {
  for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
    const kernels::Beats& outputs = counts.outputs[lane];
    const auto golden = unit.golden(parameters, lane_stimulus(stimulus, counts.first_beats[lane], check.cycles), {});
    for (std::size_t i = 0; i < outputs.size(); ++i)
      note(check, i < golden.size() && std::ranges::equal(outputs[i], golden.beat(i)),
           fmt::format("format {}, window {}, output beat {}", format, lane, i));
  }
}

/// Returns the output beats that a lane must have handed over in its cycles. TIMING.md leaves no choice in when.
std::uint64_t beats_due(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const kernels::Stimulus& stimulus, std::size_t first, std::uint64_t cycles) {
  const auto trace = models::run_systemc(unit, parameters, lane_stimulus(stimulus, first, cycles));
  std::uint64_t due = 0;
  while (due < trace.size() && trace.cycle(due) < stimulus.config.size() + cycles) ++due;
  return due;
}

/// Returns some lanes in turn, and those that handed over the fewest beats: a unit that hangs is among them.
std::set<std::size_t> timed_lanes(const StreamCounts& counts, std::uint64_t run) {
  std::vector<std::size_t> order(kGateLanes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::partial_sort(order, order.begin() + kTimedOfFewest, {},
                            [&](std::size_t lane) { return counts.outputs[lane].size(); });
  std::set<std::size_t> lanes(order.begin(), order.begin() + kTimedOfFewest);
  for (std::size_t i = 0; i < kTimedInTurn; ++i) lanes.insert((run + i * kGateLanes / kTimedInTurn) % kGateLanes);
  return lanes;
}

void count_beats(SimulationCheck& check, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                 const kernels::Stimulus& stimulus, const StreamCounts& counts, const std::string& format,
                 std::uint64_t run) {
  for (const std::size_t lane : timed_lanes(counts, run)) {
    const std::uint64_t due = beats_due(unit, parameters, stimulus, counts.first_beats[lane], check.cycles);
    ++check.timed;
    if (counts.outputs[lane].size() == due) continue;
    if (check.differing++ == 0)
      check.first = fmt::format("format {}, window {}: {} output beats in {} cycles, {} of the SystemC model", format,
                                lane, counts.outputs[lane].size(), check.cycles, due);
  }
}

SimulationCheck run_windows(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                            const GateNetlist& netlist, const CheckOptions& options) {
  const std::vector<quant::Format> formats = formats_at(unit, parameters);
  if (formats.empty()) {
    SimulationCheck none;
    none.possible = false;
    return none;
  }
  GateSimulator simulator(netlist);
  StreamWindows windows;
  windows.collected_lanes = kGateLanes;
  windows.counted_cycles = kShortWindow;
  SimulationCheck check;
  for (std::uint64_t run = 0; check.lanes < options.lanes; ++run) {
    const quant::Format& format = formats[run % formats.size()];
    const auto stimulus = unit.random(parameters, {format, kCases, options.seed + run, {}, true});
    windows.sample_every = windows.counted_cycles;  // only energy needs states
    check.cycles = windows.discarded_cycles + windows.counted_cycles;
    const std::uint64_t before = check.compared;
    const StreamCounts counts = run_stream(unit, netlist, simulator, stimulus, windows);
    compare_lanes(check, unit, parameters, stimulus, counts, format.id());
    count_beats(check, unit, parameters, stimulus, counts, format.id(), run);
    if (check.compared - before < kGateLanes && windows.counted_cycles < kLongWindow)
      windows.counted_cycles *= 4;  // most windows gave nothing yet
    else
      check.lanes += kGateLanes;
  }
  return check;
}

}  // namespace

SimulationCheck simulate_check(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                               const std::string& verilog, const CellLibrary& library, const CheckOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const GateNetlist netlist = flatten_netlist(verilog, unit.name, library);
  SimulationCheck check = unit.combinational ? run_combinational(unit, parameters, netlist, options)
                                             : run_windows(unit, parameters, netlist, options);
  check.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return check;
}

}  // namespace subbyte::sim
