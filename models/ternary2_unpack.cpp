#include "models/ternary2_unpack.hpp"

#include "models/combinational.hpp"

namespace subbyte::models {

kernels::Trace ternary2_unpack_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                       kernels::TraceWindow window) {
  return run_combinational(kernels::ternary2_unpack_info(), kernels::ternary2_unpack, parameters, stimulus, window);
}

}  // namespace subbyte::models
