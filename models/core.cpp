#include "models/core.hpp"

#include <memory>
#include <optional>
#include <vector>

#include "kernels/core/core_buffers.hpp"
#include "kernels/core/core_check.hpp"
#include "models/systemc/stream.hpp"
#include "models/tile_ports.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

using kernels::CoreFieldKind;
using kernels::UnitPort;

/// Stages 1 and 2 between the buffers and the tiles, and the registers of metadata beside them.
class Feed {
 public:
  Feed(const kernels::CoreParams& params, const kernels::CoreLayer& layer, const kernels::CoreUnpack& unpack)
      : params_(params), layer_(layer), unpack_(unpack), next_(unpack.reset_columns()), current_(next_) {}

  void go(const kernels::CoreStep& step) {
    step_ = step;
    fields_.emplace(params_, layer_, step_);
    fed_ = false;
  }
  bool chunk_valid() const { return stage2_.has_value(); }
  bool fields_left() const { return reads() || stage1_.has_value(); }
  bool fed() const { return fed_; }
  void beat(const kernels::CoreOperands& operands, unsigned y, unsigned x, std::span<std::uint64_t> words) const {
    unpack_.fill(*stage2_, operands, current_, kernels::core_tokens(params_, layer_, step_, stage2_->t_tile), y, x,
                 words);
  }
  /// `taken`: the tiles took the chunk in stage 2. Returns whether another one entered it.
  bool edge(bool taken, const kernels::CoreOperands& operands) {
    if (taken) stage2_.reset();
    const bool chunk = stage1_ && stage1_->kind == CoreFieldKind::kChunk;
    const bool move = stage1_ && (!chunk || !stage2_);
    if (move) advance(operands);
    if (reads() && !stage1_) {
      stage1_ = fields_->field();
      fields_->next();
    }
    return move && chunk;
  }

 private:
  bool reads() const { return fields_ && !fields_->done(); }

  void advance(const kernels::CoreOperands& operands) {
    if (stage1_->kind != CoreFieldKind::kChunk) {
      unpack_.read(*stage1_, operands, next_);
    } else {
      // Channel scales and metadata were read before the chunks that they belong to.
      if (stage1_->group_first) current_ = next_;
      stage2_ = stage1_;
      fed_ = true;
    }
    stage1_.reset();
  }

  const kernels::CoreParams& params_;
  const kernels::CoreLayer& layer_;
  const kernels::CoreUnpack& unpack_;
  kernels::CoreStep step_;
  std::optional<kernels::CoreFields> fields_;
  std::optional<kernels::CoreField> stage1_, stage2_;
  kernels::CoreColumns next_, current_;
  bool fed_ = false;
};

class Core {
 public:
  explicit Core(const kernels::Parameters& parameters)
      : params_(kernels::CoreParams::of(parameters)),
        unpack_(params_, layer_),
        commands_(params_),
        memory_(params_, layer_),
        feed_(params_, layer_, unpack_),
        results_(params_),
        command_(commands_.shape.words()),
        tiles_(params_.tile_rows * params_.tile_cols) {
    for (Tile& tile : tiles_) {
      tile.unit = tile_port(kernels::core_tile_unit(params_.tile.kind), kernels::core_tile_parameters(parameters));
      tile.beat.resize(unpack_.beat().words());
    }
  }

  Outputs settle(const Inputs& /*inputs*/) {
    if (memory_.commands()) show_command();
    return {memory_.receives(), memory_.commands(), command_.current()};
  }

  void edge(const Inputs& inputs) {
    const bool ready = settle_tiles();
    const bool finished = computing_ && store_results();
    const bool received = inputs.in_valid && memory_.receives();
    book_cycle();
    for (Tile& tile : tiles_) tile.unit->edge(tile.inputs);
    if (feed_.edge(feed_.chunk_valid() && ready, operands())) make_beats();
    if (received) receive(inputs.in_data);
    const std::uint32_t fetched = memory_.fetched();
    memory_.edge(inputs.out_ready && memory_.commands(), received, computed_);
    edge_compute(fetched, finished);
    if (starting_) memory_.start();
    starting_ = false;
  }

  void configure(kernels::ConfigWrite write) {
    if (const auto seen = params_.tile.tile_write(write))
      for (Tile& tile : tiles_) tile.unit->configure(*seen);
    layer_.configure(write);
    if (write.address == kernels::kCoreStart) {
      if (started_) throw std::invalid_argument("core: a second start, expected one after a reset");
      started_ = true;
      kernels::check_core_layer(params_, layer_);
      starting_ = true;
    }
  }

 private:
  struct Tile {
    std::unique_ptr<UnitPort> unit;
    std::vector<std::uint64_t> beat;
    kernels::PortInputs inputs;
    kernels::PortOutputs outputs;
  };

  /// All tiles move in lock-step, so that the first one speaks for all of them.
  bool settle_tiles() {
    for (Tile& tile : tiles_) {
      tile.inputs = {feed_.chunk_valid(), true, tile.beat.data()};
      tile.outputs = tile.unit->settle(tile.inputs);
    }
    return tiles_.front().outputs.in_ready;
  }

  void make_beats() {
    for (unsigned k = 0; k < tiles_.size(); ++k)
      feed_.beat(operands(), k / params_.tile_cols, k % params_.tile_cols, tiles_[k].beat);
  }

  /// Returns true for the last result of the step.
  bool store_results() {
    if (!tiles_.front().outputs.out_valid) return false;
    const std::size_t words = (params_.tile.ports() * params_.tile.cols + 1) / 2;
    for (unsigned k = 0; k < tiles_.size(); ++k)
      results_.store(step_, k / params_.tile_cols, k % params_.tile_cols, {tiles_[k].outputs.out_data, words});
    return ++stored_ == std::uint64_t{step_.n_tiles} * step_.t_tiles * params_.tile.rows_per_port();
  }

  void edge_compute(std::uint32_t fetched, bool finished) {
    if (finished) {
      computing_ = false;
      ++computed_;
    } else if (!computing_ && fetched > computed_ && computed_ < layer_.steps()) {
      computing_ = true;
      stored_ = 0;
      step_ = kernels::core_step(params_, layer_, computed_);
      if (step_.activations.words > 0) activation_half_ ^= 1;
      if (step_.weights.words > 0) weight_half_ ^= 1;
      results_.begin(step_);
      feed_.go(step_);
    }
  }

  void receive(const std::uint64_t* data) {
    const std::span<const std::uint64_t> word{data, params_.words_per_beat()};
    const bool to_activations = memory_.receives_activations();
    if (received_step_ != memory_.step_number() + 1) {
      received_step_ = memory_.step_number() + 1;
      received_[0] = received_[1] = 0;
      if (memory_.step().activations.words > 0) activation_fill_ ^= 1;
      if (memory_.step().weights.words > 0) weight_fill_ ^= 1;
    }
    if (to_activations)
      kernels::place_activations(params_, memory_.step(), received_[0]++, word, activations_[activation_fill_]);
    else
      kernels::place_weights(params_, received_[1]++, word, weights_[weight_fill_]);
  }

  kernels::CoreOperands operands() const { return {weights_[weight_half_], activations_[activation_half_]}; }

  void book_cycle() {
    if (memory_.state() == MemoryState::kOff || memory_.state() == MemoryState::kReport) return;
    ++counts_[cause()];
  }
  kernels::CoreCause cause() const {
    if (computing_) {
      if (feed_.chunk_valid()) return kernels::kWork;
      if (!feed_.fed()) return kernels::kFill;
      return feed_.fields_left() ? kernels::kGap : kernels::kDrain;
    }
    if (computed_ == layer_.steps()) return kernels::kWriteBack;
    if (memory_.awaits_activations()) return kernels::kActivations;
    if (memory_.awaits_weights()) return kernels::kWeights;
    return memory_.writes() ? kernels::kOutputs : kernels::kControl;
  }

  void show_command() {
    const std::span<std::uint64_t> beat = command_.next();
    switch (memory_.state()) {
      case MemoryState::kAskActivations:
        return commands_.set(beat, kernels::CoreCommand::kRead, memory_.step().activations);
      case MemoryState::kAskWeights:
        return commands_.set(beat, kernels::CoreCommand::kRead, memory_.step().weights);
      case MemoryState::kAnnounce:
        return commands_.set(beat, kernels::CoreCommand::kWrite, memory_.row());
      case MemoryState::kReport:
        commands_.set(beat, kernels::CoreCommand::kReport, {memory_.word(), 0});
        return kernels::set_bits(beat, commands_.count, 32, counts_[memory_.word()]);
      default:
        commands_.set(beat, kernels::CoreCommand::kData, {});
        results_.word(memory_.written_step(), memory_.token(), memory_.word(), beat, commands_.data);
    }
  }

  kernels::CoreParams params_;
  kernels::CoreLayer layer_;
  kernels::CoreUnpack unpack_;
  kernels::CoreCommandLayout commands_;
  MemoryControl memory_;
  Feed feed_;
  kernels::CoreResults results_;
  OutputSlots command_;
  std::vector<Tile> tiles_;
  kernels::CoreCounts counts_{};

  kernels::CoreWeightHalf weights_[2];
  kernels::CoreActivationHalf activations_[2];
  unsigned weight_half_ = 1, activation_half_ = 1;  ///< that compute reads; the first step turns them to 0
  unsigned weight_fill_ = 1, activation_fill_ = 1;  ///< that memory fills
  std::uint32_t received_step_ = 0;                 ///< one more than the step whose words arrive
  std::uint64_t received_[2] = {0, 0};

  bool starting_ = false, started_ = false, computing_ = false;
  std::uint32_t computed_ = 0;
  kernels::CoreStep step_;  ///< that is computed
  std::uint64_t stored_ = 0;
};

}  // namespace

kernels::Trace core_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                            const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<Core>(unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
