#include "kernels/group_dequant.hpp"

#include "kernels/arithmetic/fp16.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

unsigned mantissa_width(const Parameters& parameters) { return value_or(parameters, "mantissa_width", 21); }

BeatShape input_shape(const Parameters& parameters) {
  return BeatShape({{"mantissa", mantissa_width(parameters), 1, FieldKind::kSigned},
                    {"exponent", 8, 1, FieldKind::kSigned},
                    {"nonfinite", 1, 1, FieldKind::kFlag},
                    {"scale", 16, 1, FieldKind::kFp16},
                    {"scale_u8", 1, 1, FieldKind::kFlag}});
}

BeatShape output_shape(const Parameters& parameters) {
  return BeatShape({{"product", mantissa_width(parameters) + 11, 1, FieldKind::kSigned},
                    {"exponent", 9, 1, FieldKind::kSigned},
                    {"nonfinite", 1, 1, FieldKind::kFlag}});
}

/// The fields of the input beat, which are looked up once.
struct FieldOffsets {
  explicit FieldOffsets(const BeatShape& in)
      : mantissa(in.offset("mantissa")),
        exponent(in.offset("exponent")),
        nonfinite(in.offset("nonfinite")),
        scale(in.offset("scale")),
        scale_u8(in.offset("scale_u8")) {}
  unsigned mantissa, exponent, nonfinite, scale, scale_u8;
};

/// Draws magnitudes of every length, the extremes, and, when `illegal` is set, the most negative pattern (which no PE
/// emits).
std::int64_t draw_mantissa(Random& random, unsigned width, bool illegal) {
  const std::int64_t largest = static_cast<std::int64_t>((std::uint64_t{1} << (width - 1)) - 1);
  if (illegal && random.percent(3)) return -largest - 1;
  if (random.percent(5)) return 0;
  if (random.percent(5)) return random.below(2) != 0 ? largest : -largest;
  const auto magnitude = static_cast<std::int64_t>(random.next() >> (64 - (width - 1)) >> random.below(width - 1));
  return random.below(2) != 0 ? magnitude : -magnitude;
}

}  // namespace

ScaleSignificand scale_significand(std::uint16_t scale, bool scale_u8) {
  if (scale_u8) return {scale & 0xFFU, 8, 25, false};
  const Fp16 number = fp16_of(scale);
  return {number.significand, 11, number.exponent, !number.finite()};
}

DequantResult dequantize(const PeState& group, std::uint16_t scale, bool scale_u8) {
  const ScaleSignificand s = scale_significand(scale, scale_u8);
  if (group.nonfinite || s.nonfinite) return {0, 0, true};
  return {Int128{group.mantissa} * static_cast<int>(s.significand), group.exponent + s.exponent, false};
}

Trace group_dequant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const unsigned width = mantissa_width(parameters);
  const BeatShape in = input_shape(parameters);
  const BeatShape out = output_shape(parameters);
  const FieldOffsets at(in);
  const unsigned exponent = out.offset("exponent"), nonfinite = out.offset("nonfinite");
  Trace trace(out.words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint64_t> result(out.words());
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    const PeState group{get_signed(beat, at.mantissa, width), static_cast<int>(get_signed(beat, at.exponent, 8)),
                        get_bits(beat, at.nonfinite, 1) != 0};
    const auto scale = static_cast<std::uint16_t>(get_bits(beat, at.scale, 16));
    const DequantResult value = dequantize(group, scale, get_bits(beat, at.scale_u8, 1) != 0);
    set_wide(result, out.offset("product"), width + 11, value.product);
    set_bits(result, exponent, 9, static_cast<std::uint64_t>(value.exponent));
    set_bits(result, nonfinite, 1, value.nonfinite ? 1 : 0);
    trace.append(result);
  }
  return trace;
}

Stimulus group_dequant_random(const Parameters& parameters, const RandomRequest& request) {
  const unsigned width = mantissa_width(parameters);
  Random random(request.seed);
  const BeatShape in = input_shape(parameters);
  const FieldOffsets at(in);
  Beats beats(in.words());
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    const ScaleField scale = draw_scale(random, request.format.scaling.stored, request.illegal);
    const bool any_exponent = request.illegal && random.percent(20);
    const int exponent =
        any_exponent ? static_cast<int>(random.below(256)) - 128 : static_cast<int>(random.below(60)) - 20;
    set_bits(beat, at.mantissa, width, static_cast<std::uint64_t>(draw_mantissa(random, width, request.illegal)));
    set_bits(beat, at.exponent, 8, static_cast<std::uint64_t>(exponent));
    set_bits(beat, at.nonfinite, 1, request.illegal && random.percent(5) ? 1 : 0);
    set_bits(beat, at.scale, 16, scale.bits);
    set_bits(beat, at.scale_u8, 1, scale.u8 ? 1 : 0);
  }
  return {{}, source_of(std::move(beats)), request.stalls, request.cases};
}

UnitInfo group_dequant_info() {
  UnitInfo info;
  info.name = "group_dequant";
  info.summary = "group sum times the significand of its scale, one scale bit per cycle";
  info.piece = "group sum";
  info.case_is = "one input beat";
  info.parameters = {
      spec("mantissa_width", 21, 9, 64, "bits of the group sum's mantissa (acc_width + 1, or 64 when exact)")};
  info.points = {resolve(info, {}), resolve(info, {{"mantissa_width", 15}}), resolve(info, {{"mantissa_width", 9}}),
                 resolve(info, {{"mantissa_width", 64}})};
  info.work_per_cycle = [](const Parameters&) { return Work{0, 1.0 / 11, "group sums with FP16 scales"}; };
  info.small_point = {{"mantissa_width", 12}};
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = group_dequant_golden;
  info.random = group_dequant_random;
  info.unsupported = [](const Parameters&, const quant::Format&) { return std::optional<Refusal>(); };
  return info;
}

}  // namespace subbyte::kernels
