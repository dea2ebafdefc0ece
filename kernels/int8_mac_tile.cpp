#include "kernels/int8_mac_tile.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/integer_weights.hpp"
#include "kernels/parts/scale_lowering.hpp"

namespace subbyte::kernels {
namespace {

void byte_integer(unsigned element, std::int8_t* lanes) { lanes[0] = static_cast<std::int8_t>(element); }

unsigned draw_byte(Random& random, const WeightDraw& of) {
  if (of.illegal && random.percent(5)) return random.below(256);
  const quant::Alphabet& alphabet = of.format.alphabet;
  for (;;) {
    const unsigned code = random.below(1U << alphabet.code_bits);
    if (!alphabet.emitted(code)) continue;
    return static_cast<std::uint8_t>(integer_weight(of.format, code, of.selector, of.zero));
  }
}

std::optional<Refusal> unsupported(const Parameters& parameters, const quant::Format& format) {
  if (auto why = byte_tile_unsupported(format)) return why;
  return int8_sum_unsupported(format, format.scaling.group, value_or(parameters, "acc_width", 31));
}

}  // namespace

RowTileKind int8_mac_tile_kind(const Parameters&) {
  RowTileKind kind;
  kind.unit = "int8_mac_tile";
  kind.activations = RowActivations::kInt8;
  kind.weight = {"weight", 8, 1, FieldKind::kSigned};
  kind.integers = byte_integer;
  kind.draw = draw_byte;
  return kind;
}

std::optional<Refusal> byte_tile_unsupported(const quant::Format& format) {
  if (auto why = scales_unsupported(format)) return why;
  return integers_unsupported(format, -128, 127);
}

UnitInfo int8_mac_tile_info() {
  UnitInfo info = row_tile_info("int8_mac_tile", int8_mac_tile_kind);
  info.summary = "rows x cols units of INT8 activations times signed bytes, exact integer sums per group";
  info.beside = kWidenedBeside;
  info.parameters.push_back(spec("acc_width", 31, 16, 40, "bits of the group sum's magnitude"));
  info.points = {resolve(info, {}), resolve(info, {{"rows", 2}, {"cols", 2}}),
                 resolve(info, {{"rows", 3}, {"cols", 2}, {"lanes", 3}, {"acc_width", 24}}),
                 resolve(info, {{"rows", 16}, {"cols", 1}, {"lanes", 1}, {"acc_width", 40}})};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(p.at("rows") * p.at("cols") * p.at("lanes")), 0, "INT8 x INT8"};
  };
  info.small_point = {{"rows", 1}, {"cols", 1}, {"lanes", 2}, {"acc_width", 16}};
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
