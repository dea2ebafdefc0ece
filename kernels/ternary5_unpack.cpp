#include "kernels/ternary5_unpack.hpp"

#include <array>

#include "kernels/contract/combinational.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

unsigned bytes_of(const Parameters& parameters) { return value_or(parameters, "bytes", 8); }

/// Draws a byte that five codes give, or any of the 256 when `illegal` is set.
unsigned draw_byte(Random& random, bool illegal) {
  if (illegal) return random.below(256);
  std::array<std::uint8_t, 5> codes{};
  for (auto& code : codes) code = static_cast<std::uint8_t>(random.below(3));
  return quant::pack_five_in_byte(codes);
}

}  // namespace

void ternary5_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  std::array<std::uint8_t, 5> codes{};
  for (unsigned b = 0; b < bytes_of(parameters); ++b) {
    quant::unpack_five_in_byte(static_cast<std::uint8_t>(get_bits(in, b * 8, 8)), codes);
    for (unsigned i = 0; i < 5; ++i) set_trit(out, b * 5 + i, codes.at(i));
  }
}

UnitInfo ternary5_unpack_info() {
  UnitInfo info;
  info.name = "ternary5_unpack";
  info.summary = "bytes to five trits each";
  info.case_is = "one input beat";
  info.parameters = {spec("bytes", 8, 1, 64, "bytes per beat")};
  info.points = {resolve(info, {}), resolve(info, {{"bytes", 1}}), resolve(info, {{"bytes", 13}})};
  info.small_point = {{"bytes", 1}};
  info.work_per_cycle = [](const Parameters& p) { return Work{0, 5.0 * static_cast<double>(p.at("bytes")), "trits"}; };
  info.combinational = true;
  info.input_shape = [](const Parameters& p) { return BeatShape({{"byte", 8, bytes_of(p), FieldKind::kCode}}); };
  info.output_shape = [](const Parameters& p) { return BeatShape({trit_field(5 * bytes_of(p))}); };
  info.golden = combinational_golden(info, ternary5_unpack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, bytes_of(p), 8,
                            [&](Random& random) { return draw_byte(random, request.illegal); });
  };
  info.unsupported = [](const Parameters&, const quant::Format& format) {
    return unlike_ternary_layout(quant::CodeLayout::kFiveInByte, format);
  };
  return info;
}

}  // namespace subbyte::kernels
