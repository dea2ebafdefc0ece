// The inner loops of the exact quantizer, as a table of functions. There is a plain one and a vectorised one with equal
// results.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/codebook.hpp"

namespace subbyte::quant {

struct Extremes {
  float min = 0;
  float max = 0;
};

/// An estimate of a sum, and a sound bound on its distance from the exact sum.
struct BoundedSum {
  double value = 0;
  double error = 0;
};

/// A ratio in FP32 operations, as published recipes compute it.
struct Fp32Divisor {
  float scale = 1;
  /// Whether the ratio is RNE(w * RNE(1 / scale)), unless 1 / scale overflows, instead of RNE(w / scale).
  bool reciprocal = false;
};

/// The errors of one grid of magnitudes with one special value of either sign.
struct SpecialErrors {
  BoundedSum positive;
  BoundedSum negative;
  /// False when no weight is as near to a special value as to a magnitude; both sums are then of the same terms.
  bool used = false;
};

/// Squares that are this much further than the nearest one are still taken for as near: it is more than their
/// roundings.
inline constexpr double kUsedBelow = 1 + 0x1p-40;

struct GroupKernels {
  /// Returns max |w|. It is infinity or NaN exactly when a weight is not finite. Spans are never empty.
  float (*max_magnitude)(std::span<const float> weights);
  Extremes (*extremes)(std::span<const float> weights);
  /// Writes the exact nearest levels of grid * scale. `scale` has at most 32 significant bits, so that a cut is exact
  /// in double.
  void (*encode_grid)(std::span<const float> weights, const Grid& grid, double scale, std::span<std::uint8_t> codes);
  /// Writes clamp(RNE(w / scale) + zero, low, high), as two's complement in 8 bits.
  void (*encode_integers)(std::span<const float> weights, const IntegerRange& range, double scale, int zero,
                          std::span<std::uint8_t> codes);
  /// Writes minifloat.encode(w / scale), with the ratio as if exact, and zeros with the weights' signs when scale is 0.
  /// `scale` has at most 32 significant bits.
  void (*encode_minifloat)(std::span<const float> weights, const Minifloat& minifloat, double scale,
                           std::span<std::uint8_t> codes);
  /// Returns the sum of (w - level * scale)^2 at the nearest levels; `scale` is an FP16 value.
  BoundedSum (*squared_error)(std::span<const float> weights, const Grid& grid, double scale);
  /// Returns the same for any scale of at most 32 significant bits, 0 included.
  BoundedSum (*precise_error)(std::span<const float> weights, const Grid& grid, double scale);
  /// Returns the sum of (w - level * scale)^2 at the nearest of ±magnitudes (ascending from 0) and one special value,
  /// for special > 0 and for -special. `scale` has at most 32 significant bits.
  SpecialErrors (*special_errors)(std::span<const float> weights, std::span<const double> magnitudes, double special,
                                  double scale);
  /// Writes the nearest code to the FP32 ratio, by the book's minifloat or integers; zeros with the weights' signs
  /// (integers: 0) when the scale is 0.
  void (*encode_fp32)(std::span<const float> weights, const Codebook& book, const Fp32Divisor& divisor,
                      std::span<std::uint8_t> codes);
};

const GroupKernels& scalar_kernels();
/// Dispatches at run time over the instruction sets; the bits are the same.
const GroupKernels& simd_kernels();

/// Returns the index of the level nearest to w.
inline std::size_t nearest_level(const Grid& grid, double scale, float weight) {
  std::size_t index = 0;
  for (const auto& cut : grid.cuts) {
    const double border = cut.midpoint * scale;
    index += weight > border || (cut.closed && weight == border) ? 1 : 0;
  }
  return index;
}

}  // namespace subbyte::quant
