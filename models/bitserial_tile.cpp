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
class BitserialTile final : public kernels::UnitPort {
 public:
  BitserialTile(const kernels::Parameters& parameters, kernels::PeArrayPath path)
      : params_(kernels::TileParams::of(parameters)),
        in_(params_),
        encoder_table_(params_.encoder),
        array_(params_.pe, params_.rows, params_.cols, path),
        back_({params_.rows, params_.cols}),
        lane_terms_(params_.cols * params_.lanes),
        terms_(params_.cols * params_.lanes),
        results_(params_.rows * params_.cols) {}

  Outputs settle(const Inputs& inputs) override {
    back_.settle(inputs.out_ready);
    const bool pes_ready = pes_.in_ready(back_.sums_ready());
    return {pes_ready && encoder_.last(encoder_table_.terms()), back_.out_valid(), back_.out_data()};
  }

  // It goes downstream first, so that every part reads what its predecessor held before the edge.
  void edge(const Inputs& inputs) override {
    back_.edge(pes_.out_valid(), results_, inputs.out_ready);
    edge_pes(inputs);
  }

  void configure(kernels::ConfigWrite write) override { encoder_table_.configure(write); }

 private:
  void edge_pes(const Inputs& inputs) {
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.shape.words()};
    const bool last = inputs.in_valid && encoder_.last(encoder_table_.terms()) && in_.last_of_group(beat);
    const PeControl::Moves moves = pes_.edge(inputs.in_valid, last, back_.sums_ready());
    if (moves.accumulate) array_.accumulate(moves.finish);
    if (moves.finish) take_results();
    if (!moves.load) return;
    if (encoder_.term() == 0) take_beat(beat);
    for (std::size_t i = 0; i < terms_.size(); ++i) terms_[i] = lane_terms_[i][encoder_.term()];
    array_.align(fields_.activations, terms_);
    if (last) back_.push_side() = fields_;
    encoder_.edge(true, encoder_table_.terms());
  }

  void take_results() {
    for (unsigned k = 0; k < results_.size(); ++k) results_[k] = array_.result(k / params_.cols, k % params_.cols);
  }

  void take_beat(std::span<const std::uint64_t> beat) {
    kernels::unpack(in_, beat, fields_);
    for (unsigned i = 0; i < lane_terms_.size(); ++i) {
      const unsigned column = i / params_.lanes;
      lane_terms_[i] =
          encoder_table_.terms_of(fields_.codes[i], fields_.selectors[column], fields_.zeros[column]).data();
    }
  }

  kernels::TileParams params_;
  kernels::TileBeatLayout in_;

  EncoderControl encoder_;
  EncoderMemory encoder_table_;
  PeControl pes_;
  kernels::PeArray array_;
  ScaleAndSum back_;

  kernels::TileBeat fields_;                     ///< of the current input beat
  std::vector<const std::uint8_t*> lane_terms_;  ///< per column and lane: all terms of the current code
  std::vector<kernels::TermBits> terms_;
  std::vector<kernels::PeState> results_;  ///< the PEs' result registers
};

}  // namespace

std::unique_ptr<kernels::UnitPort> bitserial_tile_port(const kernels::Parameters& parameters) {
  return std::make_unique<BitserialTile>(parameters, kernels::PeArrayPath::kSimd);
}

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
