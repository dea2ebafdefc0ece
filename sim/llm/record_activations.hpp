// The inputs of linear layers during a forward pass, kept as FP16 for `simulate --activations`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Keeps the first `tokens` inputs that each layer sees.
class ActivationRecorder {
 public:
  explicit ActivationRecorder(std::size_t tokens) : tokens_(tokens) {}

  /// Takes x [tokens][layer.cols]. Throws InputError, which names the layer, for a value that overflows FP16.
  void observe(const LinearLayer& layer, std::span<const float> x);
  /// Writes F16 [tokens][cols] per layer under the layer's name, which is what load_activations() reads. `ids`, the
  /// tokens themselves, go into the metadata. Throws InputError when the file cannot be written.
  void write(const std::string& path, const std::string& model, std::span<const std::uint32_t> ids) const;
  bool has(const std::string& layer) const { return layers_.contains(layer); }
  /// Returns what was kept of a layer. Throws std::out_of_range for a layer that was not observed.
  Activations of(const std::string& layer) const;

 private:
  struct Recording {
    std::size_t cols = 0;
    std::vector<std::uint16_t> bits;
  };
  std::size_t tokens_;
  std::map<std::string, Recording> layers_;
};

/// Records a model on its own text as it is asked for layers: one forward pass over the text beside the model serves
/// all of them. It may be copied; copies share what was recorded. It gives nothing for a model that is no Llama, and
/// for one without a text, or without a tokenizer for it, beside it.
RecordActivations recorded_by_the_model();

}  // namespace subbyte::sim
