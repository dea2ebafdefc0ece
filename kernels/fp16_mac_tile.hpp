// fp16_mac_tile has rows x cols multiply-accumulate units, FP16 x FP16 into FP32. Here are its step functions and its
// Unit contract. The numbers are in kernels/ARITHMETIC.md, section 8; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {

struct MacTileParams {
  unsigned rows = 8;
  unsigned cols = 8;

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static MacTileParams of(const Parameters& parameters);
  std::size_t units() const { return std::size_t{rows} * cols; }
};

/// Returns the exact product of two FP16 numbers as FP32, which holds every one of them. Inf and NaN are as in IEEE
/// 754, and every NaN is 0x7FC00000. A sum takes it with fp32_add() (kernels/arithmetic/fp32.hpp).
std::uint32_t fp16_product(std::uint16_t activation, std::uint16_t weight);

/// Computes one beat of all units: products[r * cols + c] = activations[r] * weights[c].
void multiply(const MacTileParams& params, std::span<const std::uint16_t> activations,
              std::span<const std::uint16_t> weights, std::span<std::uint32_t> products);
/// Computes sums[i] += products[i] in FP32 RNE.
void add_products(std::span<const std::uint32_t> products, std::span<std::uint32_t> sums);

/// Returns the output fields of one tile in a trace, which are a beat per row.
BeatShape mac_tile_output(const Parameters& parameters);
void append_tile(const MacTileParams& params, std::span<const std::uint32_t> sums, Trace& trace);

/// Draws the activations of one tile as [row][k], of one kind per row.
std::vector<std::vector<std::uint16_t>> draw_tile_activations(Random& random, unsigned rows, std::size_t depth,
                                                              bool illegal);

Trace fp16_mac_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus fp16_mac_tile_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo fp16_mac_tile_info();

}  // namespace subbyte::kernels
