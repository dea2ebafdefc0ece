#include "kernels/parts/random_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "kernels/parts/code_field.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint16_t kMinusZero = 0x8000;

std::uint16_t finite_half(double value) { return quant::half_from_double(std::clamp(value, -65504.0, 65504.0)); }

std::uint16_t any_finite(Random& random) {
  const auto bits = static_cast<std::uint16_t>(random.next());
  return quant::half_is_finite(bits) ? bits : bits & 0xBFFF;
}

// There are zeros among them, and patterns with one bit set, because a zero taken for a live lane moves only sums as
// small as these.
std::uint16_t subnormal(Random& random) {
  const auto sign = static_cast<std::uint16_t>(random.next() & kMinusZero);
  const unsigned draw = random.below(4);
  if (draw == 0) return sign;
  if (draw == 1) return static_cast<std::uint16_t>(sign | 1U << random.below(11));
  return static_cast<std::uint16_t>(sign | random.below(0x800));
}

// They are large and nearly equal, or one bit far below. What the large ones leave when they cancel has few bits, and
// the next beat falls below its guard bits.
std::uint16_t far_apart(Random& random) {
  const auto sign = static_cast<std::uint16_t>(random.next() & kMinusZero);
  if (random.below(2) != 0) return static_cast<std::uint16_t>(sign | (28 + random.below(3)) << 10 | random.below(4));
  const unsigned field = random.below(16);
  return static_cast<std::uint16_t>(sign | (field != 0 ? field << 10 : 1U << random.below(10)));
}

std::uint16_t draw_activation(Random& random, ActivationKind kind) {
  static constexpr std::array<std::uint16_t, 8> kExtremes = {0x7BFF, 0xFBFF, 0x0001, 0x8001,
                                                             0x3C00, 0xBC00, 0x0000, 0x0400};
  static constexpr std::array<std::uint16_t, 4> kNonfinite = {0x7C00, 0xFC00, 0x7E00, 0xFD55};
  switch (kind) {
    case ActivationKind::kSameSign:
      return finite_half(std::abs(random.gaussian()));
    case ActivationKind::kWideRange:
      return finite_half((random.below(2) != 0 ? 1 : -1) * std::exp2(4 * random.gaussian()));
    case ActivationKind::kSubnormal:
      return subnormal(random);
    case ActivationKind::kFarApart:
      return far_apart(random);
    case ActivationKind::kExtreme:
      return kExtremes[random.below(kExtremes.size())];
    case ActivationKind::kAnyFinite:
      return any_finite(random);
    case ActivationKind::kAnyPattern:
      return static_cast<std::uint16_t>(random.next());
    case ActivationKind::kFewNonfinite:
      if (random.percent(4)) return kNonfinite[random.below(kNonfinite.size())];
      [[fallthrough]];
    default:
      return finite_half(random.gaussian());
  }
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t x = state_;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

unsigned Random::below(unsigned n) { return static_cast<unsigned>((next() >> 32) * n >> 32); }

double Random::gaussian() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(next() >> 11) * 0x1p-53;
  return sum;
}

ActivationKind draw_kind(Random& random, bool illegal) {
  if (random.percent(50)) return ActivationKind::kGaussian;
  const unsigned kinds = static_cast<unsigned>(illegal ? ActivationKind::kFewNonfinite : ActivationKind::kCancelling);
  return static_cast<ActivationKind>(1 + random.below(kinds));
}

std::vector<std::uint16_t> draw_activations(Random& random, ActivationKind kind, std::size_t count, bool illegal) {
  std::vector<std::uint16_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool mirrored = kind == ActivationKind::kCancelling && i >= (count + 1) / 2;
    values[i] = mirrored ? values[i - (count + 1) / 2] ^ 0x8000 : draw_activation(random, kind);
    if (values[i] == kMinusZero && !illegal) values[i] = 0;
  }
  return values;
}

unsigned draw_group_length(Random& random, unsigned group, unsigned lanes) {
  const unsigned longest = std::min(group, 128U);
  const unsigned draw = random.below(100);
  const unsigned length = draw < 30 ? lanes : draw < 90 ? lanes * (1 + random.below(8)) : longest;
  const unsigned ragged = random.percent(30) ? random.below(lanes) : 0;
  return std::clamp(length - ragged, 1U, longest);
}

std::uint8_t draw_code(Random& random, const quant::Format& format, bool illegal) {
  if (illegal && random.percent(5)) return static_cast<std::uint8_t>(random.next());
  for (;;) {
    const unsigned code = random.below(1U << format.alphabet.code_bits);
    if (illegal || format.alphabet.emitted(code)) return code_field(format, code);
  }
}

ScaleField draw_scale(Random& random, quant::ScaleFormat stored, bool illegal) {
  static constexpr std::array<std::uint16_t, 8> kSpecial = {0x0000, 0x8000, 0x0001, 0x03FF,
                                                            0x7C00, 0x7E01, 0x7BFF, 0xFC00};
  const bool other = illegal && random.percent(10);
  const bool u8 = (stored == quant::ScaleFormat::kU8BelowChannel) != other;
  if (illegal && random.percent(15)) return {static_cast<std::uint16_t>(random.next()), u8};
  if (u8) return {static_cast<std::uint16_t>(1 + random.below(255)), true};
  if (illegal && random.percent(10)) return {kSpecial[random.below(kSpecial.size())], false};
  return {std::max<std::uint16_t>(quant::half_from_double(std::exp2(2 * random.gaussian() - 7)), 1), false};
}

std::uint32_t draw_channel_scale(Random& random, quant::ScaleFormat stored, bool illegal) {
  static constexpr std::array<std::uint32_t, 9> kSpecial = {0x00000000, 0x80000000, 0x00000001, 0x007FFFFF, 0x7F800000,
                                                            0xFF800000, 0x7FC00001, 0x7F7FFFFF, 0xBF800000};
  if (illegal && random.percent(8)) return kSpecial[random.below(kSpecial.size())];
  if (illegal && random.percent(8)) return static_cast<std::uint32_t>(random.next());
  if (stored == quant::ScaleFormat::kFp16) return 0x3F800000;
  return std::bit_cast<std::uint32_t>(static_cast<float>(std::exp2(2 * random.gaussian() - 12)));
}

}  // namespace subbyte::kernels
