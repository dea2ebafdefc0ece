#include "models/bitserial_pe.hpp"

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class BitserialPe {
 public:
  BitserialPe(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : params_(kernels::PeParams::of(parameters)),
        in_(unit->input_shape(parameters)),
        out_(unit->output_shape(parameters)),
        slots_(out_.words()),
        activations_(params_.lanes),
        terms_(params_.lanes) {}

  Outputs settle(const Inputs& inputs) const {
    return {control_.in_ready(inputs.out_ready), control_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    const bool last = inputs.in_valid && kernels::get_bits(beat(inputs), in_.offset("last"), 1) != 0;
    const PeControl::Moves moves = control_.edge(inputs.in_valid, last, inputs.out_ready);
    if (moves.accumulate) kernels::accumulate(params_, accumulator_, stage1_);
    if (moves.finish) finish();
    if (moves.load) load(beat(inputs));
  }

 private:
  std::span<const std::uint64_t> beat(const Inputs& inputs) const { return {inputs.in_data, in_.words()}; }

  void finish() {
    const kernels::PeState group = kernels::finished(params_, accumulator_);
    const std::span<std::uint64_t> out = slots_.next();
    kernels::set_bits(out, out_.offset("mantissa"), params_.mantissa_bits(),
                      static_cast<std::uint64_t>(group.mantissa));
    kernels::set_bits(out, out_.offset("exponent"), 8, static_cast<std::uint64_t>(group.exponent));
    kernels::set_bits(out, out_.offset("nonfinite"), 1, group.nonfinite);
    accumulator_ = {};
  }

  void load(std::span<const std::uint64_t> beat) {
    const unsigned width = params_.shift_width + 2;
    for (unsigned l = 0; l < params_.lanes; ++l) {
      activations_[l] = static_cast<std::uint16_t>(kernels::get_bits(beat, in_.offset("act") + 16 * l, 16));
      terms_[l] = static_cast<kernels::TermBits>(kernels::get_bits(beat, in_.offset("term") + width * l, width));
    }
    stage1_ = kernels::align(params_, activations_, terms_);
  }

  kernels::PeParams params_;
  kernels::BeatShape in_;
  kernels::BeatShape out_;
  PeControl control_;
  kernels::PeAlign stage1_;
  kernels::PeState accumulator_;
  OutputSlots slots_;
  std::vector<std::uint16_t> activations_;
  std::vector<kernels::TermBits> terms_;
};

}  // namespace

kernels::Trace bitserial_pe_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                    const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<BitserialPe>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
