#include "models/ternary34_unpack.hpp"

#include "models/combinational.hpp"

namespace subbyte::models {

kernels::Trace ternary34_unpack_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                        kernels::TraceWindow window) {
  return run_combinational(kernels::ternary34_unpack_info(), kernels::ternary34_unpack, parameters, stimulus, window);
}

}  // namespace subbyte::models
