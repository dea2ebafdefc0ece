#include "kernels/contract/combinational.hpp"

#include <algorithm>

namespace subbyte::kernels {

std::function<Trace(const Parameters&, const Stimulus&, TraceWindow)> combinational_golden(const UnitInfo& info,
                                                                                           BeatFunction beat) {
  return [in_shape = info.input_shape, out_shape = info.output_shape, beat](
             const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
    std::vector<std::uint64_t> in(in_shape(parameters).words());
    std::vector<std::uint64_t> out(out_shape(parameters).words());
    Trace trace(out.size(), false, window);
    for (std::size_t i = 0; i < stimulus.input.count; ++i) {
      stimulus.input.fill(i, in);
      std::ranges::fill(out, 0);
      beat(parameters, in, out);
      trace.append(out);
    }
    return trace;
  };
}

}  // namespace subbyte::kernels
