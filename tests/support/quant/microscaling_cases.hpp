// Draws seeded weights at the corners of microscaling rules, and compares a tensor with the rational reference.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"
#include "tests/support/quant/microscaling_reference.hpp"

namespace subbyte::quant::microscaling {

using Weights = std::vector<float>;

inline constexpr std::size_t kCols = 64;

inline const Element& element_of(const std::string& name) {
  static const std::map<std::string, Element> elements{
      {"mxfp4", minifloat(2, 1, 1, 8)},
      {"mxfp6-e2m3", minifloat(2, 3, 1, 32)},
      {"mxfp6-e3m2", minifloat(3, 2, 3, 32)},
      {"mxfp8-e4m3", minifloat(4, 3, 7, 127)},
      {"mxfp8-e5m2", minifloat(5, 2, 15, 124)},
      {"mxint8", integer(8, -6)},
      {"mxint4", integer(4, -2)},
      {"nvint4", integer(4, 0)},
      {"bfp8", integer(8, -6)},
      {"bfp7", integer(7, -5)},
      {"bfp6", integer(6, -4)},
      {"bfp5", integer(5, -3)},
      {"bfp4", integer(4, -2)},
      {"bfp3", integer(3, -1)},
      {"bfp2", integer(2, 0)},
  };
  const auto found = elements.find(name);
  return found != elements.end() ? found->second : elements.at("mxfp4");
}

inline std::vector<Rational> scale_codebook(int exponent_bits, int bias, unsigned codes) {
  return minifloat(exponent_bits, 3, bias, codes).magnitudes;
}

inline float step_to_a_side(std::mt19937_64& random, float value) {
  switch (random() % 3) {
    case 0:
      return value;
    case 1:
      return std::nextafter(value, 1e38F);
    default:
      return std::nextafter(value, -1e38F);
  }
}

/// Draws a row of blocks: Gaussian, wide, near ties, zeros of both signs, denormals, and few levels.
inline Weights row_of(std::mt19937_64& random, std::size_t group, float scale) {
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform(-1, 1);
  Weights row(kCols);
  for (std::size_t begin = 0; begin < kCols; begin += group) {
    const auto kind = random() % 7;
    const float size = scale * std::ldexp(1.0F, -static_cast<int>(random() % 12));
    for (std::size_t i = begin; i < std::min(kCols, begin + group); ++i) {
      switch (kind) {
        case 0:
        case 1:
          row[i] = normal(random) * size;
          break;
        case 2:
          row[i] = size * std::ldexp(normal(random), -static_cast<int>(random() % 40));
          break;
        case 3:  // multiples of a sixteenth, so that every midpoint of few bits occurs
          row[i] = step_to_a_side(random, size * (static_cast<float>(random() % 257) - 128) / 16);
          break;
        case 4:
          row[i] = random() % 2 == 0 ? 0.0F : -0.0F;
          break;
        case 5:
          row[i] = random() % 3 == 0 ? 1e-40F * uniform(random) : 0.0F;
          break;
        default:  // few levels of a grid of integers
          row[i] = size * (static_cast<float>(random() % 25) - 12) / 2;
      }
    }
  }
  return row;
}

inline std::vector<Block> blocks_of(const PackedTensor& tensor, std::size_t row) {
  std::vector<Block> blocks(tensor.groups());
  for (std::size_t col = 0; col < tensor.cols; ++col) {
    blocks[col / tensor.format.scaling.group].codes.push_back(tensor.code(row, col));
  }
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    blocks[g].scale = tensor.scale_bits(row, g);
    blocks[g].selector = tensor.selector(row, g);
  }
  return blocks;
}

template <typename Expected>
void expect_blocks(const PackedTensor& tensor, const Weights& weights, Expected expected) {
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    const auto found = blocks_of(tensor, row);
    for (std::size_t g = 0; g < found.size(); ++g) {
      const std::size_t begin = row * tensor.cols + g * tensor.format.scaling.group;
      const auto group = std::span(weights).subspan(begin, found[g].codes.size());
      const Block wanted = expected(group);
      ASSERT_EQ(found[g].scale, wanted.scale) << tensor.format.id() << " row " << row << " group " << g;
      ASSERT_EQ(found[g].selector, wanted.selector) << tensor.format.id() << " row " << row << " group " << g;
      ASSERT_EQ(found[g].codes, wanted.codes) << tensor.format.id() << " row " << row << " group " << g;
    }
  }
}

inline PackedTensor quantized(const Weights& weights, const std::string& id) {
  return quantize({weights, weights.size() / kCols, kCols}, parse_format(id));
}

}  // namespace subbyte::quant::microscaling
