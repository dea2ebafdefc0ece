#include "models/ternary5_unpack.hpp"

#include "models/combinational.hpp"

namespace subbyte::models {

kernels::Trace ternary5_unpack_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                       kernels::TraceWindow window) {
  return run_combinational(kernels::ternary5_unpack_info(), kernels::ternary5_unpack, parameters, stimulus, window);
}

}  // namespace subbyte::models
