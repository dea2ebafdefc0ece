#include "kernels/fp4_quant.hpp"

#include <array>
#include <vector>

#include "models/parts/elastic.hpp"
#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class Fp4Quant {
 public:
  Fp4Quant(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : params_(kernels::Fp4QuantParams::of(parameters)), slots_(unit->output_shape(parameters).words()) {
    for (Stage& stage : stages_) stage.values.resize(params_.block);
  }

  Outputs settle(const Inputs& inputs) const {
    return {control_.in_ready(inputs.out_ready), control_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    const auto load = control_.edge(inputs.in_valid, inputs.out_ready);
    if (load[3]) emit(stages_[2]);
    if (load[2]) {
      stages_[2] = stages_[1];
      stages_[2].divisor = kernels::fp4_divisor(config_, stages_[2].scale);
    }
    if (load[1]) {
      stages_[1] = stages_[0];
      stages_[1].scale = kernels::fp4_block_scale(config_, stages_[1].amax, params_.bf16);
    }
    if (load[0]) {
      for (unsigned i = 0; i < params_.block; ++i) {
        const std::span<const std::uint64_t> beat{inputs.in_data, (16U * params_.block + 63) / 64};
        stages_[0].values[i] = static_cast<std::uint16_t>(kernels::get_bits(beat, 16 * i, 16));
      }
      stages_[0].amax = kernels::fp4_amax(stages_[0].values, params_.bf16);
    }
  }

  void configure(kernels::ConfigWrite write) { kernels::configure(config_, write); }

 private:
  /// The registers behind amax, scale and thresholds. Each holds what is known of its block so far.
  struct Stage {
    std::vector<std::uint16_t> values;
    kernels::Fp4Amax amax;
    kernels::Fp4BlockScale scale;
    kernels::Fp4Divisor divisor;
  };

  void emit(const Stage& stage) {
    const std::span<std::uint64_t> out = slots_.next();
    for (unsigned i = 0; i < params_.block; ++i) {
      const unsigned code = stage.scale.nan ? 0 : kernels::fp4_code(stage.values[i], stage.divisor, params_.bf16);
      kernels::set_bits(out, 4 * i, 4, code);
    }
    kernels::set_bits(out, 4 * params_.block, 8, stage.scale.byte);
  }

  kernels::Fp4QuantParams params_;
  kernels::Fp4QuantConfig config_;
  ElasticControl<4> control_;
  std::array<Stage, 3> stages_;
  OutputSlots slots_;
};

}  // namespace

kernels::Trace fp4_quant_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                 const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<Fp4Quant>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
