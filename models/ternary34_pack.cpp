#include "models/ternary34_pack.hpp"

#include "models/combinational.hpp"

namespace subbyte::models {

kernels::Trace ternary34_pack_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                      kernels::TraceWindow window) {
  return run_combinational(kernels::ternary34_pack_info(), kernels::ternary34_pack, parameters, stimulus, window);
}

}  // namespace subbyte::models
