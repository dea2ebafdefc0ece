#include "models/term_encoder.hpp"

#include <algorithm>

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {

EncoderMemory::EncoderMemory(const kernels::EncoderParams& params)
    : params_(params), table_(kernels::reset_table(params)) {}

void EncoderMemory::configure(kernels::ConfigWrite write) {
  kernels::configure(params_, table_, write);
  lookup_.reset();
}

namespace {

class TermEncoder {
 public:
  TermEncoder(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : params_(kernels::EncoderParams::of(parameters)), memory_(params_) {
    const kernels::BeatShape in = unit->input_shape(parameters);
    in_words_ = in.words();
    code_ = in.offset("code");
    selector_ = in.offset("selector");
    zero_ = in.offset("zero");
    out_.resize(unit->output_shape(parameters).words());
    last_ = unit->output_shape(parameters).offset("last");
  }

  Outputs settle(const Inputs& inputs) {
    if (!inputs.in_valid)
      return {.in_ready = inputs.out_ready && control_.last(memory_.terms()), .out_data = out_.data()};
    encode({inputs.in_data, in_words_});
    return {inputs.out_ready && control_.last(memory_.terms()), true, out_.data()};
  }

  void edge(const Inputs& inputs) { control_.edge(inputs.in_valid && inputs.out_ready, memory_.terms()); }
  void configure(kernels::ConfigWrite write) { memory_.configure(write); }

 private:
  void encode(std::span<const std::uint64_t> beat) {
    std::ranges::fill(out_, 0);
    for (unsigned i = 0; i < params_.cols * params_.lanes; ++i) {
      const unsigned column = i / params_.lanes;
      const auto code = static_cast<unsigned>(kernels::get_bits(beat, code_ + 8 * i, 8));
      const auto selector = static_cast<unsigned>(kernels::get_bits(beat, selector_ + 2 * column, 2));
      const auto zero = static_cast<unsigned>(kernels::get_bits(beat, zero_ + 8 * column, 8));
      kernels::set_bits(out_, i * params_.term_bits(), params_.term_bits(),
                        memory_.terms_of(code, selector, zero)[control_.term()]);
    }
    kernels::set_bits(out_, last_, 1, control_.last(memory_.terms()));
  }

  kernels::EncoderParams params_;
  EncoderMemory memory_;
  EncoderControl control_;
  std::size_t in_words_ = 0;
  unsigned code_ = 0;
  unsigned selector_ = 0;
  unsigned zero_ = 0;
  unsigned last_ = 0;
  std::vector<std::uint64_t> out_;
};

}  // namespace

kernels::Trace term_encoder_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                    const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<TermEncoder>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
