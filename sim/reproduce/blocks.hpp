// Gaussian weights and what a format leaves of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::sim {

/// Standard normal numbers from a seed: SplitMix64 and Box-Muller, the same on every machine up to libm's
/// last bit.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : state_(seed) {}
  double next();
  /// Uniform in [0, 1).
  double uniform();

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// `count` i.i.d. standard normal weights.
std::vector<float> gaussian(std::size_t count, std::uint64_t seed);

/// Blocks of `block` Gaussian weights conditioned on their crest factor: the distribution of i.i.d. Gaussian
/// blocks given max|x| / rms = crest (direction uniform on the sphere, by rejection), with max|x| evenly
/// spread over the octave [1, 2) on a logarithmic scale, so that a power-of-two scale sees every ratio alike.
/// Throws std::invalid_argument unless 1 < crest < sqrt(block).
std::vector<float> blocks_of_crest(std::size_t blocks, std::size_t block, double crest, std::uint64_t seed);

/// Energy of the error over that of the weights, as rows of 4096 (or one row). Throws what quantize throws.
double relative_error(std::span<const float> weights, const quant::Format& format);
/// The same, as the mean over blocks of each block's own ratio.
double mean_block_error(std::span<const float> weights, std::size_t block, const quant::Format& format);

}  // namespace subbyte::sim
