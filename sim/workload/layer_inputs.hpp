// What a layer's simulation is given: the packed weights of one layer, and activations from the best source there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

class Checkpoint;
struct LinearLayer;
class PackedFile;
class Policy;

/// The inputs of a layer, or why there are none.
struct RecordedInputs {
  std::optional<Activations> activations = {};
  std::string why = {};  ///< what is missing and what the user can do; empty where there are activations
};

/// Runs a model on its own text and returns the inputs that a layer sees, [tokens][in]. There are none of a model that
/// cannot be run or has no text beside it, nor of a layer that its forward pass does not run as a linear one.
/// (sim/llm/record_activations.hpp has such a function; this wing knows no forward pass.)
using RecordActivations =
    std::function<RecordedInputs(const Checkpoint& model, const LinearLayer& layer, std::size_t tokens)>;

/// Asks for the inputs that a layer gets. Without a file they are those of the model that the weights belong to,
/// recorded by `record` or, for the embedded model, kept beside it; where there are none they are Gaussian. They are
/// never those of another model, though names and widths may agree.
struct ActivationQuery {
  /// a file that holds them; where it is empty, the comment above says what they are
  std::string file = {};
  std::string model = {};                  ///< the model that a packed file was packed from; empty where nobody told it
  RecordActivations record = {};           ///< may be empty
  std::optional<std::size_t> tokens = {};  ///< without it all tokens of the file are taken, or 16
  std::uint64_t seed = 1;                  ///< the seed of Gaussian activations
};

struct LayerInputs {
  std::string layer;
  std::size_t layers = 0;  ///< number of layers in the file or model
  quant::PackedTensor weights;
  Activations activations;
  std::string model;   ///< the path of the model that the weights are of; empty where it is not known
  bool drawn = false;  ///< whether the activations were drawn from the seed
  std::string origin;  ///< where the activations are from, for results; it says why nothing recorded was used
};

/// The packed file, or the model with its policy, opened once for all its layers.
class LayerSource {
 public:
  explicit LayerSource(PackedFile file);
  /// `origin` is the name that the model was asked for by, for texts. Throws as Policy::check() does.
  LayerSource(Policy policy, std::shared_ptr<const Checkpoint> model, std::string origin);
  LayerSource(LayerSource&&) noexcept;
  ~LayerSource();
  std::span<const WorkloadLayer> layers() const { return layers_; }
  /// The name of the file or of the policy, for error texts.
  std::string text() const;
  /// Returns the name of the file or of the model.
  const std::string& origin() const { return origin_; }
  /// The layer of that name, as the file or the model tells it; an empty name means the first quantized one. Throws
  /// InputError for a name that is not there, naming the nearest, and where no layer is quantized.
  const WorkloadLayer& layer(std::string_view name) const;
  /// How many tokens load() gives of a file of activations. Throws as it does for that file.
  static std::size_t recorded_tokens(const WorkloadLayer& layer, const ActivationQuery& activations);
  /// Loads one of layers(). Throws InputError as the readers do, for a number of tokens that is not there, and for a
  /// layer that the packed file or the policy left unquantized.
  LayerInputs load(const WorkloadLayer& layer, const ActivationQuery& activations = {}) const;

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
  std::string origin_;
  std::vector<WorkloadLayer> layers_;
};

/// Opens what a command names: the packed file `weights`, or, where that is empty, `format` (parse_policy) of `model`.
/// Throws as the readers, parse_policy() and Policy::check() do.
LayerSource open_layers(const std::string& weights, const std::string& format, const std::string& model);
/// Returns the model's layers in each of the formats; the model is opened once. Throws as open_checkpoint() does.
std::vector<std::shared_ptr<const LayerSource>> open_layers(std::span<const quant::Format> formats,
                                                            const std::string& model);

/// Draws standard normal numbers rounded to FP16. They depend on the seed alone, on every host.
Activations gaussian_activations(std::size_t tokens, std::size_t cols, std::uint64_t seed);

}  // namespace subbyte::sim
