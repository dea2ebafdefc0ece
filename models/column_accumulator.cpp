#include "models/column_accumulator.hpp"

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {

ColumnAccumulators::ColumnAccumulators(unsigned rows, unsigned width)
    : rows_(rows), value1_(width), scale1_(width), sum2_(width), scale2_(width), out_(width), sums_(rows * width) {}

ColumnAccumulators::Moves ColumnAccumulators::edge(bool in_valid, bool in_last, bool out_ready) {
  const bool to_output = moves3(out_ready);
  const bool to_stage2 = moves2(out_ready);
  const Moves done{to_output, in_valid && (!valid1_ || to_stage2)};
  if (to_output) move3();
  if (to_stage2) move2();
  out_valid_ = (out_valid_ && !out_ready) || to_output;
  valid2_ = (to_stage2 && last1_) || (valid2_ && !to_output);
  valid1_ = done.load || (valid1_ && !to_stage2);
  if (done.load) {
    last1_ = in_last;
    row1_ = next_row_;
    next_row_ = next_row_ + 1 == rows_ ? 0 : next_row_ + 1;
  }
  return done;
}

void ColumnAccumulators::move2() {
  std::uint32_t* sums = sums_.data() + row1_ * value1_.size();
  for (std::size_t k = 0; k < value1_.size(); ++k) {
    const std::uint32_t sum = kernels::fp32_add(sums[k], value1_[k]);
    sums[k] = last1_ ? 0 : sum;
    if (last1_) sum2_[k] = sum;
  }
  if (last1_) scale2_ = scale1_;
}

void ColumnAccumulators::move3() {
  for (std::size_t k = 0; k < out_.size(); ++k) out_[k] = kernels::fp32_multiply(sum2_[k], scale2_[k]);
}

namespace {

class ColumnAccumulator {
 public:
  ColumnAccumulator(const kernels::Parameters& parameters, const kernels::UnitInfo* unit)
      : product_bits_(static_cast<unsigned>(parameters.at("product_width"))),
        in_(unit->input_shape(parameters)),
        slots_(unit->output_shape(parameters).words()),
        columns_(static_cast<unsigned>(parameters.at("rows")), 1) {}

  Outputs settle(const Inputs& inputs) const {
    return {columns_.in_ready(inputs.out_ready), columns_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.words()};
    const bool last = inputs.in_valid && kernels::get_bits(beat, in_.offset("last"), 1) != 0;
    const ColumnAccumulators::Moves moves = columns_.edge(inputs.in_valid, last, inputs.out_ready);
    if (moves.output) kernels::set_bits(slots_.next(), 0, 32, columns_.out()[0]);
    if (moves.load) {
      const kernels::DequantResult group{kernels::get_wide_signed(beat, in_.offset("product"), product_bits_),
                                         static_cast<int>(kernels::get_signed(beat, in_.offset("exponent"), 9)),
                                         kernels::get_bits(beat, in_.offset("nonfinite"), 1) != 0};
      columns_.stage1_value()[0] = kernels::round_group(group);
      columns_.stage1_scale()[0] = static_cast<std::uint32_t>(kernels::get_bits(beat, in_.offset("channel_scale"), 32));
    }
  }

 private:
  unsigned product_bits_;
  kernels::BeatShape in_;
  OutputSlots slots_;
  ColumnAccumulators columns_;
};

}  // namespace

kernels::Trace column_accumulator_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                          const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<ColumnAccumulator>(unit, parameters, stimulus, window, &unit);
}

}  // namespace subbyte::models
