#include "models/fp4_dequant.hpp"

#include <optional>

#include "models/parts/elastic.hpp"
#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class Fp4Dequant {
 public:
  Fp4Dequant(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : params_(kernels::Fp4DequantParams::of(parameters)),
        in_(unit->input_shape(parameters)),
        stage_(params_),
        slots_(unit->output_shape(parameters).words()) {}

  Outputs settle(const Inputs& inputs) const {
    return {control_.in_ready(inputs.out_ready), control_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    const auto [enter, leave] = control_.edge(inputs.in_valid, inputs.out_ready);
    if (leave) {
      const std::span<std::uint64_t> out = slots_.next();
      for (unsigned l = 0; l < params_.lanes; ++l) kernels::set_bits(out, 16 * l, 16, stage_.value(l));
    }
    if (enter) load({inputs.in_data, in_.words()});
    if (write_) stage_.configure(*write_);
    write_.reset();
  }

  /// A beat that enters at the same edge still reads what was there before.
  void configure(kernels::ConfigWrite write) { write_ = write; }

 private:
  void load(std::span<const std::uint64_t> beat) {
    const auto field = [&](const char* name, unsigned bits) {
      return static_cast<unsigned>(kernels::get_bits(beat, in_.offset(name), bits));
    };
    stage_.load([&](unsigned lane) { return static_cast<unsigned>(kernels::get_bits(beat, 4 * lane, 4)); },
                field("scale", 8), field("selector", 2));
  }

  kernels::Fp4DequantParams params_;
  kernels::BeatShape in_;
  ElasticControl<2> control_;
  Fp4DequantStage stage_;
  OutputSlots slots_;
  std::optional<kernels::ConfigWrite> write_;
};

}  // namespace

kernels::Trace fp4_dequant_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                   const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<Fp4Dequant>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
