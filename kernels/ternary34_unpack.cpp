#include "kernels/ternary34_unpack.hpp"

#include <array>

#include "kernels/contract/combinational.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kCodeBits = 5;

unsigned groups_of(const Parameters& parameters) { return value_or(parameters, "groups", 8); }

}  // namespace

void ternary34_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  std::array<std::uint8_t, 4> codes{};
  for (unsigned g = 0; g < groups_of(parameters); ++g) {
    quant::unpack_one_zero_in_four(static_cast<unsigned>(get_bits(in, g * kCodeBits, kCodeBits)), codes);
    for (unsigned i = 0; i < 4; ++i) set_trit(out, g * 4 + i, codes.at(i));
  }
}

UnitInfo ternary34_unpack_info() {
  UnitInfo info;
  info.name = "ternary34_unpack";
  info.summary = "five-bit codes to four trits with exactly one zero";
  info.case_is = "one input beat";
  info.parameters = {spec("groups", 8, 1, 64, "groups of four trits per beat; eight are five bytes")};
  info.points = {resolve(info, {}), resolve(info, {{"groups", 1}}), resolve(info, {{"groups", 13}})};
  info.small_point = {{"groups", 2}};
  info.work_per_cycle = [](const Parameters& p) { return Work{0, 4.0 * static_cast<double>(p.at("groups")), "trits"}; };
  info.combinational = true;
  info.input_shape = [](const Parameters& p) {
    return BeatShape({{"code", kCodeBits, groups_of(p), FieldKind::kCode}});
  };
  info.output_shape = [](const Parameters& p) { return BeatShape({trit_field(4 * groups_of(p))}); };
  info.golden = combinational_golden(info, ternary34_unpack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, groups_of(p), kCodeBits, [](Random& random) { return random.below(32); });
  };
  info.unsupported = [](const Parameters&, const quant::Format& format) {
    return unlike_ternary_layout(quant::CodeLayout::kOneZeroInFour, format);
  };
  return info;
}

}  // namespace subbyte::kernels
