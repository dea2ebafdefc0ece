#include "kernels/ternary_tile.hpp"

#include <array>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/integer_weights.hpp"
#include "kernels/parts/scale_lowering.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kSparseLanes = 4;
constexpr unsigned kSparseBits = 5;

bool sparse(const Parameters& parameters) { return value_or(parameters, "sparse", 1) == 1; }
bool int8(const Parameters& parameters) { return value_or(parameters, "act_int8", 0) == 1; }

void trits_of_code(unsigned element, std::int8_t* lanes) {
  std::array<std::uint8_t, kSparseLanes> codes{};
  quant::unpack_one_zero_in_four(element, codes);
  for (unsigned i = 0; i < kSparseLanes; ++i) lanes[i] = static_cast<std::int8_t>(codes.at(i) - 1);
}

void trit(unsigned element, std::int8_t* lanes) {
  const std::uint64_t beat = element;
  lanes[0] = static_cast<std::int8_t>(trit_code({&beat, 1}, 0) - 1);
}

unsigned draw_code_of_four(Random& random, const WeightDraw&) { return random.below(1U << kSparseBits); }

unsigned draw_trit(Random& random, const WeightDraw& of) {
  if (of.illegal && random.percent(10)) return 2;
  return (random.below(3) - 1) & 3U;
}

std::optional<Refusal> unsupported(const Parameters& parameters, const quant::Format& format) {
  if (auto why = scales_unsupported(format)) return why;
  const auto why = sparse(parameters) ? unlike_ternary_layout(quant::CodeLayout::kOneZeroInFour, format)
                                      : integers_unsupported(format, -1, 1);
  if (why || !int8(parameters)) return why;
  return int8_sum_unsupported(format, format.scaling.group, value_or(parameters, "acc_width", 20));
}

Work work(const Parameters& parameters) {
  const double macs = static_cast<double>(parameters.at("rows") * parameters.at("cols") * parameters.at("lanes"));
  return {macs, 0,
          std::string(int8(parameters) ? "INT8" : "FP16") + (sparse(parameters) ? " x ternary 3:4" : " x ternary")};
}

}  // namespace

RowTileKind ternary_tile_kind(const Parameters& parameters) {
  RowTileKind kind;
  kind.unit = "ternary_tile";
  kind.activations = int8(parameters) ? RowActivations::kInt8 : RowActivations::kFp16;
  kind.growth = 0;
  if (sparse(parameters)) {
    kind.weight = {"code", kSparseBits, 1, FieldKind::kCode};
    kind.lanes_per_element = kSparseLanes;
    kind.integers = trits_of_code;
    kind.draw = draw_code_of_four;
  } else {
    kind.weight = trit_field(1);
    kind.integers = trit;
    kind.draw = draw_trit;
  }
  return kind;
}

UnitInfo ternary_tile_info() {
  UnitInfo info = row_tile_info("ternary_tile", ternary_tile_kind);
  info.summary = "rows x cols units that select and add: FP16 or INT8 activations times ternary weights, no multiplier";
  for (const ParameterSpec& spec : rounded_sum_specs()) info.parameters.push_back(spec);
  info.parameters.push_back(spec("sparse", 1, 0, 1, "1: five-bit codes of four weights with one zero, 0: trits"));
  info.parameters.push_back(spec("act_int8", 0, 0, 1, "1: activations are signed bytes, the group sum is exact"));
  info.points = {resolve(info, {}),
                 resolve(info, {{"rows", 2}, {"cols", 2}, {"lanes", 8}, {"align_bits", 12}, {"acc_width", 28}}),
                 resolve(info, {{"rows", 3}, {"cols", 2}, {"lanes", 3}, {"sparse", 0}, {"guard_bits", 1}}),
                 resolve(info, {{"rows", 2}, {"cols", 1}, {"act_int8", 1}, {"acc_width", 16}}),
                 resolve(info, {{"rows", 16}, {"cols", 1}, {"lanes", 4}, {"sparse", 0}, {"act_int8", 1}})};
  info.small_point = {{"rows", 1}, {"cols", 1}, {"align_bits", 2}, {"acc_width", 8}};
  info.work_per_cycle = work;
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
