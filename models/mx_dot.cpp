#include "models/mx_dot.hpp"

#include "models/block_dot.hpp"

namespace subbyte::models {

kernels::Trace mx_dot_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                              kernels::TraceWindow window) {
  return run_unit<BlockDot<kernels::MxDot>>(kernels::mx_dot_info(), parameters, stimulus, window);
}

}  // namespace subbyte::models
