#include "models/nvfp4_dot.hpp"

#include "models/block_dot.hpp"

namespace subbyte::models {

kernels::Trace nvfp4_dot_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window) {
  return run_unit<BlockDot<kernels::Nvfp4Dot>>(kernels::nvfp4_dot_info(), parameters, stimulus, window);
}

}  // namespace subbyte::models
