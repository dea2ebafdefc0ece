#include "kernels/matquant_slice.hpp"

#include "kernels/contract/combinational.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"
#include "quant/formats/nested_codes.hpp"

namespace subbyte::kernels {
namespace {

unsigned codes_of(const Parameters& parameters) { return value_or(parameters, "codes", 16); }
unsigned bits_of(const Parameters& parameters) { return value_or(parameters, "bits", 4); }

Stimulus random_codes(const Parameters& parameters, const RandomRequest& request) {
  const unsigned width = bits_of(parameters) + 1;
  const unsigned largest = (1U << width) - 1;
  // Rounding carries furthest, and is clamped, just below and at the largest code.
  return element_stimulus(request, codes_of(parameters), width, [=](Random& random) {
    return random.percent(15) ? largest - random.below(2) : random.below(largest + 1);
  });
}

std::optional<Refusal> unsupported(const Parameters& /*parameters*/, const quant::Format& format) {
  if (format.rule != quant::ScaleRule::kRoundedSlice)
    return Refusal{"its codes are not sliced by rounding (matquant8 is)"};
  if (format.alphabet.code_bits == format.parent_bits) return {};
  return Refusal{"it is a slice already, and rounding twice is not rounding once; expected the parent of " +
                 std::to_string(format.parent_bits) + " bits"};
}

}  // namespace

void matquant_slice(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  const unsigned bits = bits_of(parameters);
  const unsigned below = quant::kParentBits - bits - 1;  // these planes never arrive
  for (unsigned i = 0; i < codes_of(parameters); ++i) {
    const auto code = static_cast<unsigned>(get_bits(in, i * (bits + 1), bits + 1));
    set_bits(out, i * bits, bits, quant::round_to_slice(code << below, bits));
  }
}

UnitInfo matquant_slice_info() {
  UnitInfo info;
  info.name = "matquant_slice";
  info.summary = "top planes of eight-bit codes to MatQuant slices, rounded half up and clamped";
  info.case_is = "one input beat";
  info.parameters = {spec("codes", 16, 1, 256, "codes per beat"), spec("bits", 4, 1, 7, "bits of a slice")};
  info.points = {resolve(info, {}), resolve(info, {{"codes", 1}, {"bits", 1}}),
                 resolve(info, {{"codes", 13}, {"bits", 7}}), resolve(info, {{"codes", 5}, {"bits", 2}})};
  info.small_point = {{"codes", 2}};
  info.combinational = true;
  info.work_per_cycle = [](const Parameters& p) {
    return Work{0, static_cast<double>(codes_of(p)), "slices of " + std::to_string(bits_of(p)) + " bits"};
  };
  info.input_shape = [](const Parameters& p) {
    return BeatShape({{"code", bits_of(p) + 1, codes_of(p), FieldKind::kCode}});
  };
  info.output_shape = [](const Parameters& p) {
    return BeatShape({{"slice", bits_of(p), codes_of(p), FieldKind::kCode}});
  };
  info.golden = combinational_golden(info, matquant_slice);
  info.random = random_codes;
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
