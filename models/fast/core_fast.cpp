#include "models/fast/core_fast.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/core/core_check.hpp"
#include "models/fast/core_tile_times.hpp"

namespace subbyte::models {
namespace {

using kernels::CoreCommand;
using kernels::CoreTransfer;

/// The feed and the tiles over the fields of a step, as times after the cycle in which it begins.
class FeedTimes {
 public:
  FeedTimes(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
            const kernels::CoreStep& step)
      : layer_(layer),
        step_(step),
        fields_(params.tile.fields(layer.code_bits)),
        tiles_(core_tile_times(params.tile, layer, beats)) {}

  /// Calls see(moved, taken) for every chunk, which is in stage 2 from the cycle after the first to the second.
  template <typename See>
  void tile(See see) {
    if (layer_.channel) read_metadata();
    for (std::uint32_t g = 0; g < step_.groups; ++g) {
      if (layer_.metadata_bits(1) > 0) read_metadata();
      const bool last = g + 1 == step_.groups;
      const std::uint64_t chunks = last && step_.last_inputs ? layer_.chunks_last : layer_.chunks;
      for (std::uint64_t c = 0; c < chunks * fields_; ++c) {
        const std::uint64_t moved = chunk();
        see(moved, taken_);
      }
      last_output_ = tiles_->end_group(last);
    }
  }
  void tile() {
    tile([](std::uint64_t, std::uint64_t) {});
  }
  /// Times that decide all later ones, after that in which the last chunk was taken.
  std::vector<std::int64_t> state() const {
    std::vector<std::uint64_t> edges{read_};
    tiles_->state(edges);
    std::vector<std::int64_t> relative;
    for (const std::uint64_t edge : edges)
      relative.push_back(static_cast<std::int64_t>(edge) - static_cast<std::int64_t>(taken_));
    return relative;
  }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t last_output() const { return last_output_; }
  std::uint64_t fill() const { return first_; }
  std::uint64_t work() const { return work_; }

 private:
  void read_metadata() { read_ = read_ + 1; }

  /// Of a chunk, or of a plane of one.
  std::uint64_t chunk() {
    const std::uint64_t moved = std::max(read_ + 1, taken_);  // into stage 2
    if (first_ == 0) first_ = moved;
    taken_ = tiles_->take(moved + 1);
    work_ += taken_ - moved;
    read_ = moved;  // the next field is read when this one leaves stage 1
    return moved;
  }

  const kernels::CoreLayer& layer_;
  const kernels::CoreStep& step_;
  unsigned fields_;  ///< of a chunk
  std::unique_ptr<CoreTileTimes> tiles_;
  std::uint64_t read_ = 1;   ///< cycle in which the next field is read
  std::uint64_t taken_ = 0;  ///< cycle in which the tiles took the last chunk
  std::uint64_t last_output_ = 0;
  std::uint64_t first_ = 0, work_ = 0;
};

/// Both processes over the steps of a layer.
class CoreRun {
 public:
  CoreRun(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats, std::uint64_t start,
          MemoryTimes& memory, const std::function<void(std::uint64_t)>& command, CoreWatcher* watcher)
      : params_(params),
        layer_(layer),
        beats_(beats),
        idle_(start),
        memory_(memory),
        command_(command),
        watcher_(watcher) {}

  kernels::CoreCounts run() {
    const std::uint32_t steps = layer_.steps();
    const std::uint64_t start = idle_;
    std::uint64_t free = start;  // first cycle in which compute is idle
    CoreMemoryStep current = memory_step(0, start);
    std::uint64_t computed = 0;  // last cycle of the step before
    for (std::uint32_t j = 0; j < steps; ++j) {
      const std::uint64_t go = std::max(free, current.end + 1);
      // Step j + 1 begins when step j - 1 was computed; it is under way while compute waits.
      const CoreMemoryStep next = memory_step(j + 1, j == 0 ? 0 : computed + 1);
      wait({free, go}, current, next);
      const kernels::CoreStep step = kernels::core_step(params_, layer_, j);
      const CoreStepCycles& cycles = step_cycles(step);
      counts_[kernels::kFill] += cycles.fill;
      counts_[kernels::kWork] += cycles.work;
      counts_[kernels::kGap] += cycles.gap;
      counts_[kernels::kDrain] += cycles.drain;
      if (watcher_ != nullptr) watcher_->computes(j, step, go, cycles);
      computed = go + cycles.total();
      free = computed + 1;
      current = next;
    }
    const CoreMemoryStep last = memory_step(steps + 1, free);
    book(kernels::kWriteBack, {free, last.end});
    return counts_;
  }
  std::uint64_t report() const { return idle_; }

 private:
  std::uint64_t send(CoreCommand kind, const CoreTransfer& transfer, std::uint64_t from) {
    const std::uint64_t taken = memory_.command(kind, transfer, from);
    if (command_) command_(taken);
    return taken;
  }

  /// `allowed` is the first cycle in which the step may begin.
  CoreMemoryStep memory_step(std::uint32_t j, std::uint64_t allowed) {
    CoreMemoryStep done;
    const kernels::CoreStep step = j < layer_.steps() ? kernels::core_step(params_, layer_, j) : kernels::CoreStep{};
    std::uint64_t at = std::max(idle_, allowed) + 1;
    std::uint64_t received = 0;
    if (step.activations.words > 0) {
      done.activations.first = at;
      at = send(CoreCommand::kRead, step.activations, at) + 1;
      received = memory_.receive(step.activations.words, at);
      done.activations.last = received;
    }
    if (step.weights.words > 0) {
      const std::uint64_t asked = at;
      at = send(CoreCommand::kRead, step.weights, at) + 1;
      done.weights.first = std::max(asked, received + 1);
      done.weights_asked = asked;
      received = memory_.receive(step.weights.words, at);
      done.weights.last = received;
    }
    if (j >= 2) {
      const std::uint64_t begun = at;
      at = write(kernels::core_step(params_, layer_, j - 2), at);
      done.outputs = {std::max(begun, received + 1), at - 1};
    }
    done.end = std::max(at, received + 1);
    idle_ = done.end + 1;
    if (watcher_ != nullptr) watcher_->moves(j, step, done);
    return done;
  }

  std::uint64_t write(const kernels::CoreStep& step, std::uint64_t at) {
    if (!step.last_inputs) return at;
    CoreTransfer row = step.first_row;
    for (std::uint32_t token = 0; token < step.tokens; ++token, row.address += layer_.output_row_words) {
      at = send(CoreCommand::kWrite, row, at) + 1;
      if (!command_) at = memory_.data(row.words, at) + 1;
      for (std::uint32_t w = 0; w < row.words && command_; ++w) at = send(CoreCommand::kData, {}, at) + 1;
    }
    return at;
  }

  void book(unsigned cause, const CycleSpan& span) {
    counts_[cause] += span.cycles();
    if (watcher_ != nullptr && span.cycles() > 0) watcher_->waits(cause, span);
  }

  /// Books the cycles of `span` to what memory does in them, and those in which it does nothing to control.
  void wait(const CycleSpan& span, const CoreMemoryStep& current, const CoreMemoryStep& next) {
    std::uint64_t at = span.first;
    for (const CoreMemoryStep* step : {&current, &next}) {
      for (const auto& [cause, part] :
           {std::pair{kernels::kActivations, step->activations}, std::pair{kernels::kWeights, step->weights},
            std::pair{kernels::kOutputs, step->outputs}}) {
        const CycleSpan both = span.overlap(part);
        if (both.cycles() == 0) continue;
        book(kernels::kControl, {at, both.first - 1});
        book(cause, both);
        at = both.last + 1;
      }
    }
    book(kernels::kControl, {at, span.last});
  }

  const CoreStepCycles& step_cycles(const kernels::CoreStep& step) {
    const auto key = std::tuple(step.n_tiles, step.t_tiles, step.last_inputs);
    const auto found = cycles_.find(key);
    if (found != cycles_.end()) return found->second;
    return cycles_[key] = core_step_cycles(params_, layer_, beats_, step);
  }

  const kernels::CoreParams& params_;
  const kernels::CoreLayer& layer_;
  unsigned beats_;
  std::uint64_t idle_;  ///< first cycle in which memory is idle
  MemoryTimes& memory_;
  const std::function<void(std::uint64_t)>& command_;
  CoreWatcher* watcher_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, CoreStepCycles> cycles_;  ///< by kinds of steps
  kernels::CoreCounts counts_{};
};

}  // namespace

CoreStepCycles core_step_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                                const kernels::CoreStep& step) {
  const std::uint64_t tiles = std::uint64_t{step.n_tiles} * step.t_tiles;
  FeedTimes feed(params, layer, beats, step);
  std::vector<std::int64_t> before;
  std::uint64_t skipped = 0, skipped_work = 0;
  for (std::uint64_t tile = 0; tile < tiles; ++tile) {
    const std::uint64_t taken = feed.taken(), work = feed.work();
    feed.tile();
    std::vector<std::int64_t> state = feed.state();
    if (tile > 0 && state == before) {  // every later tile takes as long as this one
      skipped = (tiles - tile - 1) * (feed.taken() - taken);
      skipped_work = (tiles - tile - 1) * (feed.work() - work);
      break;
    }
    before = std::move(state);
  }
  CoreStepCycles cycles;
  cycles.fill = feed.fill();
  cycles.work = feed.work() + skipped_work;
  cycles.drain = feed.last_output() - feed.taken();
  cycles.gap = feed.last_output() + skipped - cycles.fill - cycles.work - cycles.drain;
  return cycles;
}

void core_step_chunks(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                      const kernels::CoreStep& step, const std::function<bool(const CycleSpan&)>& see) {
  FeedTimes feed(params, layer, beats, step);
  bool more = true;
  for (std::uint32_t tile = 0; tile < step.n_tiles * step.t_tiles && more; ++tile)
    feed.tile([&](std::uint64_t moved, std::uint64_t taken) { more = more && see({moved + 1, taken}); });
}

kernels::CoreCounts core_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                                std::uint64_t start, MemoryTimes& memory,
                                const std::function<void(std::uint64_t)>& command, CoreWatcher* watcher) {
  return CoreRun(params, layer, beats, start, memory, command, watcher).run();
}

kernels::Trace core_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window) {
  const auto params = kernels::CoreParams::of(parameters);
  const auto layer = kernels::CoreLayer::of(stimulus.config);
  kernels::check_core_layer(params, layer);
  kernels::check_core_start(stimulus.config);
  const kernels::CoreCommandLayout commands(params);
  kernels::Trace trace(commands.shape, true, window);
  std::vector<std::uint64_t> beat(commands.shape.words());
  const std::unique_ptr<MemoryTimes> memory = played_memory(commands, stimulus);
  const unsigned beats = params.tile.beats(stimulus.config, layer.code_bits);
  const kernels::CoreCounts counts = core_cycles(params, layer, beats, stimulus.config.size(), *memory,
                                                 [&](std::uint64_t cycle) { trace.append(beat, cycle); });
  std::uint64_t at = stimulus.config.size() + kernels::core_total(counts);
  for (const std::uint64_t count : counts) {
    kernels::set_bits(beat, commands.count, 32, count);
    at = memory->command(CoreCommand::kReport, {}, at);
    trace.append(beat, at++);
  }
  return trace;
}

}  // namespace subbyte::models
