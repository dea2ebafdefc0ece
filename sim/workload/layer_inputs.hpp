// What a layer's simulation is given: packed weights of one layer, and activations from the best source there
// is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/workload/activations.hpp"

namespace subbyte::sim {

struct LayerQuery {
  std::string weights;                ///< packed file; empty: `format` of `model`
  std::string format = {};            ///< format or policy (parse_policy)
  std::string model = {};             ///< for `format`
  std::string layer = {};             ///< empty: the first quantized one
  std::string activations;            ///< file; empty: the embedded model's recorded inputs, else Gaussian
  std::optional<std::size_t> tokens;  ///< default: all of the file's, or 16
  std::uint64_t seed = 1;             ///< of Gaussian activations
};

struct LayerInputs {
  std::string layer;
  std::size_t layers = 0;  ///< in the file or model
  quant::PackedTensor weights;
  Activations activations;
  std::string origin;  ///< of the activations, for results; says why nothing recorded was used
};

/// A layer of the source, before its weights are read.
struct SourceLayer {
  std::string name;
  std::optional<quant::Format> format;  ///< nothing: left unquantized
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// The packed file, or the model with its policy, opened once for all its layers.
class LayerSource {
 public:
  /// Throws as the readers and parse_policy().
  explicit LayerSource(LayerQuery query);
  ~LayerSource();
  std::span<const SourceLayer> layers() const { return layers_; }
  /// The name of the file or of the policy, for error texts.
  std::string text() const;
  /// Loads the layer that is named, else that of the query, else the first quantized one. Throws as
  /// read_layer_inputs().
  LayerInputs load(const std::string& name = "") const;

 private:
  struct Opened;
  LayerQuery query_;
  std::unique_ptr<Opened> opened_;
  std::vector<SourceLayer> layers_;
};

/// Throws InputError as the readers do, for a number of tokens that is not there, and for a layer that the
/// packed file or the policy left unquantized; parse_policy's errors.
LayerInputs read_layer_inputs(const LayerQuery& query);

/// Standard normal numbers rounded to FP16. They depend on the seed alone, on every host.
Activations gaussian_activations(std::size_t tokens, std::size_t cols, std::uint64_t seed);

}  // namespace subbyte::sim
