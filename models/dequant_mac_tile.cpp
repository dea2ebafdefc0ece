#include "kernels/dequant_mac_tile.hpp"

#include <cstring>
#include <optional>

#include "models/fp16_mac_tile.hpp"
#include "models/fp4_dequant.hpp"
#include "models/parts/elastic.hpp"
#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class DequantMacTile final : public kernels::UnitPort {
 public:
  explicit DequantMacTile(const kernels::Parameters& parameters)
      : params_(kernels::MacTileParams::of(parameters)),
        in_(params_),
        columns_(params_.cols, Fp4DequantStage(kernels::mac_tile_dequant())),
        activations0_(params_.rows),
        activations1_(params_.rows),
        weights1_(params_.cols),
        slots_(kernels::mac_tile_output(parameters).words()),
        core_(params_) {}

  Outputs settle(const Inputs& /*inputs*/) override {
    return {front_.in_ready(core_.control().in_ready()), core_.control().out_valid(), slots_.current()};
  }

  // It goes downstream first, so that every part reads what its predecessor held before the edge.
  void edge(const Inputs& inputs) override {
    const bool weights_ready = core_.control().in_ready();
    const auto moves = core_.edge(front_.out_valid(), last1_, activations1_, weights1_, inputs.out_ready);
    if (moves.finish || (moves.row_left && core_.control().out_valid())) {
      std::memcpy(slots_.next().data(), core_.row().data(), core_.row().size_bytes());
    }
    const auto [enter, leave] = front_.edge(inputs.in_valid, weights_ready);
    if (leave) {
      for (unsigned c = 0; c < params_.cols; ++c) weights1_[c] = columns_[c].value(0);
      activations1_ = activations0_;
      last1_ = last0_;
    }
    if (enter) load({inputs.in_data, in_.shape().words()});
    if (write_) {
      for (Fp4DequantStage& column : columns_) column.configure(*write_);
    }
    write_.reset();
  }

  /// A beat that enters at the same edge still reads what was there before.
  void configure(kernels::ConfigWrite write) override { write_ = write; }

 private:
  void load(std::span<const std::uint64_t> beat) {
    for (unsigned r = 0; r < params_.rows; ++r) activations0_[r] = in_.activation(beat, r);
    for (unsigned c = 0; c < params_.cols; ++c) {
      const auto weight = in_.weight(beat, c);
      columns_[c].load([&](unsigned /*lane*/) { return weight.code; }, weight.scale, weight.selector);
    }
    last0_ = in_.last(beat);
  }

  kernels::MacTileParams params_;
  kernels::DequantMacBeat in_;
  ElasticControl<2> front_;
  std::vector<Fp4DequantStage> columns_;
  std::vector<std::uint16_t> activations0_, activations1_, weights1_;
  bool last0_ = false;
  bool last1_ = false;
  OutputSlots slots_;
  MacTileCore core_;
  std::optional<kernels::ConfigWrite> write_;
};

}  // namespace

std::unique_ptr<kernels::UnitPort> dequant_mac_tile_port(const kernels::Parameters& parameters) {
  return std::make_unique<DequantMacTile>(parameters);
}

kernels::Trace dequant_mac_tile_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                        const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<DequantMacTile>(unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
