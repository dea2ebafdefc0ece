#include "models/fp16_int8_mac_tile.hpp"

#include "kernels/fp16_int8_mac_tile.hpp"
#include "models/row_tile.hpp"

namespace subbyte::models {

kernels::Trace fp16_int8_mac_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                          kernels::TraceWindow window) {
  return run_unit<RowTile>(kernels::fp16_int8_mac_tile_info(), parameters, stimulus, window,
                           kernels::fp16_int8_mac_tile_kind);
}

}  // namespace subbyte::models
