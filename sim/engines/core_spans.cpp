#include "sim/engines/core_spans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace subbyte::sim {
namespace {

using kernels::CoreStep;
using models::CycleSpan;

/// A block that lies in a half of a buffer.
struct Block {
  CoreTrack half0;
  std::uint32_t number = 0, first_step = 0, last_step = 0;  ///< the steps that use or make it
  CycleSpan filled;
  std::uint64_t written = 0;  ///< of results: the cycle in which memory took the last word
};

class Collector : public models::CoreWatcher {
 public:
  Collector(const CoreLayerPlan& plan, const kernels::CoreLayer& layer, std::size_t most)
      : plan_(plan), layer_(layer), most_(most) {
    result_.steps = layer.steps();
    rest_.name = "left out";
  }

  void moves(std::uint32_t j, const CoreStep& step, const models::CoreMemoryStep& memory) override {
    if (full_) return;
    fetched(activations_, j, {CoreTrack::kReadActivations, memory.activations}, step.activations.words);
    fetched(weights_, j, {CoreTrack::kReadWeights, {memory.weights_asked, memory.weights.last}}, step.weights.words);
    if (memory.outputs.cycles() == 0) return;
    // Results of pairs leave in the order of these.
    Block& pair = pairs_.at(next_written_++);
    pair.written = memory.outputs.last;
    add({CoreTrack::kWriteOutputs, fmt::format("block {}", pair.number), memory.outputs.first, memory.outputs.cycles(),
         pair.last_step});
  }

  void waits(unsigned cause, const CycleSpan& span) override {
    kernels::CoreCounts counts{};
    counts[cause] = span.cycles();
    book(kernels::kCoreCauses[cause], span.first, counts);
  }

  void computes(std::uint32_t j, const CoreStep& step, std::uint64_t go,
                const models::CoreStepCycles& cycles) override {
    full_ = full_ || used() + kMostSpansOfStep > most_;
    if (!full_) {
      if (step.first_inputs) pairs_.push_back({CoreTrack::kOutputHalf0, step.pair, j, j, {go + 1, go}});
      pairs_.back().last_step = j;
      pairs_.back().filled.last = go + cycles.total();
      result_.shown = j + 1;
    }
    std::uint64_t at = go + 1;
    const auto part = [&](const char* name, std::uint64_t work, std::uint64_t gap, kernels::CoreCounts counts = {}) {
      counts[kernels::kWork] = work;
      counts[kernels::kGap] = gap;
      book(name, at, counts);
      at += kernels::core_total(counts);
    };
    kernels::CoreCounts fill{}, drain{};
    fill[kernels::kFill] = cycles.fill;
    drain[kernels::kDrain] = cycles.drain;
    part("fill", 0, 0, fill);
    for (const auto& [work, gap] : full_ ? merged(cycles) : runs(step, cycles)) {
      if (work > 0 && gap > 0) {
        part("work and gaps", work, gap);
      } else if (work + gap > 0) {
        part(work > 0 ? "work" : "gap", work, gap);
      }
    }
    part("drain", 0, 0, drain);
    if (!full_) ends_.push_back(at - 1);
    step_ = std::min(j + 1, layer_.steps() - 1);
  }

  /// `cycles` are those of the layer.
  CoreSpans done(std::uint64_t cycles) {
    if (rest_.cycles > 0) result_.spans.push_back(rest_);
    for (std::vector<Block>* operand : {&activations_, &weights_}) {
      for (std::size_t i = 0; i < operand->size(); ++i) {
        const std::uint32_t next = i + 1 < operand->size() ? (*operand)[i + 1].first_step : result_.shown;
        if (next > 0 && next <= result_.shown) hold((*operand)[i], ends_.at(next - 1));
      }
    }
    for (const Block& pair : pairs_) hold(pair, pair.written);
    std::ranges::stable_sort(result_.spans, [](const CoreSpan& a, const CoreSpan& b) {
      return std::tuple(a.track, a.first) < std::tuple(b.track, b.first);
    });
    std::uint64_t at = 0;
    for (const CoreSpan& span : result_.spans)
      if (span.track == CoreTrack::kArray && std::exchange(at, span.first + span.cycles) != span.first)
        throw std::logic_error("spans of the array leave a hole");
    if (at != cycles) throw std::logic_error("spans of the array are not the layer's cycles");
    return std::move(result_);
  }

 private:
  using Runs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  ///< cycles of work, or of a gap; or all of both

  /// Returns the spans that there will be, with one inside each read for the time in which its words move.
  std::size_t used() const {
    return result_.spans.size() + 3 * (activations_.size() + weights_.size()) + 2 * pairs_.size();
  }
  void add(CoreSpan span) { result_.spans.push_back(std::move(span)); }

  /// Adds cycles of the array, to the rest where no step is shown any more.
  void book(const char* name, std::uint64_t first, const kernels::CoreCounts& counts) {
    const std::uint64_t cycles = kernels::core_total(counts);
    if (cycles == 0) return;
    if (!full_) return add({CoreTrack::kArray, name, first, cycles, step_, counts});
    if (rest_.cycles == 0) std::tie(rest_.first, rest_.step) = std::tuple(first, step_);
    rest_.cycles += cycles;
    for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) rest_.counts[cause] += counts[cause];
  }

  void fetched(std::vector<Block>& blocks, std::uint32_t j, const std::pair<CoreTrack, CycleSpan>& moved,
               std::uint32_t words) {
    if (words == 0) return;
    const auto& [track, span] = moved;
    const auto number = static_cast<std::uint32_t>(blocks.size());
    add({track, fmt::format("block {}", number), span.first, span.cycles(), j, {}, words});
    const CoreTrack half = track == CoreTrack::kReadWeights ? CoreTrack::kWeightHalf0 : CoreTrack::kActivationHalf0;
    blocks.push_back({half, number, j, j, span});
  }

  /// Adds what a half holds: the block while it comes, and from then on to the cycle `last`.
  void hold(const Block& block, std::uint64_t last) {
    const auto track = static_cast<CoreTrack>(static_cast<unsigned>(block.half0) + block.number % 2);
    add({track, fmt::format("fill {}", block.number), block.filled.first, block.filled.cycles(), block.first_step});
    if (last > block.filled.last)
      add({track, fmt::format("hold {}", block.number), block.filled.last + 1, last - block.filled.last,
           block.first_step});
  }

  static Runs merged(const models::CoreStepCycles& cycles) { return {{cycles.work, cycles.gap}}; }

  /// Returns work and gaps in their order, or all together where these are too many.
  Runs runs(const CoreStep& step, const models::CoreStepCycles& cycles) {
    if (cycles.gap == 0) return merged(cycles);
    const std::size_t room = most_ / 2 - std::min(most_ / 2, used());
    Runs all;
    std::uint64_t at = cycles.fill;
    models::core_step_chunks(plan_.core, layer_, plan_.beats, step, [&](const CycleSpan& chunk) {
      if (chunk.first > at + 1) all.emplace_back(0, chunk.first - at - 1);
      if (all.empty() || all.back().second > 0) all.emplace_back(0, 0);
      all.back().first += chunk.cycles();
      at = chunk.last;
      return all.size() <= room;
    });
    if (all.size() <= room) return all;
    ++result_.merged;
    return merged(cycles);
  }

  const CoreLayerPlan& plan_;
  const kernels::CoreLayer& layer_;
  std::size_t most_;
  CoreSpans result_;
  CoreSpan rest_;
  bool full_ = false;
  std::uint32_t step_ = 0;           ///< that is waited for or computed
  std::vector<std::uint64_t> ends_;  ///< the last cycle of each step that is shown
  std::vector<Block> activations_, weights_, pairs_;
  std::size_t next_written_ = 0;
};

}  // namespace

CoreSpans core_spans(const CoreLayerPlan& plan, const CoreSchedule& schedule, std::size_t most) {
  Collector collector(plan, schedule.layer, most);
  models::ChannelTimes memory(plan.channel);
  const kernels::CoreCounts counts =
      models::core_cycles(plan.core, schedule.layer, plan.beats, 0, memory, {}, &collector);
  if (counts != schedule.counts) throw std::logic_error("a layer takes other cycles than its schedule says");
  return collector.done(kernels::core_total(counts));
}

}  // namespace subbyte::sim
