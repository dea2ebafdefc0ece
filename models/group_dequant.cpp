#include "models/group_dequant.hpp"

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class GroupDequant {
 public:
  GroupDequant(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : mantissa_bits_(static_cast<unsigned>(parameters.at("mantissa_width"))),
        in_(unit->input_shape(parameters)),
        out_(unit->output_shape(parameters)),
        slots_(out_.words()) {}

  Outputs settle(const Inputs& inputs) const {
    return {control_.in_ready(inputs.out_ready), control_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    if (!inputs.in_valid) {
      if (control_.edge(false, 0, inputs.out_ready).finish) finish();
      return;
    }
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.words()};
    const bool scale_u8 = kernels::get_bits(beat, in_.offset("scale_u8"), 1) != 0;
    const auto scale = static_cast<std::uint16_t>(kernels::get_bits(beat, in_.offset("scale"), 16));
    const DequantControl::Moves moves =
        control_.edge(true, kernels::scale_significand(scale, scale_u8).bits, inputs.out_ready);
    if (moves.finish) finish();
    if (moves.load) {
      const kernels::PeState group{kernels::get_signed(beat, in_.offset("mantissa"), mantissa_bits_),
                                   static_cast<int>(kernels::get_signed(beat, in_.offset("exponent"), 8)),
                                   kernels::get_bits(beat, in_.offset("nonfinite"), 1) != 0};
      work_ = kernels::dequantize(group, scale, scale_u8);
    }
  }

 private:
  void finish() {
    const std::span<std::uint64_t> out = slots_.next();
    kernels::set_wide(out, out_.offset("product"), mantissa_bits_ + 11, work_.product);
    kernels::set_bits(out, out_.offset("exponent"), 9, static_cast<std::uint64_t>(work_.exponent));
    kernels::set_bits(out, out_.offset("nonfinite"), 1, work_.nonfinite);
  }

  unsigned mantissa_bits_;
  kernels::BeatShape in_;
  kernels::BeatShape out_;
  DequantControl control_;
  kernels::DequantResult work_;
  OutputSlots slots_;
};

}  // namespace

kernels::Trace group_dequant_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                     const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<GroupDequant>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
