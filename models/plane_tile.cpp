#include "models/plane_tile.hpp"

#include "kernels/plane_tile.hpp"
#include "models/row_tile.hpp"

namespace subbyte::models {

kernels::Trace plane_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                  kernels::TraceWindow window) {
  return run_unit<RowTile>(kernels::plane_tile_info(), parameters, stimulus, window, kernels::plane_tile_kind);
}

}  // namespace subbyte::models
