// Draws seeded operands for stimuli, realistic ones and those where arithmetic goes wrong. It has its own generator and
// distributions, so that a seed means the same stimulus with every standard library.
#pragma once

#include <cstdint>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// This is splitmix64 (Steele, Lea, Flood, OOPSLA'14).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// A number that is uniform in 0 .. n-1, where n > 0.
  unsigned below(unsigned n);
  bool percent(unsigned p) { return below(100) < p; }
  /// The sum of twelve uniform numbers less six, which has mean 0 and variance 1.
  double gaussian();

 private:
  std::uint64_t state_;
};

/// What the activations of one group look like.
enum class ActivationKind : std::uint8_t {
  kGaussian,
  kSameSign,
  kWideRange,   ///< ±2^N(0,4)
  kSubnormal,   ///< FP16 subnormals, many single bits and zeros, and the smallest normals
  kExtreme,     ///< the largest finite, the smallest subnormal, one, and zero, of either sign
  kFarApart,    ///< large and nearly equal in magnitude, or one bit far below
  kAnyFinite,   ///< uniform bit patterns, finite
  kCancelling,  ///< the second half negates the first
  kAnyPattern,  ///< uniform bit patterns, Inf and NaN included
  kFewNonfinite,
};
/// Draws Gaussian in half of the draws, and the two nonfinite kinds only when `illegal` is set.
ActivationKind draw_kind(Random& random, bool illegal);
/// Draws `count` FP16 bit patterns; -0, Inf and NaN are among them only when `illegal` is set.
std::vector<std::uint16_t> draw_activations(Random& random, ActivationKind kind, std::size_t count, bool illegal);

/// Draws the number of elements of a group: one beat, a few beats, or up to the format's group (at most 128), ragged
/// tails included.
unsigned draw_group_length(Random& random, unsigned group, unsigned lanes);

/// Draws the 8-bit code field of a beat. It holds codes that no quantizer emits, and bits above the code, only when
/// `illegal` is set.
std::uint8_t draw_code(Random& random, const quant::Format& format, bool illegal);

/// A group's scale field and its kind.
struct ScaleField {
  std::uint16_t bits = 0;
  bool u8 = false;
};
/// Draws a scale of the format's kind. `illegal` adds the other kind, and zero, subnormal, infinite, NaN and negative
/// scales.
ScaleField draw_scale(Random& random, quant::ScaleFormat stored, bool illegal);
/// Draws an FP32 bit pattern, which is 1.0 for FP16 scales. `illegal` adds every special value.
std::uint32_t draw_channel_scale(Random& random, quant::ScaleFormat stored, bool illegal);

}  // namespace subbyte::kernels
