#include "sim/netlist/glitch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include "sim/base/parallel_for.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "sim/netlist/gate_timed.hpp"

namespace subbyte::sim {
namespace {

/// The settled values of one lane, before every counted cycle's edge and after the last.
class LaneRecord {
 public:
  LaneRecord(const GateSimulator& simulator, std::size_t nets, std::size_t lane)
      : simulator_(simulator), nets_(nets), word_(lane / 64), bit_(lane % 64) {}

  // Of the cycles that do not count only the last matters, because the edge after it is the first counted one.
  void settled(bool counted) {
    if (counted || frames_.empty()) frames_.emplace_back((nets_ + 63) / 64);
    NetValues& frame = frames_.back();
    std::ranges::fill(frame, 0);
    for (Net net = 0; net < nets_; ++net) frame[net / 64] |= (simulator_.value(net)[word_] >> bit_ & 1) << net % 64;
  }
  const std::vector<NetValues>& frames() const { return frames_; }

 private:
  const GateSimulator& simulator_;
  std::size_t nets_, word_, bit_;
  std::vector<NetValues> frames_;
};

void check(const GlitchOptions& options) {
  if (options.windows == 0 || options.windows > kGateLanes || options.counted_cycles == 0)
    throw std::invalid_argument("a glitch run takes 1 to 512 windows of at least one cycle");
}

/// The energy of one group of windows, with glitches and without.
struct GroupEnergy {
  double timed = 0, zero_delay = 0;
};

/// Returns the 95 % confidence interval of a ratio of sums over groups that are alike (delta method, Student's t).
std::optional<double> ratio_half_width(std::span<const GroupEnergy> groups) {
  static constexpr std::array kStudent{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365};
  const std::size_t count = groups.size();
  if (count < 2) return std::nullopt;
  GroupEnergy sum;
  for (const GroupEnergy& group : groups) {
    sum.timed += group.timed;
    sum.zero_delay += group.zero_delay;
  }
  double squares = 0;
  for (const GroupEnergy& group : groups)
    squares += std::pow(group.timed - sum.timed / sum.zero_delay * group.zero_delay, 2);
  const auto n = static_cast<double>(count);
  return kStudent.at(count - 2) * std::sqrt(squares / (n * (n - 1))) / (sum.zero_delay / n);
}

/// The windows of one group alone.
std::vector<LaneBlock> of_group(const std::vector<LaneBlock>& transitions, std::size_t group) {
  std::vector<LaneBlock> alone(transitions.size(), LaneBlock{});
  for (std::size_t net = 0; net < transitions.size(); ++net) alone[net][group] = transitions[net][group];
  return alone;
}

}  // namespace

GlitchEnergy glitch_energy(const kernels::UnitInfo& unit, const EnergyInputs& inputs, const kernels::Stimulus& stimulus,
                           const GlitchOptions& options) {
  check(options);
  const GateNetlist& netlist = inputs.netlist;
  const TimedNetlist timed(netlist, gate_delays(netlist, inputs.tables, inputs.timing, inputs.clock_slew_ns));
  GateSimulator simulator(netlist);
  std::vector<LaneRecord> records;
  for (std::size_t w = 0; w < options.windows; ++w)
    records.emplace_back(simulator, netlist.nets, w * kGateLanes / options.windows);
  StreamWindows windows{.stagger_cycles = kStagger};
  windows.discarded_cycles = options.discarded_cycles;
  windows.counted_cycles = options.counted_cycles;
  windows.settled = [&](bool counted) {
    for (LaneRecord& record : records) record.settled(counted);
  };
  const StreamCounts counts = run_stream(unit, netlist, simulator, stimulus, windows);

  std::vector<TimedSimulator> runs(options.windows, TimedSimulator(timed));
  const unsigned threads = std::min(options.windows, all_cores());
  parallel_for(options.windows, threads, [&](std::size_t first, std::size_t last) {
    for (std::size_t w = first; w < last; ++w) {
      const auto& frames = records[w].frames();
      runs[w].load(frames.front());
      for (std::size_t f = 1; f <= options.counted_cycles; ++f) runs[w].cycle(frames[f]);
    }
  });

  std::vector<LaneBlock> with(netlist.nets, LaneBlock{}), without = with;
  GlitchEnergy result;
  for (Net net = 0; net < netlist.nets; ++net) {
    for (std::size_t w = 0; w < runs.size(); ++w) {
      with[net][w % kGateWords] += runs[w].transitions(net);
      without[net][w % kGateWords] += runs[w].settled_transitions(net);
      result.timed_transitions += runs[w].transitions(net);
      result.zero_delay_transitions += runs[w].settled_transitions(net);
    }
  }
  result.cycles = std::uint64_t{options.windows} * options.counted_cycles;
  result.timed_pj_per_cycle = gate_energy(inputs, simulator, with, result.cycles).pj_per_cycle;
  result.zero_delay_pj_per_cycle = gate_energy(inputs, simulator, without, result.cycles).pj_per_cycle;
  const double beats_per_window = static_cast<double>(counts.input_beats) / kGateLanes;
  if (beats_per_window * options.windows > static_cast<double>(stimulus.input.count)) return result;
  std::vector<GroupEnergy> groups;
  for (std::size_t group = 0; group < std::min<std::size_t>(kGateWords, options.windows); ++group) {
    // The clock's share is per cycle, so a group's own cycles count here, while its energy is taken over all of them.
    const std::uint64_t cycles = (options.windows - group + kGateWords - 1) / kGateWords * options.counted_cycles;
    const auto pj = [&](const std::vector<LaneBlock>& transitions) {
      return static_cast<double>(cycles) *
             gate_energy(inputs, simulator, of_group(transitions, group), cycles).pj_per_cycle;
    };
    groups.push_back({pj(with), pj(without)});
  }
  result.factor_half_width = ratio_half_width(groups);
  return result;
}

}  // namespace subbyte::sim
