#include "models/ternary_tile.hpp"

#include "kernels/ternary_tile.hpp"
#include "models/row_tile.hpp"

namespace subbyte::models {

kernels::Trace ternary_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                    kernels::TraceWindow window) {
  return run_unit<RowTile>(kernels::ternary_tile_info(), parameters, stimulus, window, kernels::ternary_tile_kind);
}

}  // namespace subbyte::models
