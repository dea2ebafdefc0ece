#include "kernels/fp16_int8_mac_tile.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/int8_mac_tile.hpp"

namespace subbyte::kernels {

RowTileKind fp16_int8_mac_tile_kind(const Parameters& parameters) {
  RowTileKind kind = int8_mac_tile_kind(parameters);
  kind.unit = "fp16_int8_mac_tile";
  kind.activations = RowActivations::kFp16;
  return kind;
}

UnitInfo fp16_int8_mac_tile_info() {
  UnitInfo info = row_tile_info("fp16_int8_mac_tile", fp16_int8_mac_tile_kind);
  info.summary = "rows x cols units of FP16 activations, integers once per row, times signed bytes";
  info.beside = kWidenedBeside;
  for (const ParameterSpec& spec : rounded_sum_specs()) info.parameters.push_back(spec);
  info.points = {resolve(info, {}), resolve(info, {{"rows", 2}, {"cols", 2}}),
                 resolve(info, {{"rows", 3}, {"cols", 2}, {"lanes", 3}, {"align_bits", 12}, {"acc_width", 28}}),
                 resolve(info, {{"rows", 16}, {"cols", 1}, {"lanes", 1}, {"align_bits", 1}, {"guard_bits", 1}})};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(p.at("rows") * p.at("cols") * p.at("lanes")), 0, "FP16 x INT8"};
  };
  info.small_point = {{"rows", 1}, {"cols", 1}, {"lanes", 2}, {"align_bits", 2}, {"acc_width", 8}};
  info.unsupported = [](const Parameters&, const quant::Format& format) { return byte_tile_unsupported(format); };
  return info;
}

}  // namespace subbyte::kernels
