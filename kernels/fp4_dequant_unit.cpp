// The Unit contract of fp4_dequant takes beats in and gives beats out.
#include <algorithm>
#include <bit>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/fp4_dequant.hpp"
#include "kernels/parts/random_config.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint8_t kTensorScaleAddress = 1;
constexpr unsigned kRegisters = 6;

BeatShape input_shape(const Parameters& parameters) {
  return BeatShape({{"code", 4, Fp4DequantParams::of(parameters).lanes, FieldKind::kCode},
                    {"scale", 8, 1, FieldKind::kUnsigned},
                    {"selector", 2, 1, FieldKind::kUnsigned}});
}

BeatShape output_shape(const Parameters& parameters) {
  const Fp4DequantParams p = Fp4DequantParams::of(parameters);
  return BeatShape({{"value", 16, p.lanes, p.bf16 ? FieldKind::kUnsigned : FieldKind::kFp16}});
}

/// Draws a number of 24 bits whose product with a block scale's significand (9, 11, 13 or 15) is rounded to a tie of
/// BF16 or FP16, or beside one: it is exactly half a bit of FP32 away, or nearly so.
std::uint32_t half_a_bit_off(Random& random) {
  const std::uint32_t factor = 9 + 2 * random.below(4);
  const unsigned kept = random.percent(75) ? 8 : 11;
  for (;;) {
    const std::uint32_t multiplier = (any_word(random) | 0x80000000U) >> (32 - kept) << (24 - kept) | 1U << (23 - kept);
    const std::uint32_t product = multiplier * 16 + 8 + (random.below(2) != 0 ? 0 : random.below(17) - 8);
    const std::uint32_t number = product / factor;
    if (product % factor != 0 || number < 0x800000 || number > 0xFFFFFF) continue;
    return number & 0x7FFFFF;
  }
}

/// Draws few bits, under which products are ties of the output, with one more far below them, or all bits; or bits that
/// the rounding of a multiplier pushes off a tie or onto one.
std::uint32_t draw_fraction(Random& random) {
  if (random.percent(25)) return any_word(random) << random.below(23) & 0x7FFFFF;
  if (random.percent(20)) return any_word(random) & 0x7FFFFF;
  if (random.percent(50)) return half_a_bit_off(random);
  if (random.percent(60)) {
    const unsigned shift = 1 + random.below(6);
    const std::uint32_t tie = (any_word(random) << 1 | 1) << (15 + shift) & 0x7FFFFF;
    const bool exact = shift == 1 || random.below(2) != 0;
    return tie | 1U << (shift - 1) | (exact ? 0 : 1U << random.below(shift - 1));
  }
  const unsigned kept = random.below(2) != 0 ? 7 : 10;
  const std::uint32_t tie = (any_word(random) << 1 | 1) << (22 - kept) & 0x7FFFFF;
  return tie | 1U << random.below(22 - kept);
}

/// Draws a number near 1; `illegal` adds every size and every special value.
std::uint32_t draw_tensor_scale(Random& random, bool illegal) {
  static constexpr std::array<std::uint32_t, 10> kSpecial = {0x00000000, 0x80000000, 0x00000001, 0x007FFFFF,
                                                             0x00800000, 0x7F800000, 0xFF800000, 0x7FC00001,
                                                             0x7F7FFFFF, 0xBF800000};
  if (illegal && random.percent(10)) return kSpecial[random.below(kSpecial.size())];
  if (illegal && random.percent(20)) return draw_fraction(random) >> random.below(23);  // subnormal
  const unsigned field = illegal && random.percent(50) ? 1 + random.below(254) : 127 - 12 + random.below(16);
  return field << 23 | draw_fraction(random);
}

/// Writes every register, in any order and some not at all, among writes that must be ignored: their addresses differ
/// from a register's in one bit, or lie beyond the last.
std::vector<ConfigWrite> any_program(Random& random) {
  std::vector<ConfigWrite> writes;
  for (unsigned address = 0; address < kRegisters; ++address) {
    if (random.percent(10)) continue;
    const bool tensor = address == kTensorScaleAddress;
    writes.push_back({static_cast<std::uint8_t>(address), tensor ? draw_tensor_scale(random, true) : any_word(random)});
  }
  for (unsigned bit = 3; bit < 8; ++bit) {
    writes.push_back({static_cast<std::uint8_t>(random.below(kRegisters) ^ 1U << bit), any_word(random)});
  }
  writes.push_back({static_cast<std::uint8_t>(kRegisters + random.below(2)), any_word(random)});
  shuffle(random, writes);
  return writes;
}

/// Draws an E8M0 byte under which m = scale * tensor scale has an exponent that 16-bit values can tell apart.
std::uint8_t counterweight(Random& random, std::uint32_t tensor_scale, bool bf16) {
  const std::uint32_t magnitude = tensor_scale & 0x7FFFFFFF;
  const int exponent = magnitude >> 23 != 0 ? static_cast<int>(magnitude >> 23) - 127
                                            : static_cast<int>(std::bit_width(magnitude)) - 150;
  const int target = bf16 ? static_cast<int>(random.below(8)) - 4 + (random.below(2) != 0 ? -132 : 124)
                          : static_cast<int>(random.below(48)) - 30;
  return static_cast<std::uint8_t>(std::clamp(target - exponent + 127, 0, 255));
}

}  // namespace

std::vector<ConfigWrite> fp4_random_config(const quant::Format& format, std::uint64_t seed, bool illegal) {
  Random random(seed ^ 0xF4C0);
  if (illegal && random.percent(50)) return any_program(random);
  const std::vector<ConfigWrite> program = fp4_program(format).writes();
  if (illegal && random.percent(10)) return {};
  std::vector<ConfigWrite> writes;
  if (illegal) writes = any_program(random);
  writes.insert(writes.end(), program.begin(), program.end());
  const bool tensor_scaled = format.scaling.tensor_scale != quant::TensorScale::kNone || random.percent(20);
  const std::uint32_t scale = tensor_scaled ? draw_tensor_scale(random, illegal) : 0x3F800000U;
  writes.push_back({kTensorScaleAddress, scale});
  return writes;
}

std::uint8_t fp4_random_scale(Random& random, Fp4Scale format, bool illegal) {
  if (illegal && random.percent(20)) return static_cast<std::uint8_t>(random.next());
  const bool edge = random.percent(30);
  switch (format) {
    case Fp4Scale::kE8m0:  // from below the smallest FP16 to beyond the largest
      return static_cast<std::uint8_t>(edge ? 127 - 28 + random.below(46) : 127 - 8 + random.below(12));
    case Fp4Scale::kUe4m3:
      return static_cast<std::uint8_t>(edge ? random.below(16) : random.below(127));
    case Fp4Scale::kUe5m3:
      break;
  }
  return static_cast<std::uint8_t>(edge ? random.below(32) : random.below(255));
}

Trace fp4_dequant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const Fp4DequantParams p = Fp4DequantParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  const BeatShape out = output_shape(parameters);
  const Fp4DequantConfig config = fp4_config_of(stimulus.config);
  Trace trace(out.words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint64_t> result(out.words());
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    const auto scale = static_cast<unsigned>(get_bits(beat, in.offset("scale"), 8));
    const auto selector = static_cast<unsigned>(get_bits(beat, in.offset("selector"), 2));
    const std::uint32_t m = fp4_scale(p, config, scale);
    for (unsigned l = 0; l < p.lanes; ++l) {
      const auto code = static_cast<unsigned>(get_bits(beat, 4 * l, 4));
      set_bits(result, 16 * l, 16, fp4_value(fp4_level(config, code, scale, selector), m, p.bf16));
    }
    trace.append(result);
  }
  return trace;
}

Stimulus fp4_dequant_random(const Parameters& parameters, const RandomRequest& request) {
  const Fp4DequantParams p = Fp4DequantParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  Random random(request.seed);
  Stimulus stimulus;
  stimulus.stalls = request.stalls;
  stimulus.cases = request.cases;
  stimulus.config = fp4_random_config(request.format, request.seed, request.illegal);
  const Fp4DequantConfig config = fp4_config_of(stimulus.config);
  Beats beats(in.words());
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    for (unsigned l = 0; l < p.lanes; ++l) {
      const bool special = config.remap && random.percent(20);
      set_bits(beat, 4 * l, 4,
               special ? config.special_code : draw_code(random, request.format, request.illegal) & 15U);
    }
    const bool weighed = request.illegal && p.tensor_scale && config.scale_format == Fp4Scale::kE8m0;
    set_bits(beat, in.offset("scale"), 8,
             weighed && random.percent(70) ? counterweight(random, config.tensor_scale, p.bf16)
                                           : fp4_random_scale(random, config.scale_format, request.illegal));
    const unsigned selectors = request.illegal ? 4 : std::max(1U, request.format.alphabet.selectors());
    set_bits(beat, in.offset("selector"), 2, random.below(selectors));
  }
  stimulus.input = source_of(std::move(beats));
  return stimulus;
}

UnitInfo fp4_dequant_info() {
  UnitInfo info;
  info.name = "fp4_dequant";
  info.summary = "four-bit minifloat codes under a one-byte block scale to FP16 or BF16, one rounding per value";
  info.case_is = "one input beat";
  info.parameters = {spec("lanes", 16, 1, 16, "codes per beat, under one scale"),
                     spec("bf16", 0, 0, 1, "1: values are BF16, 0: FP16"),
                     spec("tensor_scale", 1, 0, 1, "1: a block scale is multiplied by an FP32 tensor scale")};
  info.points = {resolve(info, {}), resolve(info, {{"lanes", 3}, {"bf16", 1}}),
                 resolve(info, {{"lanes", 2}, {"tensor_scale", 0}})};
  info.small_point = {{"lanes", 1}, {"bf16", 1}};  // subnormal multipliers reach BF16 values alone
  info.has_config = true;
  info.work_per_cycle = [](const Parameters& p) {
    return Work{0, static_cast<double>(Fp4DequantParams::of(p).lanes), "FP4 codes to 16-bit values"};
  };
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = fp4_dequant_golden;
  info.random = fp4_dequant_random;
  info.unsupported = [](const Parameters&, const quant::Format& format) { return fp4_unsupported(format); };
  return info;
}

}  // namespace subbyte::kernels
