#include "kernels/plane_tile.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/scale_lowering.hpp"
#include "quant/formats/plane_program.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kMostPlanes = 8;

void sign_of_plane(unsigned element, std::int8_t* lanes) { lanes[0] = element != 0 ? 1 : -1; }
unsigned draw_plane(Random& random, const WeightDraw&) { return random.below(2); }

/// Draws the format's planes, or any other number; `illegal` adds zero, more than eight and writes to no register.
std::vector<ConfigWrite> random_config(const RandomRequest& request) {
  Random random(request.seed ^ 0x706C616EU);
  std::vector<ConfigWrite> writes;
  if (!request.illegal || random.percent(30)) return plane_tile_config(request.format.alphabet.code_bits);
  if (random.percent(20)) return writes;  // the reset value
  const unsigned draw = random.below(100);
  const std::uint32_t planes = draw < 60   ? 1 + random.below(kMostPlanes)
                               : draw < 70 ? 0
                               : draw < 80 ? kMostPlanes + 1 + random.below(8)
                                           : random.below(9) | 1U << random.below(32);
  writes.push_back({0, planes});
  for (unsigned i = random.below(4); i > 0; --i) {
    writes.push_back({static_cast<std::uint8_t>(1U << random.below(8)), static_cast<std::uint32_t>(random.next())});
  }
  return writes;
}

std::optional<Refusal> unsupported(const Parameters&, const quant::Format& format) {
  if (auto why = scales_unsupported(format)) return why;
  const auto program = quant::plane_program(format);
  if (!program || !program->bipolar || format.scaling.zero_point)
    return Refusal{"its levels are not sums of planes of +1 and -1, each worth twice the next (nested8 is)"};
  if (format.alphabet.code_bits <= kMostPlanes) return {};
  return Refusal{std::to_string(format.alphabet.code_bits) + " planes, the unit has at most 8"};
}

}  // namespace

std::vector<ConfigWrite> plane_tile_config(unsigned planes) { return {{0, planes}}; }

RowTileKind plane_tile_kind(const Parameters&) {
  RowTileKind kind;
  kind.unit = "plane_tile";
  kind.activations = RowActivations::kFp16;
  kind.weight = {"plane", 1, 1, FieldKind::kFlag};
  kind.growth = kMostPlanes;
  kind.planes = true;
  kind.integers = sign_of_plane;
  kind.draw = draw_plane;
  return kind;
}

UnitInfo plane_tile_info() {
  UnitInfo info = row_tile_info("plane_tile", plane_tile_kind);
  info.summary = "rows x cols units of FP16 activations times bit planes of +1 and -1, stopped early by command";
  for (const ParameterSpec& spec : rounded_sum_specs()) info.parameters.push_back(spec);
  info.points = {resolve(info, {}), resolve(info, {{"rows", 2}, {"cols", 2}}),
                 resolve(info, {{"rows", 3}, {"cols", 2}, {"lanes", 3}, {"align_bits", 12}, {"acc_width", 32}}),
                 resolve(info, {{"rows", 16}, {"cols", 1}, {"lanes", 1}, {"align_bits", 1}, {"guard_bits", 1}})};
  info.small_point = {{"rows", 1}, {"cols", 1}, {"align_bits", 2}, {"acc_width", 8}};
  info.has_config = true;
  info.work_per_cycle = [](const Parameters& p) {
    const double adders = static_cast<double>(p.at("rows") * p.at("cols") * p.at("lanes"));
    return Work{adders / kMostPlanes, 0, "FP16 x eight planes (r planes: 8/r as many)"};
  };
  info.random = [](const Parameters& parameters, const RandomRequest& request) {
    return row_tile_random(RowTileParams::of(parameters, plane_tile_kind), request, random_config(request));
  };
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
