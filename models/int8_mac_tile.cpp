#include "models/int8_mac_tile.hpp"

#include "kernels/int8_mac_tile.hpp"
#include "models/row_tile.hpp"

namespace subbyte::models {

kernels::Trace int8_mac_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                     kernels::TraceWindow window) {
  return run_unit<RowTile>(kernels::int8_mac_tile_info(), parameters, stimulus, window, kernels::int8_mac_tile_kind);
}

}  // namespace subbyte::models
