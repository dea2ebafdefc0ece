// Seeded weight matrices that reach the corners of a quantizer.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"

namespace subbyte::quant::cases {

struct Case {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<float> weights;

  MatrixView view() const { return {weights, rows, cols}; }
};

template <typename Make>
Case make_case(std::string name, std::size_t rows, std::size_t cols, Make make) {
  Case made{std::move(name), rows, cols, {}};
  for (std::size_t i = 0; i < rows * cols; ++i) made.weights.push_back(make(i));
  return made;
}

/// Draws weights on every midpoint of the format's levels, and one ulp to either side, under a scale that one weight
/// pins.
inline Case midpoints(const Format& format, unsigned selector, float scale) {
  std::vector<double> levels;
  const auto& alphabet = format.alphabet;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (alphabet.emitted(code)) levels.push_back(alphabet.level(code, selector));
  }
  std::ranges::sort(levels);
  Case made{"midpoints of selector " + std::to_string(selector), 1, 0, {}};
  const auto largest = static_cast<float>(std::max(-levels.front(), levels.back()) * scale);
  if (format.scaling.zero_point) made.weights.push_back(0);
  made.weights.push_back(largest);
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const auto midpoint = static_cast<float>((levels[i - 1] + levels[i]) * 0.5 * scale);
    for (const float w : {midpoint, std::nextafter(midpoint, -1e30F), std::nextafter(midpoint, 1e30F)}) {
      made.weights.push_back(w);
      if (!format.scaling.zero_point) made.weights.push_back(-w);
    }
  }
  made.cols = made.weights.size();
  return made;
}

/// `largest` bounds the magnitudes: 6e4 keeps them within FP16.
inline std::vector<Case> corners(std::uint64_t seed, float largest) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto gaussian = [&](float sigma) { return [&, sigma](std::size_t) { return sigma * normal(random); }; };
  return {
      make_case("gaussian", 3, 70, gaussian(0.02F)),
      make_case("small", 1, 40, gaussian(1e-5F)),
      make_case("at the lower limit of the scale", 2, 40, gaussian(8e-5F)),
      make_case("denormal", 1, 33, [&](std::size_t) { return 1e-39F * uniform(random); }),
      make_case("zero", 2, 19, [](std::size_t i) { return i % 2 == 0 ? 0.0F : -0.0F; }),
      make_case("one-hot", 2, 37, [](std::size_t i) { return i == 5    ? 0.37F
                                                             : i == 50 ? -3.0F
                                                                       : 0.0F; }),
      make_case("ternary", 2, 35, [&](std::size_t) { return 0.125F * std::round(1.4F * uniform(random)); }),
      make_case("small integers", 2, 35, [&](std::size_t) { return std::round(12 * uniform(random)); }),
      make_case("large", 1, 40, [&](std::size_t) { return largest * uniform(random); }),
      make_case(
          "wide", 2, 48,
          [&](std::size_t) { return std::ldexp(normal(random), static_cast<int>(-30 * std::abs(normal(random)))); }),
      make_case("positive", 1, 20, [&](std::size_t) { return 1 + uniform(random); }),
      make_case("negative", 1, 20, [&](std::size_t) { return -2 + uniform(random); }),
      make_case("constant", 1, 9, [](std::size_t) { return 0.75F; }),
      make_case("outlier", 1, 64, [&](std::size_t i) { return i == 7 ? 60.0F : 0.02F * normal(random); }),
      make_case("range with a tail", 1, 3,
                [](std::size_t i) { return i == 0   ? 30.0146484375F
                                           : i == 1 ? -1e-30F
                                                    : 0.5F; }),
      make_case("single", 1, 1, [](std::size_t) { return -0.3F; }),
  };
}

}  // namespace subbyte::quant::cases
