#include "kernels/ternary34_pack.hpp"

#include <array>

#include "kernels/contract/combinational.hpp"
#include "kernels/parts/ternary34.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kGroupBits = 4 * kTritBits;

/// Draws a group with one zero from a code, and in a third of the illegal draws any pattern, negative zeros included.
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
  const unsigned groups = ternary34_groups(parameters);
  std::array<std::uint8_t, 4> codes{};
  for (unsigned g = 0; g < groups; ++g) {
    for (unsigned i = 0; i < 4; ++i) codes.at(i) = trit_code(in, g * 4 + i);
    const unsigned code = quant::pack_one_zero_in_four(codes);
    const bool error = code >= 1U << kTernary34Bits;
    set_bits(out, g * kTernary34Bits, kTernary34Bits, error ? 0 : code);
    set_bits(out, groups * kTernary34Bits + g, 1, error ? 1 : 0);
  }
}

UnitInfo ternary34_pack_info() {
  UnitInfo info = ternary34_info(
      "ternary34_pack", "four trits with exactly one zero to a five-bit code, any other number of zeros to an error");
  info.input_shape = [](const Parameters& p) { return BeatShape({ternary34_trit_field(p)}); };
  info.output_shape = [](const Parameters& p) {
    return BeatShape({ternary34_code_field(p), {"error", 1, ternary34_groups(p), FieldKind::kFlag}});
  };
  info.golden = combinational_golden(info, ternary34_pack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, ternary34_groups(p), kGroupBits,
                            [&](Random& random) { return draw_group(random, request.illegal); });
  };
  return info;
}

}  // namespace subbyte::kernels
