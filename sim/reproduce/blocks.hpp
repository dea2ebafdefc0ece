// Gaussian weights and what a format leaves of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::sim {

/// Draws standard normal numbers from a seed by SplitMix64 and Box-Muller, which give the same on every machine up to
/// the last bit of libm.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : state_(seed) {}
  double next();
  /// Draws a number that is uniform in [0, 1).
  double uniform();

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// Draws `count` independent standard normal weights.
std::vector<float> gaussian(std::size_t count, std::uint64_t seed);

/// Draws blocks of `block` Gaussian weights conditioned on their crest factor: the distribution of independent Gaussian
/// blocks given max|x| / rms = crest. The direction is uniform on the sphere, by rejection, and max|x| is evenly spread
/// over the octave [1, 2) on a logarithmic scale, so that a power-of-two scale sees every ratio alike. Throws
/// std::invalid_argument unless 1 < crest < sqrt(block).
std::vector<float> blocks_of_crest(std::size_t blocks, std::size_t block, double crest, std::uint64_t seed);

/// Returns the energy of the error over that of the weights, which are taken as rows of 4096 or as one row. Throws what
/// quantize() throws.
double relative_error(std::span<const float> weights, const quant::Format& format);
/// Returns the same ratio, as the mean over blocks of each block's own ratio.
double mean_block_error(std::span<const float> weights, std::size_t block, const quant::Format& format);

}  // namespace subbyte::sim
