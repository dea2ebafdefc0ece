// A combinational unit in time has no registers and latency 0 (kernels/TIMING.md). This is private to models/, because
// it includes SystemC.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/contract/combinational.hpp"
#include "models/systemc/stream.hpp"

namespace subbyte::models {

/// The registers of run_unit(), of which there are none: valid, ready and data pass within the cycle.
class Combinational {
 public:
  Combinational(const kernels::Parameters& parameters, const kernels::UnitInfo* info, kernels::BeatFunction beat)
      : parameters_(parameters),
        beat_(beat),
        in_words_(info->input_shape(parameters).words()),
        out_(info->output_shape(parameters).words()) {}

  Outputs settle(const Inputs& inputs) {
    if (inputs.in_valid) {
      std::ranges::fill(out_, 0);
      beat_(parameters_, {inputs.in_data, in_words_}, out_);
    }
    return {inputs.out_ready, inputs.in_valid, out_.data()};
  }

  void edge(const Inputs&) {}

 private:
  kernels::Parameters parameters_;
  kernels::BeatFunction beat_;
  std::size_t in_words_;
  std::vector<std::uint64_t> out_;
};

inline kernels::Trace run_combinational(const kernels::UnitInfo& info, kernels::BeatFunction beat,
                                        const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                        kernels::TraceWindow window) {
  return run_unit<Combinational>(info, parameters, stimulus, window, &info, beat);
}

}  // namespace subbyte::models
