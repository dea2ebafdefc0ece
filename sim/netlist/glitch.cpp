#include "sim/netlist/glitch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>

#include "sim/base/parallel_for.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kLanesPerDraw = 4;
constexpr std::size_t kLeastBeats = 64;  ///< of a stimulus that tells an interval

/// The counted edge of a group. The distance of two groups' edges shares no factor with a loop of a few cycles.
unsigned edge_of(std::size_t group, unsigned counted_cycles) {
  const unsigned step = counted_cycles > kGateWords ? (counted_cycles / kGateWords - 1) | 1U : 1;
  return (counted_cycles / 16 + step * static_cast<unsigned>(group)) % counted_cycles;
}

/// The lanes of a word in an order in which neighbours' distance shares no factor with a loop of a few cycles.
unsigned spread_lane(unsigned i) { return 9 * i % 64; }

std::uint64_t spread_lanes(unsigned count) {
  if (count == 0 || count > 64) throw std::invalid_argument("a glitch run takes 1 to 64 windows of a group");
  std::uint64_t lanes = 0;
  for (unsigned i = 0; i < count; ++i) lanes |= std::uint64_t{1} << spread_lane(i);
  return lanes;
}

/// How many lanes of a group the interval that is asked for takes (two stages, after Stein).
unsigned lanes_for(const GlitchOptions& options, const GlitchEnergy& first) {
  if (!first.factor_half_width) return 64;
  const double ratio = *first.factor_half_width / (options.half_width * first.factor());
  if (ratio <= 1) return options.lanes;
  const double draws = std::ceil(options.lanes * ratio * ratio / kLanesPerDraw);
  return static_cast<unsigned>(std::min(64.0, draws * kLanesPerDraw));
}

/// What happened in the timed cycles: the transitions of all nets by group of windows, and the energy of every lane.
struct Timed {
  std::vector<LaneBlock> with, without;
  std::array<TimedSimulator::LaneEnergies, kGateWords> energies;
  std::uint64_t lanes = 0;  ///< of each group
};

/// Adds what happens in further `lanes` of every group.
void add_lanes(const TimedNetlist& netlist, const SampledEdges& edges, const TransitionPrices& prices,
               std::uint64_t lanes, Timed& all) {
  std::vector<double> pj(prices.nets.size());
  for (Net net = 0; net < pj.size(); ++net) pj[net] = net == prices.clock ? 0 : prices.pj(net);
  parallel_each(kGateWords, all_cores(), [&](std::size_t group) {
    const auto run = std::make_unique<TimedSimulator>(netlist, lanes, pj);
    run->load(edges.edges()[group].before);
    run->cycle(edges.edges()[group].after);
    for (Net net = 0; net < all.with.size(); ++net) {
      all.with[net][group] += run->transitions(net);
      all.without[net][group] += run->settled_transitions(net);
    }
    for (std::size_t lane = 0; lane < 64; ++lane) {
      all.energies[group].timed[lane] += run->energies().timed[lane];
      all.energies[group].settled[lane] += run->energies().settled[lane];
    }
  });
  all.lanes |= lanes;
}

/// The energies of lanes that stand at the places of a loop of two or four cycles evenly.
struct Draw {
  double timed = 0, zero_delay = 0;
};

std::vector<Draw> draws_of(const Timed& all, double clock_pj) {
  const unsigned lanes_per_draw = std::popcount(all.lanes) % kLanesPerDraw == 0 ? kLanesPerDraw : 1;
  std::vector<Draw> draws;
  for (const TimedSimulator::LaneEnergies& group : all.energies) {
    unsigned lanes = 0;
    for (unsigned i = 0; i < 64; ++i) {
      const unsigned lane = spread_lane(i);
      if ((all.lanes >> lane & 1) == 0) continue;
      if (lanes++ % lanes_per_draw == 0) draws.emplace_back();
      draws.back().timed += group.timed[lane] + clock_pj;
      draws.back().zero_delay += group.settled[lane] + clock_pj;
    }
  }
  return draws;
}

/// Returns the 95 % confidence interval of the ratio of the sums over all timed lanes (delta method, Student's t).
/// Where there are more lanes than beats they are taken for no more draws than beats would make.
double ratio_half_width(const Timed& all, double clock_pj, std::size_t beats) {
  const std::vector<Draw> draws = draws_of(all, clock_pj);
  Draw sum;
  for (const Draw& draw : draws) {
    sum.timed += draw.timed;
    sum.zero_delay += draw.zero_delay;
  }
  double squares = 0;
  for (const Draw& draw : draws) squares += std::pow(draw.timed - sum.timed / sum.zero_delay * draw.zero_delay, 2);
  const auto count = static_cast<double>(draws.size());
  const double student = 1.96 + 2.84 / (count - 1);  // within a hundredth from seven degrees of freedom on
  const double lanes = static_cast<double>(std::popcount(all.lanes)) * kGateWords;
  const double repeated = std::max(1.0, lanes / static_cast<double>(beats));
  return student * std::sqrt(squares / (count - 1) / count * repeated) / (sum.zero_delay / count);
}

std::uint64_t sum_of(const std::vector<LaneBlock>& transitions) {
  std::uint64_t sum = 0;
  for (const LaneBlock& block : transitions) sum = std::accumulate(block.begin(), block.end(), sum);
  return sum;
}

void add_shares(const GateEnergy& timed, const GateEnergy& zero_delay, GlitchEnergy& result) {
  const double added = timed.pj_per_cycle - zero_delay.pj_per_cycle;
  const auto share = [&](double with, double without) { return added > 0 ? (with - without) / added : 0; };
  for (std::size_t m = 0; m < timed.modules.size(); ++m) {
    auto& shares = result.added_shares.emplace_back();
    for (std::size_t use = 0; use < kEnergyUses; ++use)
      shares[use] = share(timed.modules[m].pj_per_cycle[use], zero_delay.modules[m].pj_per_cycle[use]);
  }
  result.added_switching_share = share(timed.switching_pj, zero_delay.switching_pj);
}

GlitchEnergy energy_of(const EnergyInputs& inputs, const TransitionPrices& prices, const Timed& all,
                       std::size_t beats) {
  GlitchEnergy result;
  result.cycles = static_cast<std::uint64_t>(std::popcount(all.lanes)) * kGateWords;
  const GateEnergy timed = gate_energy(inputs, prices, all.with, result.cycles);
  const GateEnergy zero_delay = gate_energy(inputs, prices, all.without, result.cycles);
  result.timed_pj_per_cycle = timed.pj_per_cycle;
  result.zero_delay_pj_per_cycle = zero_delay.pj_per_cycle;
  result.timed_transitions = sum_of(all.with);
  result.zero_delay_transitions = sum_of(all.without);
  add_shares(timed, zero_delay, result);
  if (beats >= kLeastBeats) result.factor_half_width = ratio_half_width(all, prices.clock_pj(), beats);
  return result;
}

}  // namespace

SampledEdges::SampledEdges(const GateSimulator& simulator, std::size_t nets, unsigned counted_cycles)
    : simulator_(simulator), nets_(nets), counted_cycles_(counted_cycles) {
  if (counted_cycles == 0) throw std::invalid_argument("a glitch run takes at least one counted cycle");
}

void SampledEdges::settled(bool counted) {
  if (!counted) return;
  const auto keep = [&](NetValues& values, std::size_t group) {
    values.resize(nets_);
    for (Net net = 0; net < nets_; ++net) values[net] = simulator_.value(net)[group];
  };
  for (std::size_t group = 0; group < kGateWords; ++group) {
    const unsigned edge = edge_of(group, counted_cycles_);
    if (cycle_ == edge) keep(edges_[group].before, group);
    if (cycle_ == edge + 1) keep(edges_[group].after, group);
  }
  ++cycle_;
}

GlitchEnergy glitch_energy(const EnergyInputs& inputs, const GateSimulator& simulator, const SampledEdges& edges,
                           std::size_t beats, const GlitchOptions& options) {
  const std::uint64_t first = spread_lanes(options.lanes);
  const TimedNetlist timed(inputs.netlist,
                           gate_delays(inputs.netlist, inputs.tables, inputs.timing, inputs.clock_slew_ns));
  const TransitionPrices prices = transition_prices(inputs, simulator);
  Timed all;
  all.with.assign(inputs.netlist.nets, LaneBlock{});
  all.without = all.with;
  add_lanes(timed, edges, prices, first, all);
  const GlitchEnergy of_first = energy_of(inputs, prices, all, beats);
  const std::uint64_t rest = spread_lanes(lanes_for(options, of_first)) & ~first;
  if (rest == 0) return of_first;
  add_lanes(timed, edges, prices, rest, all);
  return energy_of(inputs, prices, all, beats);
}

GateEnergy with_glitches(const GateEnergy& zero_delay, const GlitchEnergy& glitches) {
  GateEnergy energy = zero_delay;
  const double added = (glitches.factor() - 1) * zero_delay.pj_per_cycle;
  for (std::size_t m = 0; m < energy.modules.size(); ++m)
    for (std::size_t use = 0; use < kEnergyUses; ++use)
      energy.modules[m].pj_per_cycle[use] += added * glitches.added_shares.at(m)[use];
  energy.switching_pj += added * glitches.added_switching_share;
  energy.internal_pj += added * (1 - glitches.added_switching_share);
  energy.pj_per_cycle += added;
  energy.half_width_pj *= glitches.factor();
  return energy;
}

}  // namespace subbyte::sim
