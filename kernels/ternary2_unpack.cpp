#include "kernels/ternary2_unpack.hpp"

#include "kernels/contract/combinational.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kCodeBits = 2;
constexpr std::uint8_t kZero = 1;

unsigned codes_of(const Parameters& parameters) { return value_or(parameters, "codes", 32); }

}  // namespace

void ternary2_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  for (unsigned i = 0; i < codes_of(parameters); ++i) {
    const auto code = static_cast<std::uint8_t>(get_bits(in, i * kCodeBits, kCodeBits));
    set_trit(out, i, code <= 2 ? code : kZero);
  }
}

UnitInfo ternary2_unpack_info() {
  UnitInfo info;
  info.name = "ternary2_unpack";
  info.summary = "two-bit codes to trits";
  info.case_is = "one input beat";
  info.parameters = {spec("codes", 32, 1, 256, "codes per beat")};
  info.points = {resolve(info, {}), resolve(info, {{"codes", 1}}), resolve(info, {{"codes", 37}})};
  info.small_point = {{"codes", 4}};
  info.work_per_cycle = [](const Parameters& p) { return Work{0, static_cast<double>(p.at("codes")), "trits"}; };
  info.combinational = true;
  info.input_shape = [](const Parameters& p) {
    return BeatShape({{"code", kCodeBits, codes_of(p), FieldKind::kCode}});
  };
  info.output_shape = [](const Parameters& p) { return BeatShape({trit_field(codes_of(p))}); };
  info.golden = combinational_golden(info, ternary2_unpack);
  info.random = [](const Parameters& p, const RandomRequest& request) {
    return element_stimulus(request, codes_of(p), kCodeBits,
                            [&](Random& random) { return random.below(request.illegal ? 4 : 3); });
  };
  info.unsupported = [](const Parameters&, const quant::Format& format) {
    return unlike_ternary_layout(quant::CodeLayout::kDense, format);
  };
  return info;
}

}  // namespace subbyte::kernels
