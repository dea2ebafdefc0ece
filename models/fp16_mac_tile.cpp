#include "models/fp16_mac_tile.hpp"

#include <algorithm>
#include <cstring>

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {

MacTileCore::MacTileCore(const kernels::MacTileParams& params)
    : params_(params),
      control_(params.rows),
      activations_(params.rows),
      weights_(params.cols),
      products_(params.units()),
      sums_(params.units()) {}

MacTileControl::Moves MacTileCore::edge(bool in_valid, bool in_last, std::span<const std::uint16_t> activations,
                                        std::span<const std::uint16_t> weights, bool out_ready) {
  const MacTileControl::Moves moves = control_.edge(in_valid, in_last, out_ready);
  if (moves.row_left && ++row_ == params_.rows) {
    row_ = 0;
    std::ranges::fill(sums_, 0);
  }
  if (moves.add) kernels::add_products(products_, sums_);
  if (moves.multiply) kernels::multiply(params_, activations_, weights_, products_);
  if (moves.load) {
    std::ranges::copy(activations, activations_.begin());
    std::ranges::copy(weights, weights_.begin());
  }
  return moves;
}

namespace {

class Fp16MacTile final : public kernels::UnitPort {
 public:
  explicit Fp16MacTile(const kernels::Parameters& parameters)
      : params_(kernels::MacTileParams::of(parameters)),
        words_((16 * (params_.rows + params_.cols) + 1 + 63) / 64),
        operands_(params_.rows + params_.cols),
        slots_(kernels::mac_tile_output(parameters).words()),
        core_(params_) {}

  Outputs settle(const Inputs& /*inputs*/) override {
    return {core_.control().in_ready(), core_.control().out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) override {
    const std::span<const std::uint64_t> beat{inputs.in_data, words_};
    if (inputs.in_valid) {
      for (std::size_t i = 0; i < operands_.size(); ++i) {
        operands_[i] = static_cast<std::uint16_t>(beat[i / 4] >> (i % 4 * 16));
      }
    }
    const bool last = inputs.in_valid && kernels::get_bits(beat, static_cast<unsigned>(16 * operands_.size()), 1) != 0;
    const auto moves = core_.edge(inputs.in_valid, last, std::span(operands_).first(params_.rows),
                                  std::span(operands_).last(params_.cols), inputs.out_ready);
    if (!moves.finish && !(moves.row_left && core_.control().out_valid())) return;
    std::memcpy(slots_.next().data(), core_.row().data(), core_.row().size_bytes());
  }

  void configure(kernels::ConfigWrite /*write*/) override {}  // it has no port

 private:
  kernels::MacTileParams params_;
  std::size_t words_;
  std::vector<std::uint16_t> operands_;
  OutputSlots slots_;
  MacTileCore core_;
};

}  // namespace

std::unique_ptr<kernels::UnitPort> fp16_mac_tile_port(const kernels::Parameters& parameters) {
  return std::make_unique<Fp16MacTile>(parameters);
}

kernels::Trace fp16_mac_tile_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                     const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<Fp16MacTile>(unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
