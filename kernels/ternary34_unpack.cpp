#include "kernels/ternary34_unpack.hpp"

#include <array>

#include "kernels/contract/combinational.hpp"
#include "kernels/parts/ternary34.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {

void ternary34_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  std::array<std::uint8_t, 4> codes{};
  for (unsigned g = 0; g < ternary34_groups(parameters); ++g) {
    quant::unpack_one_zero_in_four(static_cast<unsigned>(get_bits(in, g * kTernary34Bits, kTernary34Bits)), codes);
    for (unsigned i = 0; i < 4; ++i) set_trit(out, g * 4 + i, codes.at(i));
  }
}

UnitInfo ternary34_unpack_info() {
  UnitInfo info = ternary34_info("ternary34_unpack", "five-bit codes to four trits with exactly one zero");
  info.input_shape = [](const Parameters& p) { return BeatShape({ternary34_code_field(p)}); };
  info.output_shape = [](const Parameters& p) { return BeatShape({ternary34_trit_field(p)}); };
  info.golden = combinational_golden(info, ternary34_unpack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, ternary34_groups(p), kTernary34Bits,
                            [](Random& random) { return random.below(32); });
  };
  return info;
}

}  // namespace subbyte::kernels
