#include "sim/netlist/gate_stream.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace subbyte::sim {
namespace {

constexpr LaneBlock kLow{};
constexpr LaneBlock kHigh{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL};

/// The rows and columns of a 64 x 64 bit matrix change places (Hacker's Delight, 7-3).
void transpose(std::uint64_t (&m)[64]) {
  std::uint64_t mask = 0x00000000FFFFFFFFULL;
  for (unsigned width = 32; width != 0; width >>= 1, mask ^= mask << width) {
    for (unsigned k = 0; k < 64; k = (k + width + 1) & ~width) {
      const std::uint64_t t = (m[k] >> width ^ m[k | width]) & mask;
      m[k] ^= t << width;
      m[k | width] ^= t;
    }
  }
}

std::uint64_t ones(const LaneBlock& block) {
  std::uint64_t count = 0;
  for (const std::uint64_t word : block) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

class StreamDriver {
 public:
  StreamDriver(const kernels::UnitInfo& unit, const GateNetlist& netlist, GateSimulator& simulator,
               const kernels::Stimulus& stimulus, const StreamWindows& windows)
      : unit_(unit),
        netlist_(netlist),
        simulator_(simulator),
        stimulus_(stimulus),
        windows_(windows),
        words_(stimulus.input.words),
        beats_(kGateLanes * words_),
        next_(kGateLanes),
        data_(port("in_data_i").bits.size()) {
    if (stimulus.input.count == 0) throw std::invalid_argument("the stimulus has no beats");
    if ((data_.size() + 63) / 64 != words_)
      throw std::invalid_argument("netlist: in_data_i is not as wide as the unit's beats");
    for (std::size_t lane = 0; lane < windows.collected_lanes; ++lane)
      counts_.outputs.emplace_back((port("out_data_o").bits.size() + 63) / 64);
    for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
      next_[lane] = first_beat(lane, stimulus.input.count);
      if (lane < windows.collected_lanes) counts_.first_beats.push_back(next_[lane]);
      take_beat(lane);
    }
    for (std::size_t group = 0; group < kGateWords; ++group) load_group(group);
  }

  StreamCounts run() {
    reset();
    set("out_ready_i", kHigh);
    drive_data();
    for (unsigned cycle = 0; cycle < windows_.stagger_cycles; ++cycle) {
      offer(cycle);
      step(false);
    }
    offer(windows_.stagger_cycles);
    for (unsigned cycle = 0; cycle < windows_.discarded_cycles; ++cycle) step(false);
    simulator_.count(true);
    for (unsigned cycle = 0; cycle < windows_.counted_cycles; ++cycle) {
      if (cycle % windows_.sample_every == 0) sample(cycle / windows_.sample_every % 2 != 0);
      step(true);
    }
    simulator_.count(false);
    if (windows_.settled) {
      simulator_.settle();
      windows_.settled(true);
    }
    counts_.lane_cycles = std::uint64_t{windows_.counted_cycles} * kGateLanes;
    return std::move(counts_);
  }

 private:
  const GatePort& port(const std::string& name) const {
    const GatePort* found = netlist_.port(name);
    if (found == nullptr) throw std::invalid_argument("netlist: no port " + name);
    return *found;
  }
  Net net(const std::string& name) const { return port(name).bits[0]; }
  void set(const std::string& name, const LaneBlock& value) { simulator_.set_input(net(name), value); }
  void set_bus(const std::string& name, std::uint64_t value) {
    const auto& bits = port(name).bits;
    for (std::size_t b = 0; b < bits.size(); ++b) simulator_.set_input(bits[b], (value >> b & 1) != 0 ? kHigh : kLow);
  }

  void reset() {
    set("in_valid_i", kLow);
    set("out_ready_i", kLow);
    if (unit_.has_config) set("cfg_valid_i", kLow);
    set("rst_ni", kLow);
    for (unsigned i = 0; i < 2; ++i) tick();
    set("rst_ni", kHigh);
    for (const kernels::ConfigWrite& write : stimulus_.config) {
      set("cfg_valid_i", kHigh);
      set_bus("cfg_addr_i", write.address);
      set_bus("cfg_data_i", write.data);
      tick();
    }
    if (unit_.has_config) set("cfg_valid_i", kLow);
    simulator_.settle();
  }
  void tick() {
    simulator_.settle();
    settled(false);
    simulator_.clock();
    simulator_.settle();
  }

  void offer(unsigned cycle) {
    for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
      if (windows_.stagger_cycles == 0 || lane % windows_.stagger_cycles <= cycle)
        offered_[lane / 64] |= std::uint64_t{1} << lane % 64;
    }
    set("in_valid_i", offered_);
  }

  void settled(bool counted) const {
    if (windows_.settled) windows_.settled(counted);
  }

  // States are sampled with the clock high and low in turn. What moved with the last edge is counted first.
  void sample(bool clock_high) {
    simulator_.settle();
    const GatePort* clock = netlist_.port("clk_i");
    if (clock == nullptr) return simulator_.sample_states();
    simulator_.count(false);
    simulator_.set_input(clock->bits[0], clock_high ? kHigh : kLow);
    simulator_.settle();
    simulator_.sample_states();
    simulator_.set_input(clock->bits[0], kLow);
    simulator_.settle();
    simulator_.count(true);
  }

  /// Runs one cycle: what is offered now moves at the edge, and then the next beats stand before the unit.
  void step(bool counted) {
    simulator_.settle();
    settled(counted);
    LaneBlock accepted = simulator_.value(net("in_ready_o"));
    for (std::size_t group = 0; group < kGateWords; ++group) accepted[group] &= offered_[group];
    const LaneBlock given = simulator_.value(net("out_valid_o"));
    if (counted) {
      counts_.input_beats += ones(accepted);
      counts_.output_beats += ones(given);
    }
    collect(given);
    simulator_.clock();
    for (std::size_t group = 0; group < kGateWords; ++group) {
      if (accepted[group] == 0) continue;
      for (unsigned lane = 0; lane < 64; ++lane) {
        if ((accepted[group] >> lane & 1) != 0) take_beat(64 * group + lane);
      }
      load_group(group);
    }
    drive_data();
  }

  void collect(const LaneBlock& given) {
    for (std::size_t lane = 0; lane < windows_.collected_lanes; ++lane) {
      if ((given[lane / 64] >> lane % 64 & 1) == 0) continue;
      const auto beat = counts_.outputs[lane].append();
      const auto& bits = port("out_data_o").bits;
      for (std::size_t b = 0; b < bits.size(); ++b)
        beat[b / 64] |= (simulator_.value(bits[b])[lane / 64] >> lane % 64 & 1) << b % 64;
    }
  }

  void take_beat(std::size_t lane) {
    stimulus_.input.fill(next_[lane], {beats_.data() + lane * words_, words_});
    next_[lane] = (next_[lane] + 1) % stimulus_.input.count;
  }
  void load_group(std::size_t group) {
    std::uint64_t matrix[64];
    for (std::size_t word = 0; word < words_; ++word) {
      for (std::size_t lane = 0; lane < 64; ++lane) matrix[lane] = beats_[(64 * group + lane) * words_ + word];
      transpose(matrix);
      for (std::size_t bit = 64 * word; bit < std::min(data_.size(), 64 * word + 64); ++bit)
        data_[bit][group] = matrix[bit % 64];
    }
  }
  void drive_data() {
    const auto& bits = port("in_data_i").bits;
    for (std::size_t b = 0; b < bits.size(); ++b) simulator_.set_input(bits[b], data_[b]);
  }

  const kernels::UnitInfo& unit_;
  const GateNetlist& netlist_;
  GateSimulator& simulator_;
  const kernels::Stimulus& stimulus_;
  const StreamWindows& windows_;
  std::size_t words_;
  std::vector<std::uint64_t> beats_;  ///< [lane][word]: what each lane offers
  std::vector<std::size_t> next_;     ///< beat that follows it
  std::vector<LaneBlock> data_;       ///< the same by bit of in_data_i
  LaneBlock offered_ = kLow;          ///< in_valid_i
  StreamCounts counts_;
};

}  // namespace

std::size_t first_beat(std::size_t lane, std::size_t beats) {
  constexpr unsigned kBits = std::bit_width(kGateLanes) - 1;
  std::size_t reversed = 0;
  for (unsigned bit = 0; bit < kBits; ++bit) reversed |= (lane >> bit & 1) << (kBits - 1 - bit);
  // The place is (lane + reversed / 512) / 512 of all beats. It is taken in two steps, because beats * 512 * 512 may
  // not fit.
  const std::size_t step = lane * kGateLanes + reversed;
  constexpr std::size_t kSteps = kGateLanes * kGateLanes;
  return beats / kSteps * step + beats % kSteps * step / kSteps;
}

StreamCounts run_stream(const kernels::UnitInfo& unit, const GateNetlist& netlist, GateSimulator& simulator,
                        const kernels::Stimulus& stimulus, const StreamWindows& windows) {
  return StreamDriver(unit, netlist, simulator, stimulus, windows).run();
}

}  // namespace subbyte::sim
