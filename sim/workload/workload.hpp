// What runs: linear layers with their shapes and formats, and the tokens that go through them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::sim {

/// A linear layer y = W x as work, with W [rows = outputs][cols = inputs]. Cycles and traffic follow from this alone;
/// the weights themselves stay where they are until somebody loads them.
struct WorkloadLayer {
  std::string name;
  std::optional<quant::Format> format;  ///< nothing: left unquantized, or not chosen yet
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stored_bytes = 0;  ///< of a layer that is left unquantized, as the file or the model has it
  std::size_t count = 1;         ///< layers of this shape; the layers of a file or model stand one by one
  std::size_t active = 1;        ///< how many of `count` each token goes through: fewer among experts
};

/// A product Y = W X as numbers alone: W [outputs][inputs] times the inputs of `tokens` tokens.
struct ProductSize {
  std::size_t tokens = 0, outputs = 0, inputs = 0;
  auto operator<=>(const ProductSize&) const = default;
};

/// Layers, each of which `tokens` tokens go through.
struct Workload {
  std::vector<WorkloadLayer> layers;
  std::size_t tokens = 0;
};

/// A workload as a configuration writes it: names that nobody has looked up yet.
struct WorkloadQuery {
  std::string model;  ///< "embedded" or a path
  std::string layer;
  std::size_t tokens = 0;
  std::uint64_t seed = 1;  ///< of Gaussian activations, where none were recorded
};

}  // namespace subbyte::sim
