#include "models/matquant_slice.hpp"

#include "models/combinational.hpp"

namespace subbyte::models {

kernels::Trace matquant_slice_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                      kernels::TraceWindow window) {
  return run_combinational(kernels::matquant_slice_info(), kernels::matquant_slice, parameters, stimulus, window);
}

}  // namespace subbyte::models
