// The Unit contract of fp4_quant takes beats in and gives beats out.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/fp4_quant.hpp"
#include "kernels/parts/fp4_program.hpp"
#include "kernels/parts/fp4_round.hpp"
#include "kernels/parts/random_config.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kRegisters = 3;

BeatShape input_shape(const Parameters& parameters) {
  const Fp4QuantParams p = Fp4QuantParams::of(parameters);
  return BeatShape({{"value", 16, p.block, p.bf16 ? FieldKind::kUnsigned : FieldKind::kFp16}});
}

BeatShape output_shape(const Parameters& parameters) {
  const Fp4QuantParams p = Fp4QuantParams::of(parameters);
  return BeatShape({{"code", 4, p.block, FieldKind::kCode}, {"scale", 8, 1, FieldKind::kUnsigned}});
}

/// The format names the mode. How many values share a scale is the parameter `block`.
std::optional<Refusal> unsupported(const Parameters&, const quant::Format& format) {
  if (const auto other = fp4_unsupported(format))
    return Refusal{"fp4_quant gives what fp4_dequant reads: " + other->text};
  const Fp4Program program = fp4_program(format);
  if (program.special_code) return Refusal{"fp4_quant emits plain E2M1, this format remaps a code"};
  if (program.level_exponent != 0)
    return Refusal{"fp4_quant emits E2M1 of bias 1, the levels of this format are others by a power of two"};
  if (format.ties != quant::TieRule::kToEven) return Refusal{"fp4_quant rounds ties to even"};
  switch (format.rule) {
    case quant::ScaleRule::kPowerFloor:
    case quant::ScaleRule::kPowerCeil:
    case quant::ScaleRule::kPowerEven:
      return {};
    case quant::ScaleRule::kTensorBlock:
      break;
    default:
      return Refusal{
          "fp4_quant chooses scales as mxfp4 does and as nvfp4 by division does, this format by another "
          "rule"};
  }
  if (format.scaling.stored == quant::ScaleFormat::kUe4m3) return {};
  return Refusal{"block scales in " + std::string(quant::scale_info(format.scaling.stored).name) +
                 ", fp4_quant gives e8m0 and ue4m3"};
}

Fp4Mode mode_of(const quant::Format& format) {
  switch (format.rule) {
    case quant::ScaleRule::kPowerCeil:
      return Fp4Mode::kCeil;
    case quant::ScaleRule::kPowerEven:
      return Fp4Mode::kEven;
    case quant::ScaleRule::kTensorBlock:
      return Fp4Mode::kNvfp4;
    default:
      return Fp4Mode::kFloor;
  }
}

/// Draws the scale of a tensor whose largest weight is about 2^10 of a block's, with few-bit numbers among them, under
/// which thresholds are values.
std::uint32_t draw_tensor_scale(Random& random) {
  const std::uint32_t fraction = random.percent(40) ? 0 : any_word(random) << random.below(23) & 0x7FFFFF;
  return (127 - 10 + random.below(12)) << 23 | fraction;
}

/// Writes to every address that differs from a register's in one bit; all of these writes are ignored.
void ignored_writes(Random& random, std::vector<ConfigWrite>& writes) {
  for (unsigned bit = 2; bit < 8; ++bit) {
    writes.push_back({static_cast<std::uint8_t>(random.below(kRegisters) | 1U << bit), any_word(random)});
  }
  writes.push_back({kRegisters, any_word(random)});
}

/// Draws a tensor's enc and dec. `illegal` moves both to any size that the values reach, and adds numbers that are not
/// finite.
void scale_writes(Random& random, bool bf16, bool illegal, std::vector<ConfigWrite>& writes) {
  static constexpr std::array<std::uint32_t, 6> kSpecial = {0x7F800000, 0xFF800000, 0x7FC00001,
                                                            0x00000000, 0x80000001, 0x7F7FFFFF};
  const float size = std::bit_cast<float>(draw_tensor_scale(random));
  const int reach = !illegal || random.percent(40) ? 0 : bf16 ? 140 : 8;
  const int power = static_cast<int>(random.below(static_cast<unsigned>(2 * reach + 1))) - reach;
  const std::uint32_t signs = illegal ? static_cast<std::uint32_t>(random.next()) : 0;
  const auto finite = [&](float value) {
    const float clamped = std::min(value, std::numeric_limits<float>::max());
    return std::bit_cast<std::uint32_t>(clamped);
  };
  std::uint32_t enc = finite(std::ldexp(1 / (6 * size), power)) | (signs << 31);
  std::uint32_t dec = finite(std::ldexp(size, -power)) | (signs & 0x80000000U);
  if (illegal && random.percent(15)) enc = kSpecial.at(random.below(kSpecial.size()));
  if (illegal && random.percent(15)) dec = kSpecial.at(random.below(kSpecial.size()));
  if (illegal && random.percent(5)) enc = any_word(random);
  writes.push_back({1, enc});
  writes.push_back({2, dec});
}

/// One stimulus has one mode; with `illegal`, the three modes of MX take turns over the stall rates.
std::vector<ConfigWrite> random_config(Random& random, const RandomRequest& request, bool bf16) {
  unsigned mode = static_cast<unsigned>(mode_of(request.format));
  const bool nvfp4 = mode_of(request.format) == Fp4Mode::kNvfp4;
  if (request.illegal && !nvfp4) mode = (mode + request.stalls.input_percent / 30) % 3;
  std::vector<ConfigWrite> writes;
  if (request.illegal) {
    for (unsigned address = 0; address < kRegisters; ++address) {
      writes.push_back({static_cast<std::uint8_t>(address), any_word(random)});
    }
  }
  const std::uint32_t unused_bits = request.illegal ? any_word(random) << 2 : 0;
  writes.push_back({0, mode | unused_bits});
  if (nvfp4 || request.illegal) scale_writes(random, bf16, request.illegal, writes);
  if (request.illegal) ignored_writes(random, writes);
  return writes;
}

/// What a tensor's values are multiples of.
double unit_of(const Fp4QuantConfig& config) {
  const double enc = std::abs(static_cast<double>(std::bit_cast<float>(config.enc)));
  return config.mode == Fp4Mode::kNvfp4 && std::isnormal(1 / enc) && enc > 0 ? 4 / (6 * enc) : 1;
}

enum class BlockKind : std::uint8_t { kGaussian, kWide, kThresholds, kGrid, kTiny, kZeros, kAnyFinite, kNonfinite };

std::uint16_t pattern_of(double value, bool bf16) {
  int exponent = 0;
  const double fraction = std::frexp(std::abs(value), &exponent);  // 24 bits are more than any pattern's
  const auto magnitude = static_cast<std::uint64_t>(std::ldexp(fraction, 24));
  const std::uint32_t bits = round_to(bf16 ? kBf16Float : kFp16Float, magnitude, exponent - 24);
  return static_cast<std::uint16_t>(bits | (std::signbit(value) ? 0x8000U : 0U));
}

/// Draws a pattern at one of the seven thresholds of the divisor, or the next one on either side.
std::uint16_t near_threshold(Random& random, Fp4Divisor divisor, bool bf16) {
  static constexpr std::array<unsigned, 7> kQuarters{1, 3, 5, 7, 10, 14, 20};
  const SmallFloat& to = bf16 ? kBf16Float : kFp16Float;
  const std::uint64_t threshold = std::uint64_t{divisor.significand} * kQuarters.at(random.below(7));
  const int pattern =
      static_cast<int>(round_to(to, threshold, divisor.exponent - 2)) + static_cast<int>(random.below(3)) - 1;
  const int finite = std::clamp(pattern, 0, static_cast<int>(to.largest));
  return static_cast<std::uint16_t>(static_cast<unsigned>(finite) | (random.below(2) << 15));
}

/// Draws the first value, which is as a rule the largest, and then the rest.
std::uint16_t draw_value(Random& random, BlockKind kind, double size, bool bf16) {
  const double sign = random.below(2) != 0 ? 1 : -1;
  switch (kind) {
    case BlockKind::kWide:
      return pattern_of(sign * size * std::exp2(4 * random.gaussian()), bf16);
    case BlockKind::kGrid:
      return pattern_of(sign * size * random.below(49) / 8, bf16);
    case BlockKind::kTiny:
      return static_cast<std::uint16_t>(random.next() & (0x8000U | ((bf16 ? 0x200U : 0xC00U) - 1)) &
                                        (random.below(4) == 0 ? 0x8007U : 0xFFFFU));
    case BlockKind::kZeros:
      return static_cast<std::uint16_t>(random.below(2) << 15);
    case BlockKind::kAnyFinite: {
      const auto pattern = static_cast<std::uint16_t>(random.next());
      const bool finite = (pattern & 0x7FFFU) <= (bf16 ? kBf16Float : kFp16Float).largest;
      return static_cast<std::uint16_t>(finite ? pattern : pattern & 0xBFFFU);
    }
    default:
      return pattern_of(random.gaussian() * size, bf16);
  }
}

std::vector<std::uint16_t> draw_block(Random& random, const Fp4QuantParams& p, const Fp4QuantConfig& config,
                                      bool illegal) {
  const auto kind = static_cast<BlockKind>(random.percent(25) ? 2 : random.below(illegal ? 8 : 7));
  const double size = std::exp2(3 * random.gaussian()) * unit_of(config);
  std::vector<std::uint16_t> values(p.block);
  for (auto& value : values) value = draw_value(random, kind, size, p.bf16);
  if (kind == BlockKind::kThresholds) {
    // The first one stays what it is and, being large, decides the scale; the others stand around its
    // thresholds.
    const unsigned largest = random.below(p.block);
    const std::array<std::uint16_t, 1> alone{values[largest]};
    const auto scale = fp4_block_scale(config, fp4_amax(alone, p.bf16), p.bf16);
    const auto divisor = fp4_divisor(config, scale);
    for (unsigned i = 0; i < p.block; ++i) {
      if (i != largest) values[i] = near_threshold(random, divisor, p.bf16);
    }
  }
  if (kind == BlockKind::kNonfinite) {
    const std::uint32_t infinity = (p.bf16 ? kBf16Float : kFp16Float).largest + 1;
    const std::uint32_t nan = random.below(2) != 0 ? random.below(p.bf16 ? 128 : 1024) : 0;
    values[random.below(p.block)] = static_cast<std::uint16_t>(infinity | nan | random.below(2) << 15);
  }
  return values;
}

}  // namespace

Trace fp4_quant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const Fp4QuantParams p = Fp4QuantParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  const BeatShape out = output_shape(parameters);
  const Fp4QuantConfig config = fp4_quant_config_of(stimulus.config);
  Trace trace(out.words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint64_t> result(out.words());
  std::vector<std::uint16_t> values(p.block);
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned k = 0; k < p.block; ++k) values[k] = static_cast<std::uint16_t>(get_bits(beat, 16 * k, 16));
    const Fp4BlockScale scale = fp4_block_scale(config, fp4_amax(values, p.bf16), p.bf16);
    const Fp4Divisor divisor = fp4_divisor(config, scale);
    for (unsigned k = 0; k < p.block; ++k) {
      set_bits(result, 4 * k, 4, scale.nan ? 0 : fp4_code(values[k], divisor, p.bf16));
    }
    set_bits(result, out.offset("scale"), 8, scale.byte);
    trace.append(result);
  }
  return trace;
}

Stimulus fp4_quant_random(const Parameters& parameters, const RandomRequest& request) {
  const Fp4QuantParams p = Fp4QuantParams::of(parameters);
  Random random(request.seed);
  Stimulus stimulus;
  stimulus.stalls = request.stalls;
  stimulus.cases = request.cases;
  stimulus.config = random_config(random, request, p.bf16);
  const Fp4QuantConfig config = fp4_quant_config_of(stimulus.config);
  Beats beats(input_shape(parameters).words());
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    const std::vector<std::uint16_t> values = draw_block(random, p, config, request.illegal);
    for (unsigned k = 0; k < p.block; ++k) set_bits(beat, 16 * k, 16, values[k]);
  }
  stimulus.input = source_of(std::move(beats));
  return stimulus;
}

UnitInfo fp4_quant_info() {
  UnitInfo info;
  info.name = "fp4_quant";
  info.summary = "a block of FP16 or BF16 values to E2M1 codes and a scale byte (MXFP4 in three modes, NVFP4)";
  info.piece = "value";
  info.case_is = "one block";
  info.parameters = {spec("block", 16, 8, 32, "values per block and beat"),
                     spec("bf16", 0, 0, 1, "1: values are BF16, 0: FP16")};
  info.points = {resolve(info, {}), resolve(info, {{"block", 8}, {"bf16", 1}}), resolve(info, {{"block", 32}})};
  info.small_point = {{"block", 8}, {"bf16", 1}};  // subnormal enc and dec reach BF16 values alone
  info.has_config = true;
  info.work_per_cycle = [](const Parameters& p) {
    return Work{0, static_cast<double>(Fp4QuantParams::of(p).block), "16-bit values to FP4 codes"};
  };
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = fp4_quant_golden;
  info.random = fp4_quant_random;
  info.unsupported = unsupported;
  return info;
}

}  // namespace subbyte::kernels
