#include "kernels/ternary34_pack.hpp"

#include <array>

#include "kernels/contract/combinational.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kCodeBits = 5;
constexpr unsigned kGroupBits = 4 * kTritBits;

unsigned groups_of(const Parameters& parameters) { return value_or(parameters, "groups", 8); }

/// A group with one zero, from a code; in a third of the illegal draws any pattern, negative zeros included.
unsigned draw_group(Random& random, bool illegal) {
  if (illegal && random.percent(33)) return random.below(1U << kGroupBits);
  std::array<std::uint8_t, 4> codes{};
  quant::unpack_one_zero_in_four(random.below(32), codes);
  std::array<std::uint64_t, 1> group{};
  for (unsigned i = 0; i < 4; ++i) set_trit(group, i, codes.at(i));
  return static_cast<unsigned>(group[0]);
}

}  // namespace

void ternary34_pack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  const unsigned groups = groups_of(parameters);
  std::array<std::uint8_t, 4> codes{};
  for (unsigned g = 0; g < groups; ++g) {
    for (unsigned i = 0; i < 4; ++i) codes.at(i) = trit_code(in, g * 4 + i);
    const unsigned code = quant::pack_one_zero_in_four(codes);
    const bool error = code >= 1U << kCodeBits;
    set_bits(out, g * kCodeBits, kCodeBits, error ? 0 : code);
    set_bits(out, groups * kCodeBits + g, 1, error ? 1 : 0);
  }
}

UnitInfo ternary34_pack_info() {
  UnitInfo info;
  info.name = "ternary34_pack";
  info.summary = "four trits with exactly one zero to a five-bit code, any other number of zeros to an error";
  info.case_is = "one input beat";
  info.parameters = {spec("groups", 8, 1, 64, "groups of four trits per beat; eight are five bytes")};
  info.points = {resolve(info, {}), resolve(info, {{"groups", 1}}), resolve(info, {{"groups", 13}})};
  info.small_point = {{"groups", 2}};
  info.work_per_cycle = [](const Parameters& p) { return Work{0, 4.0 * static_cast<double>(p.at("groups")), "trits"}; };
  info.combinational = true;
  info.input_shape = [](const Parameters& p) { return BeatShape({trit_field(4 * groups_of(p))}); };
  info.output_shape = [](const Parameters& p) {
    return BeatShape(
        {{"code", kCodeBits, groups_of(p), FieldKind::kCode}, {"error", 1, groups_of(p), FieldKind::kFlag}});
  };
  info.golden = combinational_golden(info, ternary34_pack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, groups_of(p), kGroupBits,
                            [&](Random& random) { return draw_group(random, request.illegal); });
  };
  info.unsupported = [](const Parameters&, const quant::Format& format) {
    return unlike_ternary_layout(quant::CodeLayout::kOneZeroInFour, format);
  };
  return info;
}

}  // namespace subbyte::kernels
