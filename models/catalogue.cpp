#include "models/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/fp16_int8_mac_tile.hpp"
#include "kernels/int8_mac_tile.hpp"
#include "kernels/matquant_slice.hpp"
#include "kernels/mx_dot.hpp"
#include "kernels/nvfp4_dot.hpp"
#include "kernels/plane_tile.hpp"
#include "kernels/ternary2_unpack.hpp"
#include "kernels/ternary34_pack.hpp"
#include "kernels/ternary34_unpack.hpp"
#include "kernels/ternary5_unpack.hpp"
#include "kernels/ternary_tile.hpp"
#include "models/parts/block_dot.hpp"
#include "models/parts/combinational.hpp"
#include "models/parts/row_tile.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using kernels::Trace;
using kernels::TraceWindow;
using kernels::UnitInfo;

template <kernels::BeatFunction kBeat>
Trace combinational(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return run_combinational(unit, kBeat, parameters, stimulus, window);
}

template <kernels::RowTileKindOf kKind>
Trace row_tile(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return run_unit<RowTile>(unit, parameters, stimulus, window, kKind);
}

template <class Dot>
Trace block_dot(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return run_unit<BlockDot<Dot>>(unit, parameters, stimulus, window);
}

/// The table says how each unit runs in SystemC.
struct Row {
  std::string_view unit;
  Model* run;
};
constexpr Row kModels[] = {
    {"term_encoder", term_encoder_systemc},
    {"bitserial_pe", bitserial_pe_systemc},
    {"group_dequant", group_dequant_systemc},
    {"column_accumulator", column_accumulator_systemc},
    {"bitserial_tile", bitserial_tile_systemc},
    {"fp16_mac_tile", fp16_mac_tile_systemc},
    {"int8_mac_tile", row_tile<kernels::int8_mac_tile_kind>},
    {"fp16_int8_mac_tile", row_tile<kernels::fp16_int8_mac_tile_kind>},
    {"ternary34_unpack", combinational<kernels::ternary34_unpack>},
    {"ternary34_pack", combinational<kernels::ternary34_pack>},
    {"ternary5_unpack", combinational<kernels::ternary5_unpack>},
    {"ternary2_unpack", combinational<kernels::ternary2_unpack>},
    {"matquant_slice", combinational<kernels::matquant_slice>},
    {"fp4_dequant", fp4_dequant_systemc},
    {"fp4_quant", fp4_quant_systemc},
    {"mx_dot", block_dot<kernels::MxDot>},
    {"nvfp4_dot", block_dot<kernels::Nvfp4Dot>},
    {"dequant_mac_tile", dequant_mac_tile_systemc},
    {"ternary_tile", row_tile<kernels::ternary_tile_kind>},
    {"plane_tile", row_tile<kernels::plane_tile_kind>},
    {"core", core_systemc},
    {"vector_unit", vector_unit_systemc},
};

}  // namespace

std::vector<std::string_view> modelled_units() {
  std::vector<std::string_view> names;
  for (const Row& row : kModels) names.push_back(row.unit);
  return names;
}

Trace run_systemc(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const auto* row = std::ranges::find(kModels, unit.name, &Row::unit);
  if (row == std::end(kModels))
    throw std::invalid_argument("unit " + unit.name + " has no row in models/catalogue.cpp");
  return row->run(unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
