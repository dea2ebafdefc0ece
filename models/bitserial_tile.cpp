#include "models/bitserial_tile.hpp"

#include "kernels/parts/tile_beat.hpp"
#include "models/bitserial_pe.hpp"
#include "models/parts/scale_and_sum.hpp"
#include "models/systemc/stream.hpp"
#include "models/term_encoder.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

// PEs move in lock-step, so control exists once and data exists once per PE.
class BitserialTile {
 public:
  BitserialTile(const kernels::Parameters& parameters, kernels::PeArrayPath path)
      : params_(kernels::TileParams::of(parameters)),
        in_(params_),
        encoder_table_(params_.encoder),
        array_(params_.pe, params_.rows, params_.cols, path),
        back_({params_.rows, params_.cols}),
        activations_(params_.rows * params_.lanes),
        lane_terms_(params_.cols * params_.lanes),
        terms_(params_.cols * params_.lanes),
        results_(params_.rows * params_.cols) {}

  Outputs settle(const Inputs& inputs) {
    back_.settle(inputs.out_ready);
    const bool pes_ready = pes_.in_ready(back_.sums_ready());
    return {pes_ready && encoder_.last(encoder_table_.terms()), back_.out_valid(), back_.out_data()};
  }

  // It goes downstream first, so that every part reads what its predecessor held before the edge.
  void edge(const Inputs& inputs) {
    back_.edge(pes_.out_valid(), results_, inputs.out_ready);
    edge_pes(inputs);
  }

  void configure(kernels::ConfigWrite write) { encoder_table_.configure(write); }

 private:
  void edge_pes(const Inputs& inputs) {
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.shape.words()};
    const bool last =
        inputs.in_valid && encoder_.last(encoder_table_.terms()) && kernels::get_bits(beat, in_.group_last, 1) != 0;
    const PeControl::Moves moves = pes_.edge(inputs.in_valid, last, back_.sums_ready());
    if (moves.accumulate) array_.accumulate(moves.finish);
    if (moves.finish) take_results();
    if (!moves.load) return;
    if (encoder_.term() == 0) take_beat(beat);
    for (std::size_t i = 0; i < terms_.size(); ++i) terms_[i] = lane_terms_[i][encoder_.term()];
    array_.align(activations_, terms_);
    if (last) take_side(beat);
    encoder_.edge(true, encoder_table_.terms());
  }

  void take_results() {
    for (unsigned k = 0; k < results_.size(); ++k) results_[k] = array_.result(k / params_.cols, k % params_.cols);
  }

  void take_beat(std::span<const std::uint64_t> beat) {
    for (std::size_t i = 0; i < activations_.size(); ++i) {
      activations_[i] = static_cast<std::uint16_t>(beat[i / 4] >> (i % 4 * 16));
    }
    for (unsigned c = 0; c < params_.cols; ++c) {
      const auto selector = static_cast<unsigned>(kernels::get_bits(beat, in_.selector + 2 * c, 2));
      const auto zero = static_cast<unsigned>(kernels::get_bits(beat, in_.zero + 8 * c, 8));
      for (unsigned i = c * params_.lanes; i < (c + 1) * params_.lanes; ++i) {
        const auto code = static_cast<unsigned>(kernels::get_bits(beat, in_.code + 8 * i, 8));
        lane_terms_[i] = encoder_table_.terms_of(code, selector, zero).data();
      }
    }
  }

  void take_side(std::span<const std::uint64_t> beat) {
    kernels::GroupSide& side = back_.push_side();
    side.scales.resize(params_.cols);
    side.channel_scales.resize(params_.cols);
    for (unsigned c = 0; c < params_.cols; ++c) {
      side.scales[c] = static_cast<std::uint16_t>(kernels::get_bits(beat, in_.scale + 16 * c, 16));
      side.channel_scales[c] = static_cast<std::uint32_t>(kernels::get_bits(beat, in_.channel_scale + 32 * c, 32));
    }
    side.scale_u8 = kernels::get_bits(beat, in_.scale_u8, 1) != 0;
    side.tile_last = kernels::get_bits(beat, in_.tile_last, 1) != 0;
  }

  kernels::TileParams params_;
  kernels::TileBeatLayout in_;

  EncoderControl encoder_;
  EncoderMemory encoder_table_;
  PeControl pes_;
  kernels::PeArray array_;
  ScaleAndSum back_;

  std::vector<std::uint16_t> activations_;
  std::vector<const std::uint8_t*> lane_terms_;  ///< per column and lane: all terms of the current code
  std::vector<kernels::TermBits> terms_;
  std::vector<kernels::PeState> results_;  ///< the PEs' result registers
};

}  // namespace

kernels::Trace bitserial_tile_on(kernels::PeArrayPath path, const kernels::UnitInfo& unit,
                                 const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window) {
  return run_unit<BitserialTile>(unit, parameters, stimulus, window, path);
}

kernels::Trace bitserial_tile_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                      const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return bitserial_tile_on(kernels::PeArrayPath::kSimd, unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
