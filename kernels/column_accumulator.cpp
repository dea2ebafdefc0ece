#include "kernels/column_accumulator.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

unsigned rows_of(const Parameters& parameters) { return value_or(parameters, "rows", 8); }
unsigned product_width(const Parameters& parameters) { return value_or(parameters, "product_width", 32); }

BeatShape input_shape(const Parameters& parameters) {
  return BeatShape({{"product", product_width(parameters), 1, FieldKind::kSigned},
                    {"exponent", 9, 1, FieldKind::kSigned},
                    {"nonfinite", 1, 1, FieldKind::kFlag},
                    {"last", 1, 1, FieldKind::kFlag},
                    {"channel_scale", 32, 1, FieldKind::kFp32}});
}

BeatShape output_shape(const Parameters&) { return BeatShape({{"value", 32, 1, FieldKind::kFp32}}); }

/// Draws products of every length, with exponents near the products of real groups, at the ends of FP32, or any when
/// `illegal` is set.
DequantResult draw_product(Random& random, unsigned width, bool illegal) {
  DequantResult drawn;
  const UInt128 pattern = static_cast<UInt128>(random.next()) << 64 | random.next();
  const Int128 magnitude = static_cast<Int128>(pattern >> (128 - (width - 1)) >> random.below(width - 1));
  drawn.product = random.percent(5) ? 0 : random.below(2) != 0 ? magnitude : -magnitude;
  const unsigned draw = random.below(100);
  const int near_zero = -100 - static_cast<int>(width) + static_cast<int>(random.below(30));
  const int near_infinity = 178 - static_cast<int>(width) + static_cast<int>(random.below(8));
  const int usual = 30 - static_cast<int>(width) / 2 + static_cast<int>(random.below(24));
  drawn.exponent = illegal && draw < 10   ? static_cast<int>(random.below(512)) - 256
                   : illegal && draw < 20 ? near_zero
                   : illegal && draw < 27 ? near_infinity
                                          : usual;
  drawn.nonfinite = illegal && random.percent(2);
  return drawn;
}

void set_beat(std::span<std::uint64_t> beat, unsigned width, const DequantResult& group, bool last,
              std::uint32_t scale) {
  set_wide(beat, 0, width, group.product);
  set_bits(beat, width, 9, static_cast<std::uint64_t>(group.exponent));
  set_bits(beat, width + 9, 1, group.nonfinite ? 1 : 0);
  set_bits(beat, width + 10, 1, last ? 1 : 0);
  set_bits(beat, width + 11, 32, scale);
}

}  // namespace

Trace column_accumulator_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const unsigned width = product_width(parameters);
  const BeatShape in = input_shape(parameters);
  Trace trace(1, false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint32_t> sums(rows_of(parameters), 0);
  std::size_t row = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i, row = (row + 1) % sums.size()) {
    stimulus.input.fill(i, beat);
    const DequantResult group{get_wide_signed(beat, 0, width), static_cast<int>(get_signed(beat, width, 9)),
                              get_bits(beat, width + 9, 1) != 0};
    sums[row] = fp32_add(sums[row], round_group(group));
    if (get_bits(beat, width + 10, 1) == 0) continue;
    const auto channel_scale = static_cast<std::uint32_t>(get_bits(beat, width + 11, 32));
    const std::uint64_t value = fp32_multiply(sums[row], channel_scale);
    trace.append(std::span(&value, 1));
    sums[row] = 0;
  }
  return trace;
}

Stimulus column_accumulator_random(const Parameters& parameters, const RandomRequest& request) {
  const unsigned width = product_width(parameters);
  const unsigned rows = rows_of(parameters);
  Random random(request.seed);
  Beats beats(input_shape(parameters).words());
  std::vector<DequantResult> previous(rows);
  for (std::size_t i = 0; i < request.cases; ++i) {
    const bool last_group = random.percent(35) || i + 1 == request.cases;
    for (unsigned r = 0; r < rows; ++r) {
      DequantResult group = draw_product(random, width, request.illegal);
      if (random.percent(8)) group = {-previous[r].product, previous[r].exponent, false};
      previous[r] = group;
      const bool last = last_group != (request.illegal && random.percent(3));
      set_beat(beats.append(), width, group, last,
               draw_channel_scale(random, request.format.scaling.stored, request.illegal));
    }
  }
  return {{}, source_of(std::move(beats)), request.stalls, request.cases};
}

UnitInfo column_accumulator_info() {
  UnitInfo info;
  info.name = "column_accumulator";
  info.summary = "groups' products summed per row in FP32 (RNE), then times the channel scale";
  info.piece = "group sum";
  info.case_is = "one group of all rows";
  info.parameters = {spec("rows", 8, 1, 8, "rows that share the accumulator"),
                     spec("product_width", 32, 20, 75, "bits of a product (mantissa_width + 11)")};
  info.points = {resolve(info, {}), resolve(info, {{"rows", 1}, {"product_width", 26}}),
                 resolve(info, {{"rows", 3}, {"product_width", 75}})};
  info.work_per_cycle = [](const Parameters&) { return Work{0, 1, "scaled group sums"}; };
  info.small_point = {{"rows", 2}, {"product_width", 23}};
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = column_accumulator_golden;
  info.random = column_accumulator_random;
  info.unsupported = [](const Parameters&, const quant::Format&) { return std::optional<Refusal>(); };
  return info;
}

}  // namespace subbyte::kernels
