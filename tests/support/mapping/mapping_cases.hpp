// Makes layers for tests of the mapping, and compares the golden tile with the reference.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/mapping/mapping.hpp"
#include "tests/support/mapping/mapping_reference.hpp"

namespace subbyte::test {

struct Layer {
  quant::PackedTensor weights;
  std::vector<std::uint16_t> x;
  std::size_t tokens = 0;
  sim::ActivationView view() const { return {x, tokens, weights.cols}; }
};

inline Layer random_layer(const std::string& format, std::size_t tokens, std::size_t in, std::size_t out,
                          std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> w(out * in);
  for (float& value : w) value = 0.05F * normal(random);
  Layer layer{quant::quantize({w, out, in}, quant::parse_format(format)), {}, tokens};
  // Activations have a wide range, with a few zeros of both signs and subnormals among them.
  for (std::size_t i = 0; i < tokens * in; ++i) {
    const std::uint32_t draw = random() % 16;
    const float value = normal(random) * std::exp2(2 * normal(random));
    layer.x.push_back(draw == 0   ? std::uint16_t{0x8000}
                      : draw == 1 ? static_cast<std::uint16_t>(random() % 1024)
                                  : quant::half_from_float(value));
  }
  return layer;
}

inline sim::Design shaped(const std::string& base, const kernels::Parameters& changes) {
  return sim::with_parameters(sim::read_design(base), changes);
}

inline std::vector<float> run_golden(const sim::Design& design, const Layer& layer) {
  const auto mapped = sim::map_layer(design, layer.weights, layer.view());
  return mapped.gather(design.unit->golden(design.parameters, mapped.stimulus, {}));
}

inline void expect_exact(const sim::Design& design, const Layer& layer) {
  const std::vector<float> y = run_golden(design, layer);
  const std::vector<std::uint32_t> expected = exact_layer(layer.weights, layer.view());
  ASSERT_EQ(y.size(), expected.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(y[i]), expected[i])
        << layer.weights.format.id() << " tokens " << layer.tokens << " in " << layer.weights.cols << " out "
        << layer.weights.rows << " token " << i / layer.weights.rows << " output " << i % layer.weights.rows << ": "
        << y[i] << " expected " << std::bit_cast<float>(expected[i]);
  }
}

}  // namespace subbyte::test
